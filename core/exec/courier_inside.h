/* Courier_inside: a mail on its way, as the courier's files know it.
 *
 *   courier.c          the thread, its loop, who is due, the slots
 *   courier_prepare.c  from the row to the bytes: may it go, words, message
 *   courier_result.c   from the outcome to the row: when again, the write
 *   courier_socket.c   the mail server and what is fetched, in the courier's loop
 */
#ifndef FOYER_EXEC_COURIER_INSIDE_H
#define FOYER_EXEC_COURIER_INSIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/thread.h"
#include "exec/batch.h"
#include "exec/courier.h"
#include "exec/courier_fetch.h"
#include "exec/mailer.h"
#include "mail/message.h"
#include "store/mail.h"

#include <stdatomic.h>
#include <uv.h>

/*   FREE ─▶ TAKEN ─▶ SENDING ─▶ SAVING ─▶ FREE      UNSAVED: the writer could not take the result
 *             └───────(no need)───▲ └▶ UNSAVED ─▶ SAVING            now; it is offered again */
enum delivery_stage {
    DELIVERY_FREE,
    DELIVERY_TAKEN,
    DELIVERY_SENDING,
    DELIVERY_SAVING, /* the writer's, until done */
    DELIVERY_UNSAVED
};

struct delivery {
    struct courier *courier;
    enum delivery_stage stage;
    struct arena arena; /* of mail, sender, result */
    struct mail mail;
    struct uuid workspace_id;
    struct message message; /* what bytes were made of */
    struct buf bytes;
    struct smtp_mail smtp;
    struct mail_result result;
    struct write write;
    struct arena attempt;  /* of one run of the write */
    uint64_t save_at;      /* UNSAVED: monotonic */
    struct delivery *next; /* in the courier's mailbox */
};

/* A socket that the loop looks at for smtp. */
struct courier_watch;

/* The thread's alone, but for what says otherwise. */
struct courier {
    struct courier_options options;
    struct thread thread;
    bool is_started, has_loop;
    uv_loop_t loop;
    uv_async_t wake; /* any thread */
    uv_timer_t look, smtp_timer, grace;
    struct db *db;
    struct smtp *smtp; /* NULL: the maildir */
    struct fetcher *fetcher;
    struct mailer mailer;
    struct arena kept; /* of mailer */
    struct courier_watch *watches;
    struct delivery deliveries[LIMIT_MAIL_IN_FLIGHT];
    struct arena arena; /* of one look */
    bool is_stopping;
    bool is_test_clock; /* time may leap */

    struct mutex lock;      /* of the mailbox: */
    struct delivery *saved; /* come back from the writer */
    struct list_node asked; /* requests that came */
    bool is_stop_asked;

    _Atomic bool has_ended;
    _Atomic uint64_t counts[MAIL_STATES], fallbacks, in_flight;
};

/* ---- courier_prepare.c ---- */

enum prepared {
    PREPARED,        /* delivery->bytes may be sent */
    PREPARED_RESULT, /* it is not to be sent: delivery->result says why */
    PREPARED_NOT     /* nothing is owed any more */
};
enum prepared courier_prepare(struct delivery *delivery, int64_t seq);

/* ---- courier_result.c ---- */

/* What smtp says becomes the result. */
void courier_judge(struct delivery *delivery);
/* The result of a try that gave no answer of a mail server. */
void courier_defer(struct delivery *delivery, struct str why);
extern const struct write_calls courier_write_calls;

/* ---- courier_socket.c ---- */

/* Without smtp_url there is none. ST_UNAVAILABLE: no libcurl; it was logged. */
enum status courier_open_smtp(struct courier *courier);
/* Begins what was asked for, ends what was given up. */
void courier_take_fetches(struct courier *courier);

/* ---- courier_scratch.c ---- */

/* In tests of scripts: the mail is kept for them, and counts as sent. False: it is to be sent. */
bool courier_keep(struct delivery *delivery);

/* ---- courier.c ---- */

/* Ends the loop when it is stopping and nothing is on its way. Not from within smtp. */
void courier_end_if_idle(struct courier *courier);

/* Goes on with what came back from the writer; fills the free slots with what is due, and gives when to look again
 * (wall time; 0: when woken). */
void courier_take_saved(struct courier *courier);
int64_t courier_take_due(struct courier *courier);

/* On the writer's thread: the result is written, or could not be. */
void courier_on_written(struct delivery *delivery);

#endif
