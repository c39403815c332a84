/* Host: opening, seats of slots, reloading. What is shown of scripts is in scripts.c. */
#include "plugin/host.h"
#include "plugin/cache.h"
#include "plugin/metric.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/host_state.h"
#include "plugin/tally.h"
#include "plugin/trial.h"
#include "policy/decision.h"

#include <stdlib.h>
#include <string.h>

enum { FLUSH_MOST = 512, TRIES = 3 };

static void fall_back(struct host *host);
static struct generation *load_whole(struct host *host, const struct sources *sources,
                                     struct buf *faults);
static void keep_report(struct host *host, const struct buf *report);
static void log_report(const struct buf *report);
static void make_current(struct host *host, struct generation *generation);
static struct seat *find_seat(struct slot *slot, const struct generation *generation);
static struct seat *add_seat(struct host *host, size_t slot, struct generation *generation);
static void sweep_seats(struct host *host, struct slot *slot, uint64_t current);
static void close_seat(struct host *host, struct seat *seat);
static uint64_t look(void *context);
static uint64_t changed(void *context);

enum status host_open(const struct host_options *options, struct host **opened,
                      struct failure *failure, struct arena *arena)
{
    struct host *host = xcalloc(1, sizeof(*host));
    struct buf report;

    PRE(options->runtime && options->slots > 0);
    host->options = *options;
    host->data = options->data ? xstrdup(options->data) : NULL;
    host->natives.config = options->config;
    host->cache = cache_new();
    host->figures = figures_new();
    arena_init(&host->arena, MIB(4));
    mutex_init(&host->reloading);
    mutex_init(&host->lock);
    buf_init(&host->report, REPORT_BYTES);
    buf_init(&report, REPORT_BYTES);
    host->known = known_new(options->router, &host->arena);
    host->slots = xcalloc(options->slots, sizeof(*host->slots));
    for (size_t i = 0; i < options->slots; i++)
        host->slots[i].decisions = decision_ring_new();

    if (host_reload(host, &report) != ST_OK && host->data)
        fall_back(host);
    if (host_is_failing(host) && !host->data) {
        failure_set(failure, arena, ST_UNAVAILABLE, NULL,
                    "The shipped scripts cannot be loaded: %.*s",
                    STR_ARG(str_trim(buf_view(&report))));
        buf_fini(&report);
        host_close(host);
        return ST_UNAVAILABLE;
    }
    buf_fini(&report);
    if (options->watch && host->data) {
        host->watch = watch_start(look, changed, host->signature, host);
        if (!host->watch)
            log_warn(STR_NONE, "no thread for watching scripts: reload them by hand");
    }
    *opened = host;
    return ST_OK;
}

/* A script that was broken while the server stood still replaces the working one no more than one that
 * is broken while it runs. */
static void fall_back(struct host *host)
{
    struct generation *kept = host_load_kept(host);

    if (!kept) {
        log_error(STR_NONE, "no scripts are in force: every question is answered with an error");
        return;
    }
    log_warn(STR_NONE, "what was in force when the server last ran is in force again");
    make_current(host, kept);
}

void host_close(struct host *host)
{
    if (!host)
        return;
    watch_stop(host->watch);
    for (size_t i = 0; i < host->options.slots; i++) {
        while (host->slots[i].seats) {
            PRE(host->slots[i].seats->users == 0);
            close_seat(host, host->slots[i].seats);
        }
        decision_ring_free(host->slots[i].decisions);
    }
    host_drop(host, host->current);
    host_left_kept(host, host->left_count);
    free(host->slots);
    buf_fini(&host->report);
    mutex_fini(&host->lock);
    mutex_fini(&host->reloading);
    cache_free(host->cache);
    figures_free(host->figures);
    arena_fini(&host->arena);
    free(host->data);
    free(host);
}

struct plugin_cache *host_cache(const struct host *host)
{
    return host->cache;
}

struct plugin_figures *host_figures(const struct host *host)
{
    return host->figures;
}

/* ---- Seats ------------------------------------------------------------------------------------- */

