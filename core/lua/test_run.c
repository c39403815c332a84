/* Test run: each test is a call of its own, in a state of its own file, with the time of a route. */
#include "lua/test_run.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/api.h"
#include "store/kv.h"

#include <stdlib.h>
#include <string.h>

static bool load(struct instance *instance, const struct plugin *file, struct buf *report);
static bool run_case(struct instance *instance, const struct test_case *test, struct buf *report);
static int push_test(lua_State *L, void *context);
static void tell(struct buf *report, const struct plugin *file, struct str sentence,
                 const struct script_error *error);

size_t test_run_file(struct policy *policy, const struct plugin *file, const struct known *known,
                     size_t *count, struct buf *report)
{
    struct test_run *run = xcalloc(1, sizeof(*run));
    struct registry registry = { .arena = &run->names };
    struct instance instance = {
        .plugin = file, .known = known, .registry = &registry, .tests = run
    };
    size_t failed = 0;

    run->policy = policy;
    arena_init(&run->arena, TEST_ARENA);
    arena_init(&run->names, TEST_ARENA);
    *count = 1; /* a file that does not load has failed as one */
    if (!load(&instance, file, report)) {
        failed = 1;
    } else {
        *count = run->count;
        for (size_t i = 0; i < run->count; i++)
            failed += !run_case(&instance, &run->cases[i], report);
    }
    script_state_free(instance.state);
    free(instance.functions);
    arena_fini(&run->arena);
    arena_fini(&run->names);
    free(run);
    return failed;
}

static bool load(struct instance *instance, const struct plugin *file, struct buf *report)
{
    struct script_error error = { .message = STR("there is no memory for it") };
    struct script_limits limits = { .files = { instance_find_file, instance } };

    instance->state = script_state_new(&limits);
    if (instance->state) {
        script_set_host(instance->state, instance);
        if (script_module(instance->state, "foyer", api_open, NULL, &error) == ST_OK &&
            script_module(instance->state, "test", test_open, NULL, &error) == ST_OK &&
            script_load(instance->state, file->path, file->source, LIMIT_LOAD_MICROSECONDS, NULL,
                        &error) == ST_OK &&
            script_freeze(instance->state, &error) == ST_OK)
            return true;
    }
    tell(report, file, STR("the file cannot be loaded"), &error);
    return false;
}

static bool run_case(struct instance *instance, const struct test_case *test, struct buf *report)
{
    struct kept_entries kept = { .first = NULL };
    struct tx tx = { .arena = &instance->tests->arena, .now = clock_wall(), .kept = &kept };
    struct call call = { .kind = API_TEST,
                         .instance = instance,
                         .tx = &tx,
                         .arena = tx.arena,
                         .serial = ++instance->serial };
    const struct script_call kind = { .function = test->function,
                                      .push = push_test,
                                      .context = &call,
                                      .budget_us = LIMIT_TEST_MICROSECONDS };
    struct script_error error;
    enum status status = script_call(instance->state, &kind, &error);

    if (status != ST_OK)
        tell(report, instance->plugin, test->name, &error);
    arena_reset(&instance->tests->arena);
    return status == ST_OK;
}

static int push_test(lua_State *L, void *context)
{
    (void)context;
    test_push_object(L);
    return 1;
}

/* "permissions_test.lua:12: staff sees all clients: deny is not allow" */
static void tell(struct buf *report, const struct plugin *file, struct str sentence,
                 const struct script_error *error)
{
    buf_printf(report, "%.*s: %.*s: %.*s\n",
               STR_ARG(str_is_empty(error->where) ? file->path : error->where), STR_ARG(sentence),
               STR_ARG(error->message));
}
