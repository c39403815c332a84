/* Tally: counting, and the sum. */
#include "plugin/tally.h"

#include "base/clock.h"
#include "plugin/seat.h"

#include <stdlib.h>
#include <string.h>

/* Of one function, over all threads. */
struct total {
    const struct plugin *plugin;
    const struct registration *registration;
    uint64_t asked, failed, timed, nanoseconds;
};

static struct tally *place_of(struct seat *seat, const struct hook_function *function);
static void add(_Atomic uint64_t *number, uint64_t more);
static uint64_t cost(const struct total *total);
static int by_cost(const void *a, const void *b);
static void write_one(const struct total *total, bool as_text, bool is_first, struct buf *out);

void tally_begin(struct generation *generation, size_t slots)
{
    size_t count = 0;

    for (size_t i = 0; i < generation->plugin_count; i++) {
        generation->plugins[i].first_tally = count;
        count += generation->plugins[i].registration_count;
    }
    generation->tally_count = count;
    generation->tally_slots = slots;
    generation->tallies = arena_array(&generation->arena, struct tally, count * slots);
}

uint64_t tally_call(struct seat *seat, const struct hook_function *function)
{
    const struct tally *tally = place_of(seat, function);

    if (!tally || atomic_load_explicit(&tally->asked, memory_order_relaxed) % TALLY_TIMED != 0)
        return 0;
    return clock_thread_cpu();
}

void tally_answered(struct seat *seat, const struct hook_function *function, uint64_t began,
                    bool has_failed)
{
    struct tally *tally = place_of(seat, function);

    if (!tally)
        return;
    add(&tally->asked, 1);
    if (has_failed)
        add(&tally->failed, 1);
    if (began) {
        add(&tally->timed, 1);
        add(&tally->nanoseconds, clock_thread_cpu() - began);
    }
}

/* NULL: beside requests, or nothing is counted there. */
static struct tally *place_of(struct seat *seat, const struct hook_function *function)
{
    const struct generation *g = seat->generation;

    if (!seat->policy.decisions || seat->slot >= g->tally_slots)
        return NULL;
    return &g->tallies[seat->slot * g->tally_count + g->plugins[function->plugin].first_tally +
                       function->function];
}

/* No read-modify-write: nobody else writes here. */
static void add(_Atomic uint64_t *number, uint64_t more)
{
    atomic_store_explicit(number, atomic_load_explicit(number, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

/* ---- The sum ------------------------------------------------------------------------------------ */

void tally_write(const struct generation *generation, bool as_text, struct arena *arena,
                 struct buf *out)
{
    struct total *totals = arena_array(arena, struct total, generation->tally_count);
    size_t shown = 0;
    char since[CLOCK_TEXT];

    for (size_t i = 0; i < generation->plugin_count; i++)
        for (size_t k = 0; k < generation->plugins[i].registration_count; k++) {
            const struct plugin *plugin = &generation->plugins[i];
            struct total *total = &totals[shown];

            *total = (struct total){ .plugin = plugin, .registration = &plugin->registrations[k] };
            for (size_t slot = 0; slot < generation->tally_slots; slot++) {
                struct tally *tally =
                    &generation->tallies[slot * generation->tally_count + plugin->first_tally + k];

                total->asked += atomic_load_explicit(&tally->asked, memory_order_relaxed);
                total->failed += atomic_load_explicit(&tally->failed, memory_order_relaxed);
                total->timed += atomic_load_explicit(&tally->timed, memory_order_relaxed);
                total->nanoseconds +=
                    atomic_load_explicit(&tally->nanoseconds, memory_order_relaxed);
            }
            shown += total->asked > 0;
        }
    qsort(totals, shown, sizeof(*totals), by_cost);
    clock_format(generation->since, since);
    if (as_text)
        buf_printf(out, "since %.19sZ, generation %llu\n%10s %8s %10s %10s  function\n", since,
                   (unsigned long long)generation->number, "asked", "errors", "CPU ms", "µs each");
    else
        buf_printf(out, "{\"generation\":%llu,\"since\":\"%s\",\"functions\":[",
                   (unsigned long long)generation->number, since);
    for (size_t i = 0; i < shown; i++)
        write_one(&totals[i], as_text, i == 0, out);
    buf_text(out, as_text ? "" : "]}\n");
}

static void write_one(const struct total *total, bool as_text, bool is_first, struct buf *out)
{
    double each = total->timed ? (double)total->nanoseconds / (double)total->timed / 1000 : 0;
    double all = each * (double)total->asked / 1000;

    if (as_text) {
        buf_printf(out, "%10llu %8llu %10.1f %10.2f  %s %.*s (%.*s)\n",
                   (unsigned long long)total->asked, (unsigned long long)total->failed, all, each,
                   hook_kind_names[total->registration->kind],
                   STR_ARG(total->registration->subject), STR_ARG(total->registration->where));
        return;
    }
    buf_text(out, is_first ? "{\"plugin\":" : ",{\"plugin\":");
    buf_json(out, total->plugin->id);
    buf_printf(out, ",\"kind\":\"%s\",\"name\":", hook_kind_names[total->registration->kind]);
    buf_json(out, total->registration->subject);
    buf_text(out, ",\"rule\":");
    buf_json(out, total->registration->where);
    buf_printf(out,
               ",\"asked\":%llu,\"errors\":%llu,\"cpuMilliseconds\":%.3f,"
               "\"microsecondsEach\":%.3f}",
               (unsigned long long)total->asked, (unsigned long long)total->failed, all, each);
}

/* Of all calls, from those that were timed. */
static uint64_t cost(const struct total *total)
{
    return total->timed ? total->nanoseconds / total->timed * total->asked : 0;
}

static int by_cost(const void *a, const void *b)
{
    const struct total *x = a, *y = b;

    if (cost(x) != cost(y))
        return cost(x) < cost(y) ? 1 : -1;
    return strcmp(x->registration->where.at, y->registration->where.at);
}
