/* Control inside: one question on the control socket, between its connection and what is done for it. */
#ifndef FOYER_EXEC_CONTROL_INSIDE_H
#define FOYER_EXEC_CONTROL_INSIDE_H

#include "exec/control.h"
#include "exec/inside.h"

struct backup_copy;
struct control;

/* The loop's alone but for what says otherwise. */
struct asking {
    struct control *control;
    struct asking *next;
    uv_pipe_t pipe;
    uv_timer_t timer;
    int handles;      /* that are open */
    struct buf in;    /* the question as it comes */
    struct job *job;  /* while it is done; NULL: not yet, or over */
    bool is_answered; /* the last frame is on its way */
    bool is_gone;     /* the peer is */
    bool
        is_unread; /* refused before it asked: closing at once would take the answer away from it */

    struct str backup_path;     /* in the job's arena */
    struct backup_copy *copy;   /* the writer's */
    enum status backup_outcome; /* the writer's, then the loop's */
    uint64_t backup_commits;
    _Atomic bool is_given_up; /* set by the loop */
    _Atomic uint64_t pages_done, pages_total;
};

/* Sends a frame; OUTPUT and FAILED close the connection once they are written. */
void asking_send(struct asking *asking, enum control_frame kind, struct str content);
/* Does what the whole frame in asking->in asks for. */
void asking_run(struct asking *asking, struct str question);
/* Sends how far it is, if it is something long. */
void asking_progress(struct asking *asking);

struct server *control_server(struct control *control);
/* One backup at a time. */
bool control_take_backup(struct control *control);
void control_give_backup(struct control *control);
/* Writes the answer of `status`. */
void control_status(struct server *server, struct buf *out);

#endif
