/* Courier: its thread and loop, what is due, and the slots that mails travel in. */
#include "exec/courier_inside.h"

#include "api/site.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "exec/miswrite.h"
#include "exec/writer.h"
#include "mail/maildir.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

enum {
    GRACE_MS = 5000,
    AGAIN_SECONDS = 5,  /* after an outbox that could not be read */
    UNSAVED_MS = 1000,  /* after a result that could not be written */
    LONGEST_MS = 30000, /* the wall clock may be set */
    TEST_MS = 100,      /* and in tests it leaps */
};

static enum status open_loop(struct courier *courier, struct failure *failure, struct arena *arena);
static void run(void *arg);
static void on_wake(uv_async_t *wake);
static void on_look(uv_timer_t *timer);
static void on_grace(uv_timer_t *timer);
static void begin_stop(struct courier *courier);
static void look(struct courier *courier);
static void look_again(struct courier *courier, int64_t next);
static struct delivery *free_slot(struct courier *courier);
static bool is_on_its_way(const struct courier *courier, int64_t seq);
static bool deliver(struct delivery *delivery, int64_t seq);
static bool marks_early(const struct courier *courier);
static void send_it(struct delivery *delivery);
static void put_into_maildir(struct delivery *delivery);
static void on_smtp_done(struct smtp_mail *mail);
static void save(struct delivery *delivery);
static void put_off(struct delivery *delivery);
static void set_free(struct delivery *delivery);
static void save_again(struct courier *courier);

enum status courier_open(const struct courier_options *options, struct courier **made,
                         struct failure *failure, struct arena *arena)
{
    struct courier *courier = xcalloc(1, sizeof(*courier));
    const char *clock = getenv("FOYER_TEST_CLOCK");
    enum status status;
    size_t i;

    *made = courier;
    courier->options = *options;
    courier->is_test_clock = clock && *clock;
    mutex_init(&courier->lock);
    list_init(&courier->asked);
    arena_init(&courier->arena, LIMIT_REQUEST_ARENA);
    arena_init(&courier->kept, KIB(64));
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        struct delivery *delivery = &courier->deliveries[i];

        delivery->courier = courier;
        delivery->write.calls = &courier_write_calls;
        delivery->smtp.done = on_smtp_done;
        arena_init(&delivery->arena, LIMIT_REQUEST_ARENA);
        arena_init(&delivery->attempt, LIMIT_REQUEST_ARENA);
        buf_init(&delivery->bytes, LIMIT_MAIL_BYTES);
    }
    courier->db = db_later(options->database);
    status = open_loop(courier, failure, arena);
    if (status == ST_OK)
        return ST_OK;
    courier_close(courier);
    *made = NULL;
    return status;
}

enum status courier_start(struct courier *courier)
{
    enum status status;

    mailer_read(courier->options.config, site.base_url, &courier->kept, &courier->mailer);
    status = courier_open_smtp(courier);
    if (status == ST_OK) {
        courier->fetcher = fetcher_new(&courier->loop, courier->options.config->outgoing_allow);
        status = thread_start(&courier->thread, "courier", run, courier);
    }
    courier->is_started = status == ST_OK;
    return status;
}

void courier_wake(struct courier *courier)
{
    if (courier && !atomic_load(&courier->has_ended))
        uv_async_send(&courier->wake);
}

void courier_stop(struct courier *courier)
{
    if (!courier || !courier->is_started)
        return;
    mutex_lock(&courier->lock);
    courier->is_stop_asked = true;
    mutex_unlock(&courier->lock);
    courier_wake(courier);
    thread_join(&courier->thread);
    courier->is_started = false;
}

