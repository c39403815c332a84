/* Policy fixture: hosts and questions. */
#include "policy_fixture.h"

#include "api/routes.h"
#include "http/route.h"
#include "lua/engine.h"
#include "plugin/runtime.h"
#include "store/fold.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void open_host(struct rules *rules, bool alone);

const struct runtime *rules_runtime(void)
{
    return &lua_runtime;
}

void rules_script(const char *name, const char *source)
{
    static const char *folder;
    char path[4096];
    FILE *file;

    if (!folder) { /* once: tests may write thousands */
        mkdir(test_path("data"), 0700);
        mkdir(test_path("data/scripts"), 0700);
        folder = test_path("data/scripts");
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    CHECK(file && fputs(source, file) >= 0 && fclose(file) == 0);
}

void rules_open(struct rules *rules)
{
    open_host(rules, false);
}

void rules_open_alone(struct rules *rules)
{
    open_host(rules, true);
}

static void open_host(struct rules *rules, bool alone)
{
    struct host_options options = { .config = &rules->config, .runtime = &lua_runtime, .slots = 4 };

    struct buf error;

    fold_start();
    memset(rules, 0, sizeof(*rules));
    buf_init(&error, 10000);
    CHECK_INT(router_new(api_routes, &rules->router, &error), ST_OK);
    buf_fini(&error);
    options.router = rules->router;
    arena_init(&rules->arena, 64 << 20);
    mkdir(test_path("data"), 0700);
    mkdir(test_path("none"), 0700);
    rules->data = options.data = test_path("data");
    rules->config.scripts = alone ? test_path("none") : NULL;
    harness_note("rules_open");
    CHECK_INT(host_open(&options, &rules->host, &rules->failure, &rules->arena), ST_OK);
    harness_note("%s", "");
}

void rules_close(struct rules *rules)
{
    host_close(rules->host);
    router_free(rules->router);
    arena_fini(&rules->arena);
}

void rules_begin(struct rules *rules)
{
    struct tx *tx = &rules->tx;

    *tx = (struct tx){ .arena = &rules->arena,
                       .now = INT64_C(1795471980000000),
                       .workspace = 1,
                       .request_id = STR("request"),
                       .workspace_seen = &rules->workspace,
                       .kept = &rules->kept };
    rules->workspace.seq = 1;
    rules->policy = tx->policy = host_acquire(rules->host, 0);
}

void rules_end(struct rules *rules)
{
    host_release(rules->policy);
    rules->policy = NULL;
}

void rules_staff(struct rules *rules, const char *permissions)
{
    struct str rest = str_from(permissions), name;

    rules->tx.actor = (struct actor){
        .kind = ACTOR_STAFF, .id = rules_id(900), .email = STR("ann@example.com"), .road = "session"
    };
    while (rest.len && str_cut(&rest, ' ', &name)) {
        int permission = permission_find(name);

        CHECK(permission >= 0);
        rules->tx.actor.permissions |= UINT64_C(1) << permission;
    }
}

void rules_client(struct rules *rules, struct uuid id)
{
    rules->tx.actor = (struct actor){
        .kind = ACTOR_CLIENT, .id = id, .email = STR("jane@example.com"), .road = "session"
    };
}

struct uuid rules_id(unsigned number)
{
    struct uuid id = { { 0x01, 0x8f, 0, 0, 0, 0, 0x70, 0, 0x80 } };

    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

struct decision rules_ask(struct rules *rules, const char *action, const struct subject *subject)
{
    struct decision decision;

    policy_ask(&rules->tx, action, subject, true, &decision);
    return decision;
}

struct str rules_verdict(struct rules *rules, const char *action, const struct subject *subject)
{
    struct decision decision = rules_ask(rules, action, subject);

    if (decision.verdict == VERDICT_ERROR)
        return str_printf(&rules->arena, "error: %.*s", STR_ARG(decision.reason));
    return decision.verdict == VERDICT_ALLOW ? STR("allow") : STR("deny");
}

void rules_check_tests(const char *source, const char *tests, size_t count, size_t failed,
                       const char *report)
{
    struct script_overlay overlay = { .name = STR("x.lua"), .source = str_from(source) };
    struct testing testing = { .filter = STR_NONE };
    struct policy *policy;
    struct rules rules;
    struct buf said;

    rules_open(&rules);
    buf_init(&said, 10000);
    policy = host_try(rules.host, &overlay, 1, &said);
    if (policy)
        host_test(policy, STR("x_test.lua"), str_from(tests), &testing, &said);
    CHECK_STR(buf_view(&said), report);
    CHECK_INT(testing.count, count);
    CHECK_INT(testing.failed, failed);
    host_try_end(policy);
    buf_fini(&said);
    rules_close(&rules);
}
