/* Decisions: reading what rules decided (policy/decision.h writes it). */
#ifndef FOYER_STORE_DECISIONS_H
#define FOYER_STORE_DECISIONS_H

#include "base/field.h"
#include "store/list.h"

struct decision_row {
    int64_t seq, at;
    struct str request_id;
    struct str actor_kind;
    struct uuid actor_id;
    struct str action; /* "client.create" */
    struct uuid entity_id;
    struct str verdict; /* allow, deny, error */
    struct str code, reason;
    struct str rule;  /* "permissions.lua:12" */
    struct str reads; /* JSON: what the rules looked at */
    int64_t nanoseconds;
};

extern const struct list_columns decision_columns;

enum status decision_list(struct tx *tx, const struct list *list, struct decision_row **rows,
                          size_t *count);

#endif