void courier_close(struct courier *courier)
{
    size_t i;

    if (!courier)
        return;
    PRE(!courier->is_started);
    smtp_close(courier->smtp);
    if (courier->has_loop) {
        if (!uv_is_closing((uv_handle_t *)&courier->wake)) { /* never ran */
            courier->is_stopping = true;
            courier_end_if_idle(courier);
        }
        uv_run(&courier->loop, UV_RUN_DEFAULT);
        NEVER(uv_loop_close(&courier->loop) != 0);
    }
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        arena_fini(&courier->deliveries[i].arena);
        arena_fini(&courier->deliveries[i].attempt);
        buf_fini(&courier->deliveries[i].bytes);
    }
    db_close(courier->db);
    arena_fini(&courier->arena);
    arena_fini(&courier->kept);
    mutex_fini(&courier->lock);
    free(courier);
}

void courier_figures(const struct courier *courier, struct courier_figures *figures)
{
    *figures = (struct courier_figures){
        .sent = atomic_load(&courier->counts[MAIL_SENT]),
        .deferred = atomic_load(&courier->counts[MAIL_DEFERRED]),
        .refused = atomic_load(&courier->counts[MAIL_REFUSED]),
        .cancelled = atomic_load(&courier->counts[MAIL_CANCELLED]),
        .fallbacks = atomic_load(&courier->fallbacks),
        .in_flight = atomic_load(&courier->in_flight),
    };
}

void courier_on_written(struct delivery *delivery)
{
    struct courier *courier = delivery->courier;

    mutex_lock(&courier->lock);
    delivery->next = courier->saved;
    courier->saved = delivery;
    mutex_unlock(&courier->lock);
    courier_wake(courier);
}

/* ---- Opening ----------------------------------------------------------------------------------- */

static enum status open_loop(struct courier *courier, struct failure *failure, struct arena *arena)
{
    int error = uv_loop_init(&courier->loop);

    if (error == 0) {
        error = uv_async_init(&courier->loop, &courier->wake, on_wake);
        if (error == 0) {
            courier->has_loop = true;
            uv_timer_init(&courier->loop, &courier->look);
            uv_timer_init(&courier->loop, &courier->smtp_timer);
            uv_timer_init(&courier->loop, &courier->grace);
            courier->wake.data = courier->look.data = courier->smtp_timer.data =
                courier->grace.data = courier;
            return ST_OK;
        }
        uv_loop_close(&courier->loop);
    }
    failure_set(failure, arena, ST_UNAVAILABLE, NULL, "An event loop cannot be made: %s.",
                uv_strerror(error));
    return ST_UNAVAILABLE;
}

/* ---- The thread -------------------------------------------------------------------------------- */

static void run(void *arg)
{
    struct courier *courier = arg;

    if (courier->options.is_owed)
        courier_wake(courier); /* what an earlier process left */
    uv_run(&courier->loop, UV_RUN_DEFAULT);
}

static void on_wake(uv_async_t *wake)
{
    struct courier *courier = wake->data;
    bool is_stop_asked;

    mutex_lock(&courier->lock);
    is_stop_asked = courier->is_stop_asked;
    mutex_unlock(&courier->lock);
    courier_take_saved(courier);
    courier_take_fetches(courier);
    if (is_stop_asked && !courier->is_stopping)
        begin_stop(courier);
    look(courier);
    courier_end_if_idle(courier);
}

static void on_look(uv_timer_t *timer)
{
    look(timer->data);
}

void courier_take_saved(struct courier *courier)
{
    struct delivery *delivery, *next;

    mutex_lock(&courier->lock);
    delivery = courier->saved;
    courier->saved = NULL;
    mutex_unlock(&courier->lock);
    for (; delivery; delivery = next) {
        next = delivery->next;
        if (delivery->write.status == ST_OK) {
            if (marks_early(courier) && delivery->result.state == MAIL_SENT)
                send_it(delivery);
            else
                set_free(delivery);
            continue;
        }
        /* It was sent, perhaps: it must not be sent again only because the disk is full. */
        log_error(delivery->mail.request_id, "the result of a mail cannot be written",
                  LOG_N("mail", delivery->mail.seq),
                  LOG_C("reason", status_code(delivery->write.status)));
        if (courier->is_stopping)
            set_free(delivery); /* whoever waits for the end need not wait for room on the disk */
        else
            put_off(delivery);
    }
}

