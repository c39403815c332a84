/* Chore table: everything that the writer does for itself. The functions are others'. */
#include "exec/chore.h"
#include "exec/fan.h"
#include "exec/inside.h"
#include "exec/planner.h"

#include "base/clock.h"
#include "plugin/host.h"
#include "policy/decision.h"
#include "store/client.h"
#include "store/delivery.h"
#include "store/idempotency.h"
#include "store/kv.h"
#include "store/operation.h"
#include "store/record.h"
#include "store/revision.h"
#include "store/session.h"
#include "store/throttle.h"
#include "store/token.h"

enum { SWEPT = 500, INDEXED = 200, SEALED = 200, LEFT_AT_ONCE = 4 };

static size_t index_clients(struct tx *tx, struct server *server);
static size_t flush_decisions(struct tx *tx, struct server *server);
static void decisions_kept(struct server *server);
static size_t follow_scripts(struct tx *tx, struct server *server);
static bool is_script_coming(const struct server *server);
static void scripts_are_followed(struct server *server);
static size_t seal_audit(struct tx *tx, struct server *server);
static size_t write_activity(struct tx *tx, struct server *server);
static void activity_is_kept(struct server *server);
static size_t prune_decisions(struct tx *tx, struct server *server);
static size_t sweep_sessions(struct tx *tx, struct server *server);
static size_t sweep_tokens(struct tx *tx, struct server *server);
static size_t sweep_throttles(struct tx *tx, struct server *server);
static size_t sweep_events(struct tx *tx, struct server *server);
static size_t sweep_idempotency(struct tx *tx, struct server *server);
static size_t sweep_operations(struct tx *tx, struct server *server);
static size_t sweep_deliveries(struct tx *tx, struct server *server);
static size_t sweep_kv(struct tx *tx, struct server *server);

/* Milliseconds: idle, busy. */
enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };

const struct writer_chore writer_chores[] = {
    { "deliveries", 10, 50, false, fan_run, FANNED, fan_kept, fan_is_wanted },
    { "jobs", 100, SECOND_MS, false, planner_run, BEGUN, planner_kept, planner_is_wanted },
    { "search index", 100, SECOND_MS, true, index_clients, INDEXED, NULL },
    { "audit seals", SECOND_MS, 5 * SECOND_MS, true, seal_audit, SEALED, NULL },
    { "decisions", SECOND_MS, SECOND_MS, false, flush_decisions, 0, decisions_kept },
    { "scripts", SECOND_MS, SECOND_MS, false, follow_scripts, 0, scripts_are_followed },
    { "last activity", 30 * SECOND_MS, 30 * SECOND_MS, false, write_activity, ACTIVITY_AT_ONCE,
      activity_is_kept },
    { "old decisions", MINUTE_MS, 10 * MINUTE_MS, false, prune_decisions, SWEPT, NULL },
    { "old sessions", 10 * MINUTE_MS, HOUR_MS, false, sweep_sessions, SWEPT, NULL },
    { "old tokens", 10 * MINUTE_MS, HOUR_MS, false, sweep_tokens, SWEPT, NULL },
    { "old throttles", 10 * MINUTE_MS, HOUR_MS, false, sweep_throttles, SWEPT, NULL },
    { "old events", 10 * MINUTE_MS, HOUR_MS, false, sweep_events, SWEPT, NULL },
    { "old answers", 10 * MINUTE_MS, HOUR_MS, false, sweep_idempotency, SWEPT, NULL },
    { "old operations", 10 * MINUTE_MS, HOUR_MS, false, sweep_operations, SWEPT, NULL },
    { "old deliveries", 10 * MINUTE_MS, HOUR_MS, false, sweep_deliveries, SWEPT, NULL },
    { "old entries of scripts", MINUTE_MS, HOUR_MS, false, sweep_kv, SWEPT, NULL },
    { 0 },
};

