/* Planned: rows of `jobs`. */
#include "store/planned.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/delivery_row.h"
#include "store/record.h"

#include <string.h>

enum { ROWS_MOST = 1000 };

struct place {
    int64_t workspace;
    struct uuid workspace_id;
    struct str plugin, name, zone;
    int64_t next_at;
};

static void forget(struct tx *tx, const struct planned *jobs, size_t count);
static void plan(struct tx *tx, const struct planned *job);
static struct place *read_places(struct tx *tx, struct query q, size_t *count);
static const struct planned *find(const struct planned *jobs, size_t count, struct str plugin,
                                  struct str name);
static void begin(struct tx *tx, const struct planned *job, const struct place *place);
static int64_t next_of(struct tx *tx, const struct schedule *schedule, int64_t after,
                       struct str zone);

void planned_follow(struct tx *tx, const struct planned *jobs, size_t count)
{
    forget(tx, jobs, count);
    for (size_t i = 0; i < count; i++)
        plan(tx, &jobs[i]);
}

size_t planned_begin(struct tx *tx, const struct planned *jobs, size_t count, size_t most,
                     int64_t *next)
{
    int64_t now = tx_now(tx);
    struct place *places;
    size_t due;

    places = read_places(tx,
                         query_open(tx,
                                    "SELECT j.workspace, w.id, j.plugin, j.name, j.zone, j.next_at"
                                    " FROM jobs j JOIN workspaces w ON w.seq = j.workspace"
                                    " WHERE j.next_at <= $1 ORDER BY j.next_at LIMIT $2",
                                    ARGS(arg_int(now), arg_int((int64_t)most))),
                         &due);
    for (size_t i = 0; i < due; i++) {
        const struct place *place = &places[i];
        const struct planned *job = find(jobs, count, place->plugin, place->name);
        int64_t at = now + CLOCK_HOUR; /* it is not there now: whoever follows it forgets it */

        if (job) {
            begin(tx, job, place);
            /* Every hour stays every hour, however late one of them was. */
            at = next_of(tx, job->schedule, place->next_at, place->zone);
            if (at <= now)
                at = next_of(tx, job->schedule, now, place->zone);
        }
        query_run(tx,
                  "UPDATE jobs SET ran_at = next_at, next_at = $4 WHERE workspace = $1"
                  " AND plugin = $2 AND name = $3",
                  ARGS(arg_int(place->workspace), arg_text(place->plugin), arg_text(place->name),
                       arg_int(at)));
    }
    *next =
        query_one_int(tx, INT64_MAX, "SELECT next_at FROM jobs ORDER BY next_at LIMIT 1", NO_ARGS);
    return due;
}

size_t planned_list(struct tx *tx, struct planned_row **rows)
{
    struct query q = query_open(tx,
                                "SELECT plugin, name, schedule, zone, next_at, ran_at FROM jobs"
                                " WHERE workspace = $1 ORDER BY plugin, name LIMIT $2",
                                ARGS(arg_int(tx->workspace), arg_int(ROWS_MOST)));
    size_t count;

    *rows = arena_array(tx->arena, struct planned_row, ROWS_MOST);
    for (count = 0; query_next(&q); count++)
        (*rows)[count] = (struct planned_row){ .plugin = query_text(&q, 0),
                                               .name = query_text(&q, 1),
                                               .schedule = query_text(&q, 2),
                                               .zone = query_text(&q, 3),
                                               .next_at = query_int(&q, 4),
                                               .ran_at = query_int(&q, 5) };
    query_close(&q);
    return count;
}

/* ---- Planning ---------------------------------------------------------------------------------- */

static void forget(struct tx *tx, const struct planned *jobs, size_t count)
{
    struct query q = query_open(tx, "SELECT DISTINCT plugin, name FROM jobs", NO_ARGS);
    struct planned *gone = NULL;
    size_t gone_count = 0, size = sizeof(*gone);

    while (query_next(&q)) {
        struct planned one = { .plugin = query_text(&q, 0), .name = query_text(&q, 1) };

        if (find(jobs, count, one.plugin, one.name))
            continue;
        gone = arena_grow(tx->arena, gone, gone_count * size, (gone_count + 1) * size);
        gone[gone_count++] = one;
    }
    query_close(&q);
    for (size_t i = 0; i < gone_count; i++)
        query_run(tx, "DELETE FROM jobs WHERE plugin = $1 AND name = $2",
                  ARGS(arg_text(gone[i].plugin), arg_text(gone[i].name)));
}

