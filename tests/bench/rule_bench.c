/* Rule bench: CPU of a question to the shipped rules, with and without its recorded decision.
 *
 *   build/release/rule_bench [ROUNDS]      nanoseconds a question; medians of the rounds
 *
 * Everything but the database: what a read of a client asks, of an owner's key, through policy/ and
 * the sandbox. Beside it a plain Lua function called as plainly as can be (rule_bare.c).
 */
#include "rule_bare.h"

#include "api/clients.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/engine.h"
#include "plugin/host.h"
#include "policy/decision.h"
#include "store/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS = 100000, CHUNK = 1000, ROUNDS_MAX = 101 };

struct bench {
    struct config config;
    struct arena arena;
    struct host *host;
    struct router *router;
    struct workspace workspace;
    struct client client;
    struct subject subject;
    struct decision_ring *ring;
    struct tx tx;
};

static void open_rules(struct bench *bench);
static void answered(struct bench *bench);
static void served(struct bench *bench);
static void recorded(struct bench *bench);
static void denied(struct bench *bench);
static void scoped(struct bench *bench);
static double measure(struct bench *bench, void (*ask)(struct bench *), unsigned rounds);
static uint64_t ask_some(struct bench *bench, void (*ask)(struct bench *));
static int by_value(const void *a, const void *b);

static const struct {
    const char *title;
    void (*ask)(struct bench *);
} kinds[] = {
    { "allowed, not recorded", answered },
    { "allowed as served (1 in 64 recorded)", served },
    { "allowed, recorded with what it read", recorded },
    { "denied, recorded with what it read", denied },
    { "scope", scoped },
};

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 11;
    struct bench bench = { 0 };
    double bare[ROUNDS_MAX];
    size_t i;

    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    open_rules(&bench);
    for (i = 0; i < rounds; i++) {
        uint64_t began = clock_thread_cpu();

        rule_bare(QUESTIONS);
        bare[i] = (double)(clock_thread_cpu() - began) / QUESTIONS;
    }
    qsort(bare, rounds, sizeof(bare[0]), by_value);
    printf("%-40s %8.0f ns\n", "a plain Lua function", bare[rounds / 2]);
    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        printf("%-40s %8.0f ns\n", kinds[i].title, measure(&bench, kinds[i].ask, rounds));
    host_release(bench.tx.policy);
    host_close(bench.host);
    router_free(bench.router);
    decision_ring_free(bench.ring);
    arena_fini(&bench.arena);
    return 0;
}

static void open_rules(struct bench *bench)
{
    struct host_options options = { .config = &bench->config, .runtime = &lua_runtime, .slots = 1 };
    struct failure failure = { 0 };
    struct buf error;

    buf_init(&error, KIB(64));
    arena_init(&bench->arena, LIMIT_REQUEST_ARENA);
    if (router_new(api_routes, &bench->router, &error) != ST_OK)
        abort();
    buf_fini(&error);
    options.router = bench->router;
    if (host_open(&options, &bench->host, &failure, &bench->arena) != ST_OK) {
        fprintf(stderr, "rule_bench: %.*s\n", STR_ARG(failure.message));
        exit(1);
    }
    bench->ring = decision_ring_new();
    bench->workspace.seq = 1;
    bench->client.id.bytes[0] = 1;
    bench->subject =
        (struct subject){ .entity = &client_entity, .row = &bench->client, .id = bench->client.id };
    bench->tx = (struct tx){ .arena = &bench->arena,
                             .now = INT64_C(1795471980000000),
                             .workspace = 1,
                             .request_id = STR("6743b2f1-1"),
                             .workspace_seen = &bench->workspace,
                             .policy = host_acquire(bench->host, 0) };
    bench->tx.actor = (struct actor){ .kind = ACTOR_KEY,
                                      .id = bench->client.id,
                                      .permissions = (UINT64_C(1) << PERMISSION_COUNT) - 1,
                                      .road = "api" };
}

static void expect(bool is_well, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "rule_bench: %s\n", what);
    exit(1);
}

static void answered(struct bench *bench)
{
    struct decision decision;

    expect(policy_ask(&bench->tx, "client.read", &bench->subject, false, &decision) ==
               VERDICT_ALLOW,
           "an owner's key was not allowed to read a client");
}

static void served(struct bench *bench)
{
    bench->tx.policy->decisions = bench->ring;
    expect(policy_may(&bench->tx, "client.read", &bench->subject) == ST_OK,
           "an owner's key was not allowed to read a client");
}

static void recorded(struct bench *bench)
{
    struct decision decision;

    expect(policy_ask(&bench->tx, "client.read", &bench->subject, true, &decision) == VERDICT_ALLOW,
           "an owner's key was not allowed to read a client");
    decision.verdict = VERDICT_DENY; /* which is recorded each time */
    decision_record(bench->ring, &bench->tx, "client.read", bench->subject.id, &decision);
}

/* Of a key that may do nothing: no rule allows, and it is asked whether it may know why. */
static void denied(struct bench *bench)
{
    uint64_t permissions = bench->tx.actor.permissions;

    bench->tx.actor.permissions = 0;
    bench->tx.policy->decisions = bench->ring;
    expect(policy_may(&bench->tx, "client.read", &bench->subject) == ST_DENIED,
           "a key without permissions was not denied");
    bench->tx.actor.permissions = permissions;
    bench->tx.status = ST_OK;
    failure_clear(&bench->tx.failure);
}

static void scoped(struct bench *bench)
{
    struct scope scope;

    expect(policy_scope(&bench->tx, "client", &scope) == ST_OK && scope.kind == SCOPE_EVERYTHING,
           "an owner's key does not see all clients");
}

static double measure(struct bench *bench, void (*ask)(struct bench *), unsigned rounds)
{
    double each[ROUNDS_MAX];
    unsigned round, i;

    for (round = 0; round < rounds; round++) {
        uint64_t spent = 0;

        for (i = 0; i < QUESTIONS / CHUNK; i++) {
            spent += ask_some(bench, ask);
            decision_ring_free(bench->ring); /* empties it, outside of the time */
            bench->ring = decision_ring_new();
        }
        each[round] = (double)spent / QUESTIONS;
    }
    qsort(each, rounds, sizeof(each[0]), by_value);
    return each[rounds / 2];
}

/* Each question has a fresh arena, as in a request. Gives nanoseconds. */
static uint64_t ask_some(struct bench *bench, void (*ask)(struct bench *))
{
    uint64_t began = clock_thread_cpu();
    unsigned i;

    for (i = 0; i < CHUNK; i++) {
        arena_reset(&bench->arena);
        ask(bench);
    }
    return clock_thread_cpu() - began;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}