const struct writer_chore scratch_chores[] = {
    { "deliveries", 0, 0, false, fan_run, FANNED, fan_kept, fan_is_wanted },
    { "jobs", 0, 0, false, planner_run, BEGUN, planner_kept, planner_is_wanted },
    { "search index", 0, 0, true, index_clients, INDEXED, NULL },
    { "decisions", 0, 0, true, flush_decisions, 0, decisions_kept },
    { "last activity", 0, 0, true, write_activity, ACTIVITY_AT_ONCE, activity_is_kept },
    { 0 },
};

static size_t index_clients(struct tx *tx, struct server *server)
{
    (void)server;
    return client_index(tx, INDEXED);
}

static size_t flush_decisions(struct tx *tx, struct server *server)
{
    return host_flush_decisions(server->host, tx);
}

static void decisions_kept(struct server *server)
{
    host_decisions_kept(server->host);
}

/* What was left because it kept failing is told; what somebody changes in the data folder by hand is a
 * revision, too. */
static size_t follow_scripts(struct tx *tx, struct server *server)
{
    struct script_left left[LEFT_AT_ONCE];
    struct revision_text *texts;
    struct in_force now;

    server->scripts_left = host_left(server->host, tx->arena, left, LEFT_AT_ONCE);
    for (size_t i = 0; i < server->scripts_left; i++)
        revision_quarantine(tx, left[i].name, left[i].source, left[i].before, left[i].report);
    if (server->scripts_followed == host_generation(server->host) || is_script_coming(server))
        return 0;
    host_in_force(server->host, tx->arena, &now);
    texts = arena_array(tx->arena, struct revision_text, now.count);
    for (size_t i = 0; i < now.count; i++)
        texts[i] = (struct revision_text){ now.scripts[i].name, now.scripts[i].source };
    if (now.held)
        revision_follow(tx, texts, now.count, now.since);
    server->scripts_seen = now.number;
    host_in_force_end(server->host, &now);
    return now.count;
}

/* Else the text that somebody has just rolled back would be recorded as a change by hand: it is in force
 * still, and its record is over. */
static bool is_script_coming(const struct server *server)
{
    return server->scripts_coming_after == host_generation(server->host) &&
           clock_monotonic() < server->scripts_coming_until;
}

static void scripts_are_followed(struct server *server)
{
    host_left_kept(server->host, server->scripts_left);
    server->scripts_left = 0;
    server->scripts_followed = server->scripts_seen;
}

static size_t seal_audit(struct tx *tx, struct server *server)
{
    (void)server;
    return audit_seal(tx, SEALED);
}

static size_t write_activity(struct tx *tx, struct server *server)
{
    size_t i, most = 0;

    for (i = 0; i < server->loop_count; i++) {
        size_t written = activity_write(server->loops[i].activity, tx);

        most = written > most ? written : most;
    }
    return most;
}

static void activity_is_kept(struct server *server)
{
    size_t i;

    for (i = 0; i < server->loop_count; i++)
        activity_kept(server->loops[i].activity);
}

static size_t prune_decisions(struct tx *tx, struct server *server)
{
    (void)server;
    return decision_prune(tx);
}

static size_t sweep_sessions(struct tx *tx, struct server *server)
{
    (void)server;
    return session_sweep(tx);
}

static size_t sweep_tokens(struct tx *tx, struct server *server)
{
    (void)server;
    return token_sweep(tx);
}

static size_t sweep_throttles(struct tx *tx, struct server *server)
{
    (void)server;
    return throttle_sweep(tx);
}

static size_t sweep_events(struct tx *tx, struct server *server)
{
    (void)server;
    return event_sweep(tx);
}

static size_t sweep_idempotency(struct tx *tx, struct server *server)
{
    (void)server;
    return idempotency_sweep(tx);
}

static size_t sweep_operations(struct tx *tx, struct server *server)
{
    (void)server;
    return operation_sweep(tx);
}

static size_t sweep_kv(struct tx *tx, struct server *server)
{
    (void)server;
    return kv_sweep(tx, SWEPT);
}

static size_t sweep_deliveries(struct tx *tx, struct server *server)
{
    (void)server;
    return delivery_sweep(tx);
}
