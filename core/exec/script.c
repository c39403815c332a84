/* Script: its thread, what is due, and whose slice is next. */
#include "exec/script.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "exec/script_inside.h"
#include "plugin/host.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#define MILLISECOND UINT64_C(1000000) /* of monotonic time */
enum {
    LONGEST_MS = 30000, /* between looks: the wall clock may be set */
    TEST_MS = 100,      /* and in tests it leaps */
    AGAIN_MS = 5000,    /* after deliveries that could not be read */
    OF_ONE = 8,         /* deliveries of one handler at a time */
    OF_ENDPOINT = 4,    /* and to one endpoint of webhooks; to one that is slow or fails, one */
    OF_SLOW = LIMIT_HANDLERS / 2, /* and to all of those together */
};

/* One look at what is due. */
struct look {
    struct scripts *scripts;
    struct policy *policy;
    struct tx *tx;
    int64_t next;   /* when something is due later; 0: unknown */
    int64_t oldest; /* since when something that is due waits; 0: nothing does */
};

static void work(void *arg);
static void wait(struct scripts *scripts);
static void take_back(struct scripts *scripts);
static void look(struct scripts *scripts);
static bool take_due(struct scripts *scripts, struct policy *policy, int64_t *next);
static void take_endpoints(struct look *look, const struct handler *handler);
static void take_of(struct look *look, const struct handler *handler,
                    const struct listener *listener, size_t most);
static size_t count_of(const struct scripts *scripts, const struct listener *listener);
static size_t count_slow(const struct scripts *scripts);
static bool is_on_its_way(struct scripts *scripts, const struct delivery *delivery);
static struct run *free_run(struct scripts *scripts);
static bool step_all(struct scripts *scripts);
static bool is_any_elsewhere(struct scripts *scripts);

struct scripts *scripts_new(struct server *server, size_t slot)
{
    struct scripts *scripts = xcalloc(1, sizeof(*scripts));
    const char *clock = getenv("FOYER_TEST_CLOCK");

    scripts->server = server;
    scripts->slot = slot;
    scripts->is_test_clock = clock && *clock;
    mutex_init(&scripts->lock);
    cond_init(&scripts->changed);
    scripts->last = &scripts->first;
    arena_init(&scripts->arena, LIMIT_REQUEST_ARENA);
    for (size_t i = 0; i < LIMIT_HANDLERS; i++)
        run_init(&scripts->runs[i], scripts);
    scripts->db = db_later(server->folder.database);
    read_budget_attach(&scripts->budget, scripts->db);
    return scripts;
}

enum status scripts_start(struct scripts *scripts)
{
    enum status status = thread_start(&scripts->thread, "scripts", work, scripts);

    scripts->is_started = status == ST_OK;
    return status;
}

void scripts_wake(struct scripts *scripts)
{
    if (!scripts)
        return;
    mutex_lock(&scripts->lock);
    scripts->is_woken = true;
    cond_signal(&scripts->changed);
    mutex_unlock(&scripts->lock);
}

void scripts_stop(struct scripts *scripts)
{
    if (!scripts || !scripts->is_started)
        return;
    mutex_lock(&scripts->lock);
    scripts->is_stop_asked = true;
    cond_signal(&scripts->changed);
    mutex_unlock(&scripts->lock);
    thread_join(&scripts->thread);
    scripts->is_started = false;
}

void scripts_free(struct scripts *scripts)
{
    if (!scripts)
        return;
    PRE(!scripts->is_started);
    for (size_t i = 0; i < RUNS; i++)
        run_fini(scripts_run_at(scripts, i));
    for (size_t i = 0; i < LIMIT_VISITS; i++)
        free(scripts->visits[i]);
    db_close(scripts->db);
    arena_fini(&scripts->arena);
    cond_fini(&scripts->changed);
    mutex_fini(&scripts->lock);
    free(scripts);
}