static void plan(struct tx *tx, const struct planned *job)
{
    struct place *places;
    size_t count;

    places = read_places(
        tx,
        query_open(tx,
                   "SELECT w.seq, w.id, $1, $2, w.time_zone, 0 FROM workspaces w LEFT JOIN jobs j"
                   " ON j.workspace = w.seq AND j.plugin = $1 AND j.name = $2"
                   " WHERE j.workspace IS NULL OR j.schedule <> $3 OR j.zone <> w.time_zone",
                   ARGS(arg_text(job->plugin), arg_text(job->name), arg_text(job->text))),
        &count);
    for (size_t i = 0; i < count; i++)
        query_run(tx,
                  "INSERT INTO jobs (workspace, plugin, name, schedule, zone, next_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6)"
                  " ON CONFLICT (workspace, plugin, name) DO UPDATE"
                  " SET schedule = excluded.schedule, zone = excluded.zone,"
                  " next_at = excluded.next_at",
                  ARGS(arg_int(places[i].workspace), arg_text(job->plugin), arg_text(job->name),
                       arg_text(job->text), arg_text(places[i].zone),
                       arg_int(next_of(tx, job->schedule, tx_now(tx), places[i].zone))));
}

/* All of them, before the first is written. */
static struct place *read_places(struct tx *tx, struct query q, size_t *count)
{
    struct place *places = NULL;
    size_t cap = 0, size = sizeof(*places);

    for (*count = 0; query_next(&q); (*count)++) {
        if (*count == cap) {
            size_t more = cap ? cap * 2 : 16;

            places = arena_grow(tx->arena, places, cap * size, more * size);
            cap = more;
        }
        places[*count] = (struct place){ .workspace = query_int(&q, 0),
                                         .workspace_id = query_id(&q, 1),
                                         .plugin = query_text(&q, 2),
                                         .name = query_text(&q, 3),
                                         .zone = query_text(&q, 4),
                                         .next_at = query_int(&q, 5) };
    }
    query_close(&q);
    return places;
}

static const struct planned *find(const struct planned *jobs, size_t count, struct str plugin,
                                  struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(jobs[i].plugin, plugin) && str_eq(jobs[i].name, name))
            return &jobs[i];
    return NULL;
}

static int64_t next_of(struct tx *tx, const struct schedule *schedule, int64_t after,
                       struct str zone)
{
    int64_t at = schedule_next(schedule, after, zone);
    uint64_t chance;

    if (schedule->jitter == 0 || at == INT64_MAX)
        return at;
    tx_random(tx, &chance, sizeof(chance));
    at += (int64_t)(chance % (uint64_t)schedule->jitter);
    /* What comes every day comes every day, and not a little later each time. */
    if (schedule->every > 0)
        at -= schedule->jitter / 2;
    return at > after ? at : after + schedule->every;
}

/* ---- Beginning --------------------------------------------------------------------------------- */

static void begin(struct tx *tx, const struct planned *job, const struct place *place)
{
    struct delivery delivery = { .workspace = place->workspace,
                                 .plugin = job->plugin,
                                 .handler = job->name,
                                 .event = STR("job.due"),
                                 .entity = STR("workspace"),
                                 .key = place->workspace_id };
    char time[CLOCK_TEXT];
    struct buf json;

    if (query_one_int(tx, 0,
                      "SELECT EXISTS (SELECT 1 FROM deliveries WHERE workspace = $1"
                      " AND plugin = $2 AND handler = $3 AND ended_at IS NULL)"
                      " OR NOT (" DELIVERY_IS_ON("$1", "$2") ")",
                      ARGS(arg_int(place->workspace), arg_text(job->plugin), arg_text(job->name))))
        return;
    tx->workspace = place->workspace;
    tx->workspace_id = place->workspace_id;
    buf_init(&json, KIB(4));
    buf_text(&json, "{\"data\":{\"plugin\":");
    buf_json(&json, job->plugin);
    buf_text(&json, ",\"job\":");
    buf_json(&json, job->name);
    clock_format(place->next_at, time);
    buf_printf(&json, ",\"dueAt\":\"%s\"}}", time);
    tx_event(tx, "job.due", "workspace", place->workspace_id, str_copy(tx->arena, buf_view(&json)));
    buf_fini(&json);
    delivery.event_seq = query_one_int(tx, 0, "SELECT event_seq FROM workspaces WHERE seq = $1",
                                       ARGS(arg_int(place->workspace)));
    delivery_make(tx, &delivery);
}
