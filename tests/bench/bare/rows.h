/* Rows: Foyer's tables as the bare server reads and writes them.
 *
 * The place to adapt, with shape.c, when Foyer's schema or the JSON of a client changes: the same
 * tables, rows, indexes and bytes as core/store and core/api. A struct rows belongs to one thread.
 * A failing statement prints why and exits: a server that measures something else than it should
 * is of no use.
 */
#ifndef BARE_ROWS_H
#define BARE_ROWS_H

#include "out.h"

#include <stdbool.h>

struct rows;

/* Who asks. */
struct key {
    int64_t workspace;
    int64_t seq;
    unsigned char id[16];
    unsigned char owner[16]; /* of the internal user on whose behalf it works */
    uint64_t may;            /* bits of enum may */
};
enum may { MAY_VIEW = 1, MAY_CREATE = 2 };

/* A text; at NULL: not given. */
struct text {
    const char *at;
    size_t len;
};

struct list {
    int64_t limit;
    struct text given, family, q; /* filters: exact names, search */
};

/* What a create brings, and which request it was. */
struct create {
    struct text given, family, email;
    struct text request_id;
};

struct rows *rows_open(const char *data, bool is_writer);
void rows_close(struct rows *rows);

/* Reading: rows_read.c. SHA-256 of the key's text to who holds it; false: nobody. Begins a read
 * snapshot that lasts until rows_end, in any case. */
bool rows_key(struct rows *rows, const unsigned char hash[32], struct key *key);
void rows_end(struct rows *rows);
/* Writes the JSON of one client; false: there is none. */
bool rows_client(struct rows *rows, const struct key *key, const unsigned char id[16],
                 struct out *json);
/* Writes {"data":[…],"nextToken":…}. */
void rows_list(struct rows *rows, const struct key *key, const struct list *list, struct out *json);
/* Ids, names and so on of random clients for the load, a line each, on stdout. */
bool rows_sample(struct rows *rows, const char *what, int count);

/* Writing: rows_write.c. A batch of creates is one transaction. create: false when the address is
 * taken (then nothing of it is written). json gets the client. */
void rows_batch_begin(struct rows *rows);
bool rows_create(struct rows *rows, const struct key *key, const struct create *create,
                 struct out *json);
void rows_batch_commit(struct rows *rows);
/* Brings at most `most` of what was created since into the search index; gives how many. */
int64_t rows_index(struct rows *rows, int64_t most);
/* Seals at most `most` entries of the audit chain; gives how many. */
int64_t rows_seal(struct rows *rows, int64_t most);

/* A UUIDv7. */
void rows_new_id(unsigned char id[16]);

#endif