struct policy *host_acquire(struct host *host, size_t number)
{
    struct slot *slot = &host->slots[number];
    uint64_t current = atomic_load_explicit(&host->number, memory_order_acquire);
    struct generation *generation;
    struct seat *seat = slot->seats;

    PRE(number < host->options.slots);
    if (!seat || seat->number != current) {
        generation = host_hold(host);
        seat = find_seat(slot, generation);
        if (seat)
            host_drop(host, generation);
        else
            seat = add_seat(host, number, generation);
        sweep_seats(host, slot, seat->number);
    }
    seat->users++;
    return &seat->policy;
}

struct policy *host_acquire_same(const struct policy *policy, size_t number)
{
    const struct seat *same = (const struct seat *)policy;
    struct host *host = same->host;
    struct seat *seat;

    PRE(number < host->options.slots);
    seat = find_seat(&host->slots[number], same->generation);
    if (!seat) {
        if (same->generation) { /* `policy` holds it: it cannot go meanwhile */
            mutex_lock(&host->lock);
            same->generation->holders++;
            mutex_unlock(&host->lock);
        }
        seat = add_seat(host, number, same->generation);
    }
    seat->users++;
    return &seat->policy;
}

void host_release(struct policy *policy)
{
    struct seat *seat = (struct seat *)policy;
    struct host *host;

    if (!policy)
        return;
    host = seat->host;
    PRE(seat->users > 0);
    if (--seat->users == 0)
        sweep_seats(host, &host->slots[seat->slot],
                    atomic_load_explicit(&host->number, memory_order_acquire));
}

struct host *host_of(const struct policy *policy)
{
    return ((const struct seat *)policy)->host;
}

uint64_t host_generation_of(const struct policy *policy)
{
    return ((const struct seat *)policy)->number;
}

static struct seat *find_seat(struct slot *slot, const struct generation *generation)
{
    struct seat *seat;

    for (seat = slot->seats; seat && seat->generation != generation; seat = seat->next)
        ;
    return seat;
}

/* Takes the hold on the generation. */
static struct seat *add_seat(struct host *host, size_t number, struct generation *generation)
{
    struct slot *slot = &host->slots[number];
    struct seat *seat = seat_new(generation, slot->decisions), **place = &slot->seats;

    seat->host = host;
    seat->slot = number;
    while (*place && (*place)->number > seat->number)
        place = &(*place)->next;
    seat->next = *place;
    *place = seat;
    return seat;
}

/* Those of older generations that nobody uses any more. */
static void sweep_seats(struct host *host, struct slot *slot, uint64_t current)
{
    struct seat *seat = slot->seats, *next;

    for (; seat; seat = next) {
        next = seat->next;
        if (seat->users == 0 && seat->number != current)
            close_seat(host, seat);
    }
}

static void close_seat(struct host *host, struct seat *seat)
{
    struct generation *generation = seat->generation;
    struct seat **place = &host->slots[seat->slot].seats;

    while (*place != seat)
        place = &(*place)->next;
    *place = seat->next;
    seat_free(seat);
    host_drop(host, generation);
}

struct generation *host_hold(struct host *host)
{
    struct generation *generation;

    mutex_lock(&host->lock);
    generation = host->current;
    if (generation)
        generation->holders++;
    mutex_unlock(&host->lock);
    return generation;
}

void host_drop(struct host *host, struct generation *generation)
{
    bool is_last;

    if (!generation)
        return;
    mutex_lock(&host->lock);
    is_last = --generation->holders == 0;
    mutex_unlock(&host->lock);
    if (is_last)
        generation_free(generation);
}

/* ---- Reloading --------------------------------------------------------------------------------- */

enum status host_reload(struct host *host, struct buf *report)
{
    enum status status;

    mutex_lock(&host->reloading);
    status = host_reload_locked(host, report);
    mutex_unlock(&host->reloading);
    return status;
}

enum status host_reload_locked(struct host *host, struct buf *report)
{
    struct sources sources = host_sources(host);
    struct generation *generation;
    struct buf faults;