struct run *scripts_run_at(struct scripts *scripts, size_t i)
{
    return i < LIMIT_HANDLERS ? &scripts->runs[i] : scripts->visits[i - LIMIT_HANDLERS];
}

bool scripts_work(struct scripts *scripts, int64_t *next)
{
    struct policy *policy = host_acquire(scripts->server->host, scripts->slot);

    PRE(!scripts->is_started);
    take_back(scripts);
    arena_reset(&scripts->arena);
    scripts->has_more = false;
    *next = 0;
    take_due(scripts, policy, next);
    host_release(policy);
    return scripts_go_on(scripts) || scripts->has_more;
}

bool scripts_go_on(struct scripts *scripts)
{
    bool is_any = false;

    take_back(scripts);
    visits_take(scripts);
    while (step_all(scripts))
        is_any = true;
    return is_any || is_any_elsewhere(scripts);
}

void scripts_abandon(struct scripts *scripts)
{
    if (!scripts)
        return;
    for (size_t i = 0; i < RUNS; i++)
        if (scripts_run_at(scripts, i))
            run_abandon(scripts_run_at(scripts, i));
}

void scripts_give_back(struct run *run)
{
    struct scripts *scripts = run->scripts;

    mutex_lock(&scripts->lock);
    run->next = scripts->back;
    scripts->back = run;
    cond_signal(&scripts->changed);
    mutex_unlock(&scripts->lock);
}

void scripts_figures(const struct scripts *scripts, struct script_figures *figures)
{
    *figures = (struct script_figures){
        .done = atomic_load(&scripts->done),
        .failed = atomic_load(&scripts->failed),
        .dead = atomic_load(&scripts->dead),
        .running = atomic_load(&scripts->running),
        .late = atomic_load(&scripts->late),
    };
}

/* ---- The thread -------------------------------------------------------------------------------- */

static void work(void *arg)
{
    struct scripts *scripts = arg;

    for (;;) {
        take_back(scripts);
        if (scripts->is_stopping) {
            for (size_t i = 0; i < LIMIT_HANDLERS; i++)
                run_drop(&scripts->runs[i]); /* no request is left: the loops are over */
            if (!is_any_elsewhere(scripts))
                return;
            wait(scripts);
            continue;
        }
        if (clock_monotonic() >= scripts->look_at)
            look(scripts);
        visits_take(scripts);
        if (!step_all(scripts) && !scripts->has_room)
            wait(scripts);
    }
}

static void wait(struct scripts *scripts)
{
    uint64_t until = scripts->is_stopping ? UINT64_MAX : scripts->look_at;
    bool is_in_time = true;

    for (size_t i = 0; i < RUNS; i++) {
        const struct run *run = scripts_run_at(scripts, i);

        if (run && (run->stage == RUN_ASKED || run->stage == RUN_OVER) && run->again_at < until)
            until = run->again_at;
    }
    mutex_lock(&scripts->lock);
    while (is_in_time && !scripts->back && !scripts->is_woken && !scripts->is_called &&
           (!scripts->is_stop_asked || scripts->is_stopping))
        is_in_time = cond_wait_until(&scripts->changed, &scripts->lock, until);
    mutex_unlock(&scripts->lock);
}

static void take_back(struct scripts *scripts)
{
    struct run *run, *next;
    bool is_called;

    mutex_lock(&scripts->lock);
    run = scripts->back;
    scripts->back = NULL;
    if (scripts->is_woken)
        scripts->look_at = 0;
    scripts->is_woken = false;
    is_called = scripts->is_called;
    scripts->is_called = false;
    scripts->is_stopping = scripts->is_stop_asked;
    mutex_unlock(&scripts->lock);
    for (; run; run = next) {
        next = run->next;
        run_answered(run);
        /* The look that left some behind for want of room is made again. */
        if (run->stage == RUN_FREE && scripts->has_more)
            scripts->look_at = 0;
    }
    if (is_called) {
        scripts->has_room = true;
        visits_look_gone(scripts);
    }
}

