/* Loading of generations: when plugins are opened at all. */
#include "api/routes.h"
#include "http/route.h"
#include "plugin/runtime.h"
#include "policy_fixture.h"

#include <sys/stat.h>

#define RULE                                                                                       \
    "local foyer = require(\"foyer\")\n"                                                           \
    "foyer.rule(\"client.list\", function() return foyer.allow(\"%s\") end)"

static size_t opened;

static struct instance *count_open(const struct plugin *plugin, const struct known *known,
                                   struct registry *registry, struct arena *arena,
                                   struct fault *fault)
{
    opened++;
    return rules_runtime()->open(plugin, known, registry, arena, fault);
}

TEST(what_has_not_changed_is_not_loaded_again)
{
    struct runtime counting = *rules_runtime();
    struct host_options options = { .runtime = &counting, .slots = 1, .data = test_path("data") };
    struct config config = { .scripts = test_path("none") };
    struct failure failure = { 0 };
    struct router *router;
    struct host *host;
    struct arena arena;
    struct buf error;

    counting.open = count_open;
    arena_init(&arena, 64 << 20);
    buf_init(&error, 10000);
    CHECK_INT(router_new(api_routes, &router, &error), ST_OK);
    mkdir(test_path("none"), 0700);
    rules_script("a.lua", str_printf(&arena, RULE, "one").at);
    rules_script("b.lua", str_printf(&arena, RULE, "two").at);
    options.router = router;
    options.config = &config;
    CHECK_INT(host_open(&options, &host, &failure, &arena), ST_OK);
    CHECK_INT(opened, 4); /* the bundled ones, too */
    CHECK_INT(host_reload(host, &error), ST_OK);
    CHECK_INT(opened, 4);
    CHECK_INT(host_generation(host), 1);
    rules_script("b.lua", str_printf(&arena, RULE, "three").at);
    CHECK_INT(host_reload(host, &error), ST_OK);
    CHECK_INT(opened, 8);
    CHECK_INT(host_generation(host), 2);
    CHECK_INT(error.len, 0);
    host_close(host);
    router_free(router);
    buf_fini(&error);
    arena_fini(&arena);
}