    buf_init(&faults, REPORT_BYTES);
    generation = load_whole(host, &sources, &faults);
    keep_report(host, &faults);
    if (report)
        buf_str(report, buf_view(&faults));
    if (!generation)
        log_report(&faults);
    buf_fini(&faults);
    if (!generation)
        return ST_UNPROCESSABLE;
    host_keep(host, generation);
    make_current(host, generation);
    return ST_OK;
}

/* What changes while it is read would be half of each: it is read again, and in the end refused. */
static struct generation *load_whole(struct host *host, const struct sources *sources,
                                     struct buf *faults)
{
    for (int i = 0; i < TRIES; i++) {
        struct generation *generation;

        buf_clear(faults);
        host->signature = sources_signature(sources);
        generation = host_load_changed(host, faults);
        if (sources_signature(sources) == host->signature)
            return generation;
        host_give_up(host, generation);
    }
    buf_clear(faults);
    buf_text(faults,
             "files of scripts or plugins change while they are read: nothing new is loaded "
             "until they are left alone\n");
    return NULL;
}

uint64_t host_generation(const struct host *host)
{
    return atomic_load_explicit(&host->number, memory_order_acquire);
}

bool host_is_failing(const struct host *host)
{
    return host_generation(host) == 0;
}

void host_report(struct host *host, struct buf *report)
{
    mutex_lock(&host->lock);
    buf_str(report, buf_view(&host->report));
    mutex_unlock(&host->lock);
}

static void keep_report(struct host *host, const struct buf *report)
{
    mutex_lock(&host->lock);
    buf_clear(&host->report);
    buf_str(&host->report, buf_view(report));
    mutex_unlock(&host->lock);
}

static void log_report(const struct buf *report)
{
    struct str rest = str_trim(buf_view(report)), line;

    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
        log_error(STR_NONE, "a script is refused; what was loaded before stays",
                  LOG_S("reason", line));
}

static void make_current(struct host *host, struct generation *generation)
{
    struct generation *old;

    mutex_lock(&host->lock);
    old = host->current;
    if (old == generation) {
        mutex_unlock(&host->lock);
        host_drop(host, generation);
        return;
    }
    if (old && memcmp(old->digest, generation->digest, sizeof(old->digest)) == 0) {
        mutex_unlock(&host->lock);
        generation_free(generation);
        return;
    }
    trial_begin(generation, old,
                host->options.config ? host->options.config->script_trial_seconds : 0);
    tally_begin(generation, host->options.slots);
    figures_begin(host->figures, generation);
    generation->number = (old ? old->number : 0) + 1;
    generation->since = clock_wall();
    generation->holders = 1;
    host->current = generation;
    atomic_store_explicit(&host->number, generation->number, memory_order_release);
    mutex_unlock(&host->lock);
    if (old)
        log_info(STR_NONE, "scripts reloaded", LOG_N("generation", generation->number),
                 LOG_N("plugins", generation->plugin_count));
    host_drop(host, old);
}

static uint64_t look(void *context)
{
    struct host *host = context;
    struct sources sources = host_sources(host);

    host_end_trials(host);
    /* Never twice the same, so that it is looked at again: who copies a folder is not done yet. */
    return sources_are_settled(&sources) ? sources_signature(&sources) : ++host->looks;
}

static uint64_t changed(void *context)
{
    struct host *host = context;
    uint64_t signature;

    mutex_lock(&host->reloading);
    host_reload_locked(host, NULL);
    signature = host->signature;
    mutex_unlock(&host->reloading);
    return signature;
}

/* ---- Decisions --------------------------------------------------------------------------------- */

size_t host_flush_decisions(struct host *host, struct tx *tx)
{
    size_t written = 0;

    for (size_t i = 0; i < host->options.slots; i++)
        written += decision_flush(host->slots[i].decisions, tx, FLUSH_MOST);
    return written;
}

void host_decisions_kept(struct host *host)
{
    for (size_t i = 0; i < host->options.slots; i++)
        decision_kept(host->slots[i].decisions);
}

uint64_t host_decisions_lost(const struct host *host)
{
    uint64_t lost = 0;

    for (size_t i = 0; i < host->options.slots; i++)
        lost += decision_lost(host->slots[i].decisions);
    return lost;
}