/* ---- What is due ------------------------------------------------------------------------------- */

static void look(struct scripts *scripts)
{
    struct policy *policy = host_acquire(scripts->server->host, scripts->slot);
    int64_t next = 0, wait_ms = scripts->is_test_clock ? TEST_MS : LONGEST_MS;

    scripts->has_more = false;
    arena_reset(&scripts->arena);
    if (!take_due(scripts, policy, &next)) {
        wait_ms = AGAIN_MS;
    } else if (next) {
        int64_t left = (next - clock_wall()) / 1000 + 1;

        wait_ms = left < 1 ? 1 : left < wait_ms ? left : wait_ms;
    }
    scripts->look_at = clock_monotonic() + (uint64_t)wait_ms * MILLISECOND;
    host_release(policy);
}

/* False: they could not be read. */
static bool take_due(struct scripts *scripts, struct policy *policy, int64_t *next)
{
    bool sends = atomic_load(&scripts->server->fan.has_endpoints);
    struct handlers handlers;
    struct tx tx;
    struct look look = { .scripts = scripts, .policy = policy, .tx = &tx };
    size_t wanted = 0;
    bool is_read;

    handlers_of(policy, &scripts->arena, &handlers);
    for (size_t i = 0; i < handlers.count; i++) /* others open no connection */
        wanted += sends || !str_is(handlers.at[i].event, WEBHOOK_DUE);
    if (wanted == 0) {
        atomic_store(&scripts->late, 0);
        return true;
    }
    tx_init(&tx, scripts->db, &scripts->arena, clock_wall());
    if (tx_begin_read(&tx) == ST_OK)
        for (size_t i = 0; i < handlers.count; i++) {
            const struct handler *handler = &handlers.at[(scripts->turn + i) % handlers.count];
            const struct listener listener = { handler->plugin, handler->name, handler->event,
                                               false };

            if (!str_is(handler->event, WEBHOOK_DUE))
                take_of(&look, handler, &listener, OF_ONE);
            else if (sends)
                take_endpoints(&look, handler);
        }
    is_read = tx_status(&tx) == ST_OK;
    tx_end_read(&tx);
    scripts->turn++;
    *next = look.next;
    atomic_store(&scripts->late, look.oldest && look.oldest < tx.now
                                     ? (uint64_t)((tx.now - look.oldest) / CLOCK_SECOND)
                                     : 0);
    if (!is_read)
        log_error(STR_NONE, "deliveries of events cannot be read",
                  LOG_S("reason", tx.failure.message));
    return is_read;
}

/* Each has a queue of its own. Who had to wait for room is asked first at the next look. */
static void take_endpoints(struct look *look, const struct handler *handler)
{
    struct scripts *scripts = look->scripts;
    struct str first = str_slice(scripts->endpoint, scripts->endpoint_len), last = first;
    struct webhook_turn turn;
    bool had_more = scripts->has_more, is_around = str_is_empty(first);

    scripts->has_more = false;
    for (;;) {
        struct listener listener;

        if (!webhook_next(look->tx, handler->plugin, last, &turn)) {
            if (is_around)
                break;
            is_around = true;
            last = STR("");
            continue;
        }
        if (is_around && turn.handler.len == first.len &&
            memcmp(turn.handler.at, first.at, first.len) > 0)
            break; /* all have been asked; their names are of one length */
        listener =
            (struct listener){ handler->plugin, turn.handler, handler->event, turn.is_paused };
        if (turn.is_slow && count_slow(scripts) >= OF_SLOW)
            scripts->has_more = true;
        else
            take_of(look, handler, &listener, turn.is_slow ? 1 : OF_ENDPOINT);
        if (!free_run(scripts)) {
            scripts->endpoint_len = last.len < sizeof(scripts->endpoint) ? last.len : 0;
            if (scripts->endpoint_len)
                memmove(scripts->endpoint, last.at, last.len);
            break;
        }
        last = turn.handler;
    }
    scripts->has_more |= had_more;
}

