/* Audit: reading what was recorded (record.h writes it). */
#ifndef FOYER_STORE_AUDIT_H
#define FOYER_STORE_AUDIT_H

#include "base/field.h"
#include "store/list.h"

struct audit_entry {
    int64_t seq;
    struct str action; /* "client.create" */
    struct str entity;
    struct uuid entity_id;
    struct str actor_kind;
    struct uuid actor_id;
    struct str behalf_kind;
    struct uuid behalf_id;
    struct str road, peer, request_id;
    struct str detail; /* JSON {before, after}; absent: none, or erased */
    struct str seal;   /* hex; absent: not sealed yet */
    int64_t created_at;
};

extern const struct list_columns audit_columns;

enum status audit_list(struct tx *tx, const struct list *list, struct audit_entry **entries,
                       size_t *count);

#endif
