/* List: one page of a table, by key and never by OFFSET.
 *
 * A handler fills a struct list from the request (api/list.h), a table's file runs it. A page costs
 * the same however long the list is: scope, filters and order become one indexed statement.
 */
#ifndef FOYER_STORE_LIST_H
#define FOYER_STORE_LIST_H

#include "store/scope.h"

/* Those of a request, and what a search adds to them. */
enum { LIST_ASKED = 16, LIST_SEARCHED = 8, LIST_FILTERS = LIST_ASKED + LIST_SEARCHED };

struct list_filter {
    const char *condition; /* literal with one %s, or none, for the parameter: "t.email_key = %s" */
    struct arg value;
    const char *exact; /* must hold as well; NULL: nothing more */
    struct arg exact_value;
    bool or_next; /* any of this one and the next */
};

/* How ?name=value becomes conditions. NAME compares the folded twin (for the index) and the text. BOOL
 * with `exact` has two literal conditions, of true and of false, which partial indexes can serve. COMPANY is
 * the id of a company: one that staff is not let near is nobody's, as one that is not there. */
enum filter_kind {
    FILTER_TEXT,
    FILTER_NAME,
    FILTER_EMAIL,
    FILTER_ID,
    FILTER_COMPANY,
    FILTER_ENUM,
    FILTER_BOOL
};
struct filter {
    const char *name; /* of a field with FIELD_FILTER whose column alone is not enough */
    enum filter_kind kind;
    const char *condition;
    const char *exact; /* FILTER_NAME: the second condition; FILTER_BOOL: that of false */
};

/* A sort: name outside, the columns that order it (the last one is unique), e.g. "t.seq". */
struct list_sort {
    const char *name;
    const char *columns[3]; /* unused ones NULL */
};

struct list {
    const char *
        of; /* what its rows are: "client"; tokens of another list are refused. NULL: has no tokens */
    struct scope scope;
    struct scope
        second; /* of the second kind of rows: struct list_kinds; of what else is searched by */
    struct list_filter filters[LIST_FILTERS];
    size_t filter_count;
    const struct list_sort *sort;
    bool descending;
    struct str after;  /* nextToken as it came; absent: first page */
    struct str search; /* folded q; absent: none */
    int64_t limit;
};

/* A list of two kinds of rows: list->scope says which of those that `first` holds of are seen, and
 * list->second which of `second`, by the columns that stand here. */
struct list_kinds {
    const char *first, *second; /* "t.client IS NOT NULL" */
    struct scope_columns scope;
};

struct list_columns {
    const char *select;            /* "SELECT t.seq, t.id" */
    const char *from;              /* "FROM clients t" */
    const char *where;             /* "t.workspace = $1 AND t.archived_at IS NULL" */
    const struct filter *filters;  /* up to a NULL name; NULL: none. Others compare their column */
    const struct list_sort *sorts; /* first is the default; ends with a NULL name */
    const struct list_sort
        *found;       /* of what a search finds, descending; NULL: has no such search */
    const char *word; /* instead: what each word of q must meet, for short tables; NULL: none */
    struct scope_columns scope;
    const struct list_kinds *kinds; /* NULL: one kind */
};

/* Builds `select WHERE where AND scope AND filters AND key > after ORDER BY … LIMIT limit+1`.
 * Gives a query to step; ST_INVALID: a nextToken that is not ours (or of another list or sort). */
struct query list_open(struct tx *tx, const struct list_columns *columns, const struct list *list);
/* The count under the same scope and filters. */
int64_t list_count(struct tx *tx, const struct list_columns *columns, const struct list *list);
/* Whether a row that was loaded just now, by its id, is in the scope. */
bool list_holds(struct tx *tx, const struct list_columns *columns, const struct scope *scope,
                struct uuid id);
/* The number that list->after stands at, for an order of one number. False: it is no token of that order. */
bool list_after(struct tx *tx, const struct list *list, const struct list_sort *sort,
                int64_t *number);
/* The token that continues after a row whose sort values are given: opaque base64url text. */
struct str list_token(struct tx *tx, const struct list *list, const struct arg *values,
                      size_t count);

#endif
