/* Bare: the server that Foyer is measured against. libuv, llhttp, SQLite, Lua, and nothing else.
 *
 * One loop thread owns the sockets, a read connection and a Lua state; one writer thread owns the
 * write connection. What each file does: main.c options and start, conn.c HTTP, answer.c the
 * routes, writer.c creates, rule.c the rule, rows.h and shape.h the tables and bytes
 * of Foyer.
 */
#ifndef BARE_BARE_H
#define BARE_BARE_H

#include "rows.h"

#include <llhttp.h>
#include <uv.h>

enum { URL_MAX = 1024, KEY_MAX = 128, BODY_MAX = 8192, AHEAD_MAX = 65536 };

struct conn;

/* A create under way: filled by the loop, run by the writer, answered by the loop. */
struct job {
    struct job *next;
    struct conn *conn; /* NULL: it hung up meanwhile */
    struct key key;
    struct create create;
    int64_t tokens;
    struct out json;
    int status;
    char text[BODY_MAX]; /* where create's texts lie; all above begins as zero */
};

struct writer;
struct rule;

struct bare {
    uv_loop_t *loop;
    struct rows *rows;
    struct rule *rule;
    struct writer *writer;
    struct out head, body; /* of the answer that is being made */
    char date[64];         /* the line of this second */
    struct out id;         /* of the request */
    char id_prefix[16];
    uint64_t id_count;
    int64_t tokens; /* left in the bucket that was asked last */
};

struct conn {
    uv_tcp_t tcp;
    llhttp_t parser;
    struct bare *bare;
    struct job *job;         /* of the create under way; NULL: none */
    struct out ahead;        /* bytes that came behind a create that is under way */
    bool is_key, is_closing; /* the header line being read is X-API-Key */
    size_t url_len, name_len, key_len, body_len;
    char url[URL_MAX], name[16], key[KEY_MAX], body[BODY_MAX];
};

/* conn.c: takes connections of the listening socket. */
void conn_accept(uv_stream_t *listener, int status);
/* Sends bare->body with this status; goes on with what came behind. */
void conn_answer(struct conn *conn, int status, struct text request_id);
/* Back on the loop with a finished job. */
void conn_finish(struct bare *bare, struct job *job);

/* answer.c: answers the request that conn holds, or gives it to the writer. */
void answer(struct conn *conn);

/* writer.c. group: all that wait share a commit. */
struct writer *writer_start(struct bare *bare, const char *data, bool group);
void writer_put(struct writer *writer, struct job *job);
void writer_stop(struct writer *writer); /* finishes what it has */

/* rule.c: one call of a Lua function that asks actor:can and says allow. */
struct rule *rule_new(void);
void rule_free(struct rule *rule);
bool rule_allows(struct rule *rule, const struct key *key, enum may what);

#endif