/* Nothing new is taken. What cannot be saved is owed again at the next start. */
static void begin_stop(struct courier *courier)
{
    size_t i;

    courier->is_stopping = true;
    uv_timer_stop(&courier->look);
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage == DELIVERY_UNSAVED)
            set_free(&courier->deliveries[i]);
    uv_timer_start(&courier->grace, on_grace, GRACE_MS, 0);
}

static void on_grace(uv_timer_t *timer)
{
    struct courier *courier = timer->data;

    if (courier->smtp)
        smtp_abandon(courier->smtp);
    courier_end_if_idle(courier);
}

void courier_end_if_idle(struct courier *courier)
{
    size_t i;

    if (!courier->is_stopping || uv_is_closing((uv_handle_t *)&courier->wake))
        return;
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage != DELIVERY_FREE)
            return;
    atomic_store(&courier->has_ended, true);
    smtp_close(courier->smtp); /* its sockets are the loop's */
    courier->smtp = NULL;
    fetcher_close(courier->fetcher);
    courier->fetcher = NULL;
    uv_close((uv_handle_t *)&courier->wake, NULL);
    uv_close((uv_handle_t *)&courier->look, NULL);
    uv_close((uv_handle_t *)&courier->smtp_timer, NULL);
    uv_close((uv_handle_t *)&courier->grace, NULL);
}

/* ---- What is due ------------------------------------------------------------------------------- */

static void look(struct courier *courier)
{
    save_again(courier);
    if (!courier->is_stopping)
        look_again(courier, free_slot(courier) ? courier_take_due(courier) : 0);
}

int64_t courier_take_due(struct courier *courier)
{
    struct mail *mails;
    struct tx tx;
    int64_t next = 0;
    size_t i, count = 0;
    bool is_read, has_failed = false;

    arena_reset(&courier->arena);
    tx_init(&tx, courier->db, &courier->arena, clock_wall());
    is_read = tx_begin_read(&tx) == ST_OK &&
              mail_owed(&tx, 2 * LIMIT_MAIL_IN_FLIGHT, &mails, &count, &next) == ST_OK;
    tx_end_read(&tx);
    if (!is_read) {
        log_error(STR_NONE, "the outbox of mails cannot be read",
                  LOG_S("reason", tx.failure.message));
        return clock_wall() + AGAIN_SECONDS * CLOCK_SECOND;
    }
    for (i = 0; i < count; i++) {
        struct delivery *delivery = free_slot(courier);

        if (delivery && !is_on_its_way(courier, mails[i].seq) && !deliver(delivery, mails[i].seq))
            has_failed = true;
    }
    if (has_failed && (!next || next > clock_wall() + AGAIN_SECONDS * CLOCK_SECOND))
        next = clock_wall() + AGAIN_SECONDS * CLOCK_SECOND;
    return next;
}

static void save_again(struct courier *courier)
{
    uint64_t now = clock_monotonic();
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage == DELIVERY_UNSAVED &&
            courier->deliveries[i].save_at <= now)
            save(&courier->deliveries[i]);
}

/* What is due now and found no slot is looked at when one becomes free. */
static void look_again(struct courier *courier, int64_t next)
{
    int64_t rest = (next - clock_wall()) / 1000 + 1;
    int64_t longest = courier->is_test_clock ? TEST_MS : LONGEST_MS;
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage == DELIVERY_UNSAVED) {
            longest = UNSAVED_MS;
            next = 1;
        }
    if (!next) {
        uv_timer_stop(&courier->look);
        return;
    }
    rest = rest < 1 ? 1 : rest > longest ? longest : rest;
    uv_timer_start(&courier->look, on_look, (uint64_t)rest, 0);
}

static struct delivery *free_slot(struct courier *courier)
{
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage == DELIVERY_FREE)
            return &courier->deliveries[i];
    return NULL;
}

