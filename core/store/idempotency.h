/* Idempotency: answers kept for a repeated Idempotency-Key, for 24 hours. */
#ifndef FOYER_STORE_IDEMPOTENCY_H
#define FOYER_STORE_IDEMPOTENCY_H

#include "base/uuid.h"
#include "store/tx.h"

struct kept_answer {
    struct uuid actor;
    struct str route; /* "POST /v1/clients" */
    struct str key;
    uint8_t body_hash[32]; /* of query and body */
    int status;
    struct str body; /* absent: had a secret; entity_id tells what was made */
    struct uuid entity_id;
};

/* Looks (workspace, actor, route, key) up and fills the rest. False: not seen, or older than 24 h. */
bool idempotency_find(struct tx *tx, struct kept_answer *answer);
enum status idempotency_keep(struct tx *tx, const struct kept_answer *answer);
/* Chore: deletes what is older than 24 h, at most 500. */
size_t idempotency_sweep(struct tx *tx);

#endif
