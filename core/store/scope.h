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

/* Adds what `from` gives to *into; borrows its terms. False: more than LIMIT_SCOPE_TERMS together. */
bool scope_unite(struct scope *into, const struct scope *from, struct arena *arena);

/* What the terms mean for one entity, in SQL with %s where the parameter stands: own and
 * account_manager get an id; tags a JSON array, for json_each(%s); companies and ids a blob, for
 * has_id(%s, id) or the table ids(%s) (name it first and go on by CROSS JOIN: SQLite, which knows
 * nothing of its length, would begin elsewhere). NULL: the term matches nothing. */
struct scope_terms {
    const char *own;
    const char *companies;
    const char *account_manager;
    const char *tags;
    const char *ids;
};

struct scope_columns {
    struct scope_terms row;  /* conditions on the row t: "t.id = %s" */
    struct scope_terms rows; /* SELECTs of t.seq by an index; NULL where there is none */
};

/* Arguments that a built statement gathers. Lives in the transaction's arena. */
struct args {
    struct arg *at;
    size_t count, cap;
};
/* Adds one and gives its number, to be written as $number. */
size_t args_add(struct tx *tx, struct args *args, struct arg arg);

/* Writes the union as "(…)" that is asked of a row. SCOPE_EVERYTHING: "1"; SCOPE_NONE: "0". Borrows
 * the scope's ids until the query is closed. */
void scope_compile(struct tx *tx, const struct scope *scope, const struct scope_columns *columns,
                   struct buf *sql, struct args *args);
/* Can all rows of the scope be found by indexes? */
bool scope_can_find(const struct scope *scope, const struct scope_columns *columns);
/* Then writes "SELECT … UNION ALL SELECT …", which gives the t.seq of each, some perhaps twice. */
void scope_compile_rows(struct tx *tx, const struct scope *scope,
                        const struct scope_columns *columns, struct buf *sql, struct args *args);

#endif
