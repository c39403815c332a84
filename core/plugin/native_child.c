/* Native_child: what the process of a self-test does: loads the library, opens, tests and closes an instance. */
#include "plugin/native_child.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "plugin/native_inside.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static void limit_process(void);
static void limit(int resource, rlim_t most);
static bool test(struct native_library *library, struct arena *arena, struct fault *fault);
static bool run_self_test(const struct native_library *library, struct native_instance *instance,
                          struct arena *arena, struct fault *fault);

int native_child(void)
{
    struct native_library *library = native_library_of(NATIVE_CHILD_FD);
    struct fault fault = { .where = STR_NONE };
    struct arena arena;
    bool is_good;

    limit_process();
    clock_start();
    crypto_start();
    arena_init(&arena, ARENA_BYTES);
    is_good = test(library, &arena, &fault);
    native_library_free(library);
    if (!is_good)
        fprintf(stderr, "\n%.*s\n", STR_ARG(fault.message));
    arena_fini(&arena);
    return is_good ? NATIVE_CHILD_PASSED : NATIVE_CHILD_REFUSED;
}

/* It ends with the server, leaves no core, and takes no machine down. */
static void limit_process(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, LIMIT_SELF_TEST_SECONDS);
    limit(RLIMIT_FSIZE, MIB(16));
    limit(RLIMIT_NOFILE, 64);
#if BUDGET_SCALE == 1 /* sanitizers map terabytes */
    limit(RLIMIT_AS, MIB(1024));
#endif
}

static void limit(int resource, rlim_t most)
{
    struct rlimit both = { most, most };

    setrlimit(resource, &both);
}

static bool test(struct native_library *library, struct arena *arena, struct fault *fault)
{
    const struct plugin plugin = { .id = STR("self-test"), .path = STR("self-test") };
    struct registry registry = { .arena = arena };
    struct native_instance *instance;
    bool is_good;

    if (!native_library_load(library, arena, &fault->message))
        return false;
    instance = native_open(library, &plugin, NULL, &registry, arena, fault);
    if (!instance)
        return false;
    is_good = run_self_test(library, instance, arena, fault);
    native_close(library, instance);
    return is_good;
}

static bool run_self_test(const struct native_library *library, struct native_instance *instance,
                          struct arena *arena, struct fault *fault)
{
    struct foyer_call call = { .kind = NATIVE_TEST, .instance = instance, .arena = arena };
    int status;

    if (!library->table.self_test)
        return true;
    native_budget_begin(&call.budget, LIMIT_SELF_TEST_SECONDS * UINT64_C(1000000));
    status = library->table.self_test(&native_host, &call, instance->own);
    if (status == FOYER_OK && str_is_absent(call.fault))
        return true;
    fault->message =
        str_is_absent(call.fault)
            ? str_printf(arena, "its self-test failed, and does not say why (it gave %d)", status)
            : str_printf(arena, "its self-test failed: %.*s", STR_ARG(call.fault));
    return false;
}
