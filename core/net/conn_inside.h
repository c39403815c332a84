/* Conn_inside: a connection as conn.c and conn_write.c see it, and what they ask of each other. */
#ifndef FOYER_NET_CONN_INSIDE_H
#define FOYER_NET_CONN_INSIDE_H

#include "base/buf.h"
#include "exec/job.h"
#include "http/parse.h"
#include "net/conn.h"

#include <netinet/in.h>
#include <uv.h>

enum conn_state {
    CONN_IDLE,
    CONN_HEADER,
    CONN_BODY,
    CONN_RUNNING,
    CONN_WRITING,
    CONN_LINGERING,
    CONN_CLOSING,
    CONN_STATES
};

/* Belongs to its loop's thread. */
struct conn {
    uv_tcp_t tcp;
    struct net_loop *net;
    struct conn *previous, *next; /* of the loop's */
    struct parser *parser;
    struct job *job; /* NULL: no request has begun */
    struct deadline deadline;
    enum conn_state state;
    bool closes;        /* after the answer that is being made */
    bool has_ended;     /* the peer sends no more */
    bool is_stopped;    /* reading is: enough is read ahead */
    bool is_processing; /* bytes are being given to the parser */
    bool was_continued; /* 100 has been sent */
    bool is_away;       /* exec has the job */
    bool is_closed;     /* the socket is */
    uint32_t served;
    size_t body_bytes;   /* of the body, as counted in the loop's */
    size_t window_bytes; /* of the body or the write queue when the window began */
    size_t discarded;    /* while lingering */
    struct buf ahead;    /* came while an answer was being made */
    char peer[INET6_ADDRSTRLEN];
};

static inline uv_stream_t *stream_of(struct conn *conn)
{
    return (uv_stream_t *)&conn->tcp;
}

void conn_enter(struct conn *conn, enum conn_state state);
uint64_t conn_now(const struct conn *conn);
struct conn *conn_of(struct deadline *deadline);
/* Reads again after enough was read ahead. */
void conn_resume(struct conn *conn);
/* The answer is out and the connection goes on. */
void conn_go_on(struct conn *conn);

/* ---- conn_write.c ---- */
/* Writes conn->job's reply; then goes on, or ends the connection. */
void conn_write_answer(struct conn *conn);
void conn_write_continue(struct conn *conn);

#endif
