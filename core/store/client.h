/* Client: the people whom the firm serves. */
#ifndef FOYER_STORE_CLIENT_H
#define FOYER_STORE_CLIENT_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

enum client_status { CLIENT_NOT_INVITED, CLIENT_INVITED, CLIENT_ACTIVE };
enum creation_method { BY_INTERNAL_USER, BY_CLIENT, BY_DIRECT_SIGN_UP, BY_IMPORT };

struct client {
    int64_t seq;
    struct uuid id;
    int64_t login; /* seq; 0: none yet */
    struct str given_name, family_name;
    struct str email; /* absent: a contact without an address */
    struct str phone, position;
    int status;          /* enum client_status */
    int creation_method; /* enum creation_method */
    struct str avatar_url, fallback_color;
    struct uuid account_manager;
    struct texts tags;
    struct str custom_fields; /* JSON object */
    struct uuid company_id;   /* the first of company_ids */
    struct ids company_ids;
    struct uuid link_token; /* of the link that staff may copy; none: no open invite */
    struct str invite_url;  /* filled in by api where the actor may know it */
    int64_t first_login_at, last_login_at, last_activity_at;
    int64_t created_at, updated_at, archived_at;
};

extern const struct list_columns client_columns;
struct list_columns client_archived_columns(void); /* of the archive, which has no search */

/* Makes it with its companies. Needs a good address or none. ST_CONFLICT email_taken;
 * ST_UNPROCESSABLE client_limit_reached. */
enum status client_create(struct tx *tx, struct client *client);
/* Not archived ones only. ST_NOT_FOUND. */
enum status client_load(struct tx *tx, struct uuid id, struct client *client);
enum status client_load_by_seq(struct tx *tx, int64_t seq, struct client *client);
bool client_find(struct tx *tx, int64_t seq, struct client *client); /* the same, without failing */
/* Writes every column of *client back, and its companies where they differ. */
enum status client_update(struct tx *tx, struct client *client);
/* Archives: keeps the row and its history, frees the address, ends sessions and invites. Its
 * placeholder company goes (company_prune). */
enum status client_archive(struct tx *tx, const struct client *client);
/* Archived or not. ST_NOT_FOUND. */
enum status client_load_any(struct tx *tx, struct uuid id, struct client *client);
/* Out of the archive, with the address and the companies of *client; its sessions and invites stay ended. Who has
 * its login meanwhile keeps it. ST_CONFLICT not_archived, email_taken; ST_UNPROCESSABLE client_limit_reached. */
enum status client_restore(struct tx *tx, struct client *client);
/* Deletes the row for good (delete_permanently). */
enum status client_delete(struct tx *tx, const struct client *client);
/* notInvited → invited, and back after a final refusal before any success; never away from active. */
void client_set_invited(struct tx *tx, int64_t seq, bool is_invited);
/* A sign-in: status active, first and last login. True: it was the first. */
bool client_signed_in(struct tx *tx, int64_t seq, int64_t login);
/* Last activity, gathered by loops and written in bulk. */
void client_touch(struct tx *tx, struct uuid id, int64_t at);

/* One page; up to limit + 1 rows so that the caller knows whether more follow. With list->search: by
 * client_search, newest first, and by the companies of the scope in list->second. */
enum status client_list(struct tx *tx, const struct list *list, struct client **clients,
                        size_t *count);
enum status client_list_archived(struct tx *tx, const struct list *list, struct client **clients,
                                 size_t *count);
/* How many the list has in all pages. ST_UNPROCESSABLE: a search by words below three characters. */
int64_t client_count(struct tx *tx, const struct list *list);
bool client_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
bool client_archived_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* Of those in the company (seq) that are not archived and in the scope, at most `most`; in the arena. */
enum status client_ids_in(struct tx *tx, int64_t company, const struct scope *scope, size_t most,
                          struct ids *ids);
/* Places a row for list_token. */
size_t client_sort_values(const struct tx *tx, const struct list *list, const struct client *client,
                          struct arg values[3]);

/* Chore: indexes what is above the watermark and what is dirty, at most `most` rows; gives how many. */
size_t client_index(struct tx *tx, size_t most);

#endif
