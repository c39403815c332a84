/* Watch: polling on a thread of its own. */
#include "plugin/watch.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/thread.h"

#include <stdlib.h>

struct watch {
    struct thread thread;
    struct mutex lock;
    struct cond stopped;
    bool is_over; /* under the lock */
    uint64_t (*look)(void *context);
    uint64_t (*changed)(void *context);
    uint64_t seen;
    void *context;
};

static void run(void *arg);
static bool wait(struct watch *watch);

struct watch *watch_start(uint64_t (*look)(void *context), uint64_t (*changed)(void *context),
                          uint64_t seen, void *context)
{
    struct watch *watch = xcalloc(1, sizeof(*watch));

    mutex_init(&watch->lock);
    cond_init(&watch->stopped);
    watch->look = look;
    watch->changed = changed;
    watch->seen = seen;
    watch->context = context;
    if (thread_start(&watch->thread, "watch", run, watch) == ST_OK)
        return watch;
    cond_fini(&watch->stopped);
    mutex_fini(&watch->lock);
    free(watch);
    return NULL;
}

void watch_stop(struct watch *watch)
{
    if (!watch)
        return;
    mutex_lock(&watch->lock);
    watch->is_over = true;
    cond_signal(&watch->stopped);
    mutex_unlock(&watch->lock);
    thread_join(&watch->thread);
    cond_fini(&watch->stopped);
    mutex_fini(&watch->lock);
    free(watch);
}

static void run(void *arg)
{
    struct watch *watch = arg;
    uint64_t before = watch->seen;
    bool again = true;

    while (wait(watch)) {
        uint64_t now = watch->look(watch->context);

        /* Once more after each reading: what is written in the same tick of the file system's clock
         * has the same time. */
        if ((now != watch->seen || again) && now == before) {
            again = now != watch->seen;
            watch->seen = watch->changed(watch->context);
        }
        before = now;
    }
}

/* False: it is over. */
static bool wait(struct watch *watch)
{
    uint64_t deadline = clock_monotonic() + UINT64_C(1000000) * WATCH_MILLISECONDS;
    bool is_over;

    mutex_lock(&watch->lock);
    while (!watch->is_over && cond_wait_until(&watch->stopped, &watch->lock, deadline))
        ;
    is_over = watch->is_over;
    mutex_unlock(&watch->lock);
    return !is_over;
}
