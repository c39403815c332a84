/* Webhook endpoint: another server that wants to be told what happens in a workspace.
 *
 *   active ─▶ paused     by somebody, or because it keeps failing: nothing is sent, what happens waits
 *      ▲        │
 *      └────────┘        resumed: what waited is sent
 *
 * Its secret is derived from the server's key, its id and a salt, and so is stored nowhere; a new one comes of a
 * new salt. For a day the one before signs, too.
 */
#ifndef FOYER_STORE_WEBHOOK_ENDPOINT_H
#define FOYER_STORE_WEBHOOK_ENDPOINT_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

enum webhook_status { WEBHOOK_ACTIVE, WEBHOOK_PAUSED };

enum { WEBHOOK_SALT = 16 };

struct webhook_endpoint {
    int64_t seq;
    struct uuid id;
    struct str url, description;
    struct texts events; /* names, "client.*", "*" */
    int status;          /* enum webhook_status */
    struct str paused_reason;
    int64_t paused_at;
    struct str created_by_kind;
    struct uuid created_by;
    struct uuid contact; /* of staff: told when it is paused; none: nobody */
    int64_t created_at, updated_at;
    int64_t succeeded_at, failed_at, failed_status, failing_since, failures, took_ms;
    struct str failed_why;
    int64_t before_until; /* the secret before signs, too; 0: there is none */
    uint8_t salt[WEBHOOK_SALT], salt_before[WEBHOOK_SALT];
    struct str secret, secret_before; /* filled in by api where they are told */
};

extern const struct list_columns webhook_endpoint_columns;

/* Makes it; it is told what happens from now on. ST_UNPROCESSABLE too_many_webhook_endpoints. */
enum status webhook_endpoint_create(struct tx *tx, struct webhook_endpoint *endpoint);
/* ST_NOT_FOUND. */
enum status webhook_endpoint_load(struct tx *tx, struct uuid id, struct webhook_endpoint *endpoint);
enum status webhook_endpoint_list(struct tx *tx, const struct list *list,
                                  struct webhook_endpoint **endpoints, size_t *count);
bool webhook_endpoint_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* Writes url, description and events. */
enum status webhook_endpoint_update(struct tx *tx, struct webhook_endpoint *endpoint);
enum status webhook_endpoint_delete(struct tx *tx, const struct webhook_endpoint *endpoint);
/* False: it is paused already, or (resume) active; nothing is changed. Resuming forgets the failures. */
bool webhook_endpoint_pause(struct tx *tx, struct webhook_endpoint *endpoint, struct str reason);
bool webhook_endpoint_resume(struct tx *tx, struct webhook_endpoint *endpoint);
/* A new secret; the one that was signs until tomorrow. */
enum status webhook_endpoint_rotate(struct tx *tx, struct webhook_endpoint *endpoint);
/* Fills in secret, and secret_before while that is good: "whsec_…". */
void webhook_endpoint_tell_secrets(struct tx *tx, struct webhook_endpoint *endpoint);

#endif
