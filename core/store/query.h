/* Query: one statement of one transaction.
 *
 *     struct query q = query_open(tx, "SELECT seq, name FROM companies WHERE workspace = $1 AND id = $2",
 *                                 ARGS(arg_int(tx->workspace), arg_id(id)));
 *     if (query_next(&q))
 *         company->name = query_text(&q, 1);
 *     query_close(&q);
 *
 * Parameters are $1 … $n in the order of ARGS. SQL texts are literals: the statement is kept by
 * the text's address. Built texts (lists with filters) are given as query_open_built and kept by
 * content, up to a ceiling. On a failed transaction query_open gives a query whose query_next is
 * false. Columns count from 0; texts are copied into the transaction's arena. Texts and blobs that
 * are given as arguments are borrowed until query_close; numbers and ids are copied. query_next
 * closes at its end by itself; every other way out of the loop needs query_close.
 */
#ifndef FOYER_STORE_QUERY_H
#define FOYER_STORE_QUERY_H

#include "base/field.h"
#include "base/uuid.h"
#include "store/tx.h"

enum arg_kind { ARG_NULL, ARG_INT, ARG_TEXT, ARG_BLOB, ARG_ID };

struct arg {
    enum arg_kind kind;
    int64_t number;
    const void *at;
    size_t len;
    uint8_t id[16];
};

struct arg arg_int(int64_t number);
struct arg arg_bool(bool value);
struct arg arg_text(struct str text); /* absent: NULL */
struct arg arg_blob(const void *at, size_t len);
struct arg arg_ids(struct ids ids); /* one after the other, 16 bytes each */
struct arg arg_id(struct uuid id);  /* none: NULL */
struct arg arg_time(int64_t wall);  /* 0: NULL */

#define ARGS(...)                                                                                  \
    (const struct arg[]){ __VA_ARGS__ },                                                           \
        sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg)
#define NO_ARGS NULL, 0

struct query {
    struct tx *tx;
    void *statement; /* NULL: the transaction had failed */
};

struct query query_open(struct tx *tx, const char *sql, const struct arg *args, size_t count);
struct query query_open_built(struct tx *tx, struct str sql, const struct arg *args, size_t count);
bool query_next(struct query *q); /* false: no more rows, or failed (tx_status knows) */
void query_close(struct query *q);

int64_t query_int(struct query *q, int column); /* NULL: 0 */
bool query_bool(struct query *q, int column);
struct str query_text(struct query *q, int column); /* NULL: absent */
struct str query_blob(struct query *q, int column);
struct uuid query_id(struct query *q, int column); /* NULL: none */
bool query_is_null(struct query *q, int column);

/* Runs a change; gives the number of rows that it changed, 0 on failure. A constraint that is
 * broken fails the transaction with ST_CONFLICT (CHECK, trigger: ST_UNPROCESSABLE). */
int64_t query_run(struct tx *tx, const char *sql, const struct arg *args, size_t count);
/* The same, and tells a broken UNIQUE without failing: true when it was broken (nothing changed). */
bool query_run_unique(struct tx *tx, const char *sql, const struct arg *args, size_t count);
int64_t query_last_seq(struct tx *tx);
/* First column of the first row, or `otherwise`. */
int64_t query_one_int(struct tx *tx, int64_t otherwise, const char *sql, const struct arg *args,
                      size_t count);

#endif