static bool is_on_its_way(const struct courier *courier, int64_t seq)
{
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (courier->deliveries[i].stage != DELIVERY_FREE && courier->deliveries[i].mail.seq == seq)
            return true;
    return false;
}

/* ---- One mail ---------------------------------------------------------------------------------- */

/* False: nothing is owed any more, or it could not be read. Then its slot is free again. */
static bool deliver(struct delivery *delivery, int64_t seq)
{
    struct courier *courier = delivery->courier;

    delivery->stage = DELIVERY_TAKEN;
    atomic_fetch_add(&courier->in_flight, 1);
    arena_reset(&delivery->arena);
    buf_clear(&delivery->bytes);
    switch (courier_prepare(delivery, seq)) {
    case PREPARED:
        break;
    case PREPARED_NOT:
        set_free(delivery);
        return false;
    case PREPARED_RESULT:
        save(delivery);
        return true;
    }
    if (marks_early(courier)) {
        delivery->result.state = MAIL_SENT;
        save(delivery);
        return true;
    }
    send_it(delivery);
    return true;
}

/* The wrong way, for the tests that must notice it. */
static bool marks_early(const struct courier *courier)
{
#ifdef FOYER_FAULTS
    return courier->smtp && miswrite_chosen() == MISWRITE_MAIL_SENT_EARLY;
#else
    (void)courier;
    return false;
#endif
}

static void send_it(struct delivery *delivery)
{
    struct courier *courier = delivery->courier;

    if (!courier->smtp) {
        put_into_maildir(delivery);
        save(delivery);
        return;
    }
    delivery->stage = DELIVERY_SENDING;
    delivery->smtp.bytes = buf_view(&delivery->bytes);
    smtp_submit(courier->smtp, &delivery->smtp);
}

/* Where the data folder lies is the operator's to know, who has the log, not the staff's. */
static void put_into_maildir(struct delivery *delivery)
{
    struct str folder = delivery->courier->mailer.maildir;
    struct failure failure = { 0 };
    const char *path;

    if (courier_keep(delivery))
        return;
    if (maildir_put(folder.at, delivery->mail.id, buf_view(&delivery->bytes), &failure,
                    &delivery->arena) != ST_OK) {
        log_warn(delivery->mail.request_id, "a mail cannot be written into the maildir",
                 LOG_N("mail", delivery->mail.seq), LOG_S("reason", failure.message));
        path = strstr(failure.message.at, folder.at);
        if (path)
            failure.message =
                str_printf(&delivery->arena, "%.*smaildir%s", (int)(path - failure.message.at),
                           failure.message.at, path + folder.len);
        courier_defer(delivery, failure.message);
        return;
    }
    delivery->result.state = MAIL_SENT;
    delivery->result.answer_code = 250;
    delivery->result.answer_text = STR("written to maildir");
}

static void on_smtp_done(struct smtp_mail *mail)
{
    struct delivery *delivery = LIST_ITEM(mail, struct delivery, smtp);

    if (mail->verdict == SMTP_ABANDONED || marks_early(delivery->courier)) { /* is still owed */
        set_free(delivery);
        courier_wake(delivery->courier);
        return;
    }
    courier_judge(delivery);
    save(delivery);
}

static void save(struct delivery *delivery)
{
    struct courier *courier = delivery->courier;
    enum status status;

    delivery->stage = DELIVERY_SAVING;
    status = writer_submit(courier->options.writer, &delivery->write);
    if (status == ST_OK)
        return;
    if (courier->is_stopping || status == ST_UNAVAILABLE) /* is owed again at the next start */
        set_free(delivery);
    else
        put_off(delivery);
}

static void put_off(struct delivery *delivery)
{
    delivery->stage = DELIVERY_UNSAVED;
    delivery->save_at = clock_monotonic() + UNSAVED_MS * UINT64_C(1000000);
    look_again(delivery->courier, 0);
}

static void set_free(struct delivery *delivery)
{
    delivery->stage = DELIVERY_FREE;
    atomic_fetch_sub(&delivery->courier->in_flight, 1);
}
