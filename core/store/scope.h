/* Scope: which rows of an entity an actor may see at all, as a closed term that C compiles to SQL.
 *
 * Answered by scope functions in Lua (policy), used by every list, count, search and single read.
 */
#ifndef FOYER_STORE_SCOPE_H
#define FOYER_STORE_SCOPE_H

#include "base/buf.h"
#include "base/field.h"
#include "store/query.h"

enum scope_kind { SCOPE_NONE, SCOPE_EVERYTHING, SCOPE_TERMS };
enum scope_term_kind { SCOPE_OWN, SCOPE_COMPANIES, SCOPE_ACCOUNT_MANAGER, SCOPE_TAGS, SCOPE_IDS };

struct scope_term {
    enum scope_term_kind kind;
    struct ids ids;     /* COMPANIES, IDS; ACCOUNT_MANAGER: one id */
    struct texts texts; /* TAGS */
};

/* A union. */
struct scope {
    enum scope_kind kind;
    struct scope_term *terms;
    size_t count;
};

/* What the terms mean for one entity, as SQL conditions on the alias `t` with %s for the list of
 * ids as a json array parameter; NULL: the term matches nothing there. */
struct scope_columns {
    const char *own; /* "t.id = %s" : %s is the parameter of the actor's id */
    /* "EXISTS (SELECT 1 FROM memberships m WHERE … m.company_id IN (SELECT … json_each(%s)))" */
    const char *companies;
    const char *account_manager;
    const char *tags;
    const char *ids;
};

/* Arguments that a built statement gathers. Lives in the transaction's arena. */
struct args {
    struct arg *at;
    size_t count, cap;
};
/* Adds one and gives its number, to be written as $number. */
size_t args_add(struct tx *tx, struct args *args, struct arg arg);

/* Writes "(…)" into sql. SCOPE_EVERYTHING: "1"; SCOPE_NONE: "0". */
void scope_compile(struct tx *tx, const struct scope *scope, const struct scope_columns *columns,
                   struct buf *sql, struct args *args);

#endif