static void take_of(struct look *look, const struct handler *handler,
                    const struct listener *listener, size_t most)
{
    struct scripts *scripts = look->scripts;
    size_t running = count_of(scripts, listener), count;
    struct delivery *due;
    int64_t later;

    /* Those that run are due, too, until their result is written. */
    if (delivery_due(look->tx, listener, running + most + 1, &due, &count, &later) != ST_OK)
        return;
    if (later && (!look->next || later < look->next))
        look->next = later;
    for (size_t i = 0; i < count && tx_status(look->tx) == ST_OK; i++) {
        struct run *run;

        if (is_on_its_way(scripts, &due[i]))
            continue;
        if (!look->oldest || due[i].due_at < look->oldest)
            look->oldest = due[i].due_at;
        run = running < most ? free_run(scripts) : NULL;
        if (!run) {
            scripts->has_more = true;
            return;
        }
        arena_reset(&run->arena);
        run->is_slow = most == 1;
        run->delivery = due[i];
        run->handler = *handler;
        run->policy = host_acquire_same(look->policy, scripts->slot);
        run_begin(run, look->tx);
        running++;
    }
}

static size_t count_of(const struct scripts *scripts, const struct listener *listener)
{
    size_t count = 0;

    for (size_t i = 0; i < LIMIT_HANDLERS; i++) {
        const struct run *run = &scripts->runs[i];

        count += run->stage != RUN_FREE && str_eq(run->delivery.plugin, listener->plugin) &&
                 str_eq(run->delivery.handler, listener->name);
    }
    return count;
}

static size_t count_slow(const struct scripts *scripts)
{
    size_t count = 0;

    for (size_t i = 0; i < LIMIT_HANDLERS; i++)
        count += scripts->runs[i].stage != RUN_FREE && scripts->runs[i].is_slow;
    return count;
}

/* Or another one of the same handler and thing, which was replayed meanwhile. */
static bool is_on_its_way(struct scripts *scripts, const struct delivery *delivery)
{
    for (size_t i = 0; i < LIMIT_HANDLERS; i++) {
        const struct run *run = &scripts->runs[i];
        const struct delivery *other = &run->delivery;

        if (run->stage == RUN_FREE || other->workspace != delivery->workspace ||
            !uuid_eq(other->key, delivery->key) || !str_eq(other->plugin, delivery->plugin) ||
            !str_eq(other->handler, delivery->handler))
            continue;
        /* The commit that made this one due woke us before it gave the other back. */
        if (other->seq != delivery->seq || run->stage == RUN_SAVING)
            scripts->has_more = true;
        return true;
    }
    return false;
}

static struct run *free_run(struct scripts *scripts)
{
    for (size_t i = 0; i < LIMIT_HANDLERS; i++)
        if (scripts->runs[i].stage == RUN_FREE)
            return &scripts->runs[i];
    return NULL;
}

/* ---- Slices ------------------------------------------------------------------------------------ */

/* False: nothing can be done before something comes back. */
static bool step_all(struct scripts *scripts)
{
    uint64_t now = clock_monotonic(), running = 0;
    bool is_any = false;

    for (size_t i = 0; i < RUNS; i++) {
        struct run *run = scripts_run_at(scripts, i);

        if (!run)
            continue;
        if (run->stage == RUN_READY)
            run_step(run);
        else if ((run->stage == RUN_ASKED || run->stage == RUN_OVER) && run->again_at <= now)
            run_submit(run);
        is_any |= run->stage == RUN_READY;
        running += run->stage != RUN_FREE;
    }
    atomic_store(&scripts->running, running);
    return is_any;
}

static bool is_any_elsewhere(struct scripts *scripts)
{
    for (size_t i = 0; i < RUNS; i++)
        if (scripts_run_at(scripts, i) && run_is_elsewhere(scripts_run_at(scripts, i)))
            return true;
    return false;
}
