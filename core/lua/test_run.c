/* Test run: each test is a call of its own, in a state of its own file, with the time of a route. */
#include "lua/test_run.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/scratch.h"
#include "store/kv.h"

#include <stdlib.h>
#include <string.h>

static bool load(struct instance *instance, const struct plugin *file, struct buf *report);
static bool is_wanted(const struct test_case *test, struct str filter);
static void run_case(struct instance *instance, const struct test_case *test,
                     struct testing *testing, struct buf *report);
static int push_test(lua_State *L, void *context);
static void tell(struct buf *report, const struct plugin *file, struct str sentence,
                 const struct script_error *error);

void test_run_file(struct policy *policy, const struct plugin *file, const struct known *known,
                   struct testing *testing, struct buf *report)
{
    struct test_run *run = xcalloc(1, sizeof(*run));
    struct registry registry = { .arena = &run->names };
    struct instance instance = {
        .plugin = file, .known = known, .registry = &registry, .tests = run
    };

    run->policy = policy;
    arena_init(&run->arena, TEST_ARENA);
    arena_init(&run->names, TEST_ARENA);
    if (!load(&instance, file, report)) { /* counts as one */
        testing->count++;
        testing->failed++;
        run->count = 0;
    }
    for (size_t i = 0; i < run->count; i++)
        if (is_wanted(&run->cases[i], testing->filter))
            run_case(&instance, &run->cases[i], testing, report);
    script_state_free(instance.state);
    free(instance.functions);
    arena_fini(&run->arena);
    arena_fini(&run->names);
    free(run);
}

static bool is_wanted(const struct test_case *test, struct str filter)
{
    return str_is_empty(filter) || memmem(test->name.at, test->name.len, filter.at, filter.len);
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

static void run_case(struct instance *instance, const struct test_case *test,
                     struct testing *testing, struct buf *report)
{
    struct test_run *run = instance->tests;
    struct kept_entries kept = { .first = NULL };
    struct tx tx = { .arena = &run->arena, .now = clock_wall(), .kept = &kept };
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
    enum status status;

    run->serial++;
    run->is_left = run->is_answering = false;
    status = script_call(instance->state, &kind, &error);
    if (status == ST_OK && run->is_answering) { /* it has caught the error */
        status = ST_RULE_ERROR;
        error = (struct script_error){ .message = STR("what was fetched was not answered") };
    }
    testing->left += run->is_left;
    testing->count += !run->is_left;
    if (status != ST_OK && !run->is_left) {
        testing->failed++;
        tell(report, instance->plugin, test->name, &error);
        if (run->scratch)
            scratch_calls->trouble(run->scratch, report);
    }
    if (run->scratch)
        scratch_calls->close(run->scratch);
    run->scratch = NULL;
    arena_reset(&run->arena);
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
