/* Threads, owners, conditions, queues. Nothing here measures time. */
#include "each_fault.h"
#include "harness.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/queue.h"
#include "base/thread.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct seen {
    char name[16];
    bool is_term_blocked, is_segv_blocked, is_owner;
    struct thread_owner *owner;
};

static void look(void *arg)
{
    struct seen *seen = arg;
    sigset_t mask;

    pthread_getname_np(pthread_self(), seen->name, sizeof seen->name);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    seen->is_term_blocked = sigismember(&mask, SIGTERM);
    seen->is_segv_blocked = sigismember(&mask, SIGSEGV);
    seen->is_owner = seen->owner != NULL && thread_owner_is_me(seen->owner);
}

TEST(a_thread_has_its_name_and_takes_no_signals)
{
    struct seen seen = { .name = "" };
    struct thread thread;
    sigset_t mask;

    CHECK_INT(thread_start(&thread, "writer", look, &seen), ST_OK);
    thread_join(&thread);
    CHECK_STR(seen.name, "writer");
    CHECK(seen.is_term_blocked && !seen.is_segv_blocked);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGTERM));
    EXPECT_ABORT(thread_start(&thread, "a name of 16 byt", look, &seen));
    CHECK(thread_cores() >= 1);
}

/* The sanitizers need the whole address space. */
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
TEST(a_machine_without_room_gives_no_thread)
{
    struct rlimit none = { 0, 0 };
    struct seen seen = { .name = "" };
    struct thread thread;
    sigset_t mask;

    CHECK(setrlimit(RLIMIT_AS, &none) == 0);
    CHECK_INT(thread_start(&thread, "none", look, &seen), ST_UNAVAILABLE);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGTERM));
}
#endif

TEST(an_owned_struct_aborts_on_another_thread)
{
    struct thread_owner owner = { NULL };
    struct seen seen = { .owner = &owner };
    struct thread thread;

    CHECK(!thread_owner_is_me(&owner));
    EXPECT_ABORT(thread_owner_check(&owner));
    EXPECT_ABORT(thread_owner_leave(&owner));
    thread_owner_take(&owner);
    thread_owner_check(&owner);
    EXPECT_ABORT(thread_owner_take(&owner));
    CHECK_INT(thread_start(&thread, "other", look, &seen), ST_OK);
    thread_join(&thread);
    CHECK(!seen.is_owner);
    thread_owner_leave(&owner);
    EXPECT_ABORT(thread_owner_check(&owner));
    thread_owner_take(&owner);
    thread_owner_check(&owner);
}

static void use_owned(void *owner)
{
    thread_owner_check(owner);
}

RED_TEST(a_foreign_thread_dies_by_abort, "died by Aborted")
{
    struct thread_owner owner = { NULL };
    struct thread thread;

    thread_owner_take(&owner);
    CHECK_INT(thread_start(&thread, "foreign", use_owned, &owner), ST_OK);
    thread_join(&thread);
}

/* Misuse is what TSan reports by itself, before our check sees it. */
#if !defined(__SANITIZE_THREAD__)
TEST(a_misused_mutex_aborts)
{
    struct mutex mutex;

    mutex_init(&mutex);
    EXPECT_ABORT(mutex_unlock(&mutex));
    /* in one process: who holds a mutex is another one after a fork */
    EXPECT_ABORT(mutex_lock(&mutex); mutex_lock(&mutex));
    EXPECT_ABORT(mutex_lock(&mutex); mutex_fini(&mutex));
    mutex_fini(&mutex);
}
#endif

TEST(a_wait_ends_at_its_deadline)
{
    struct mutex mutex;
    struct cond cond;
    uint64_t begin = clock_monotonic();

    mutex_init(&mutex);
    cond_init(&cond);
    mutex_lock(&mutex);
    while (cond_wait_until(&cond, &mutex, begin + 2000000))
        ;
    CHECK(clock_monotonic() >= begin + 2000000);
    while (cond_wait_until(&cond, &mutex, 0))
        ;
    mutex_unlock(&mutex);
    cond_fini(&cond);
    mutex_fini(&mutex);
}

static int items[10000];

TEST(a_queue_gives_in_order_and_refuses_when_full)
{
    struct queue queue;

    queue_init(&queue, 3);
    for (int round = 0; round < 5; round++) {
        CHECK_INT(queue_put(&queue, &items[0]), ST_OK);
        CHECK_INT(queue_put(&queue, &items[1]), ST_OK);
        CHECK_INT(queue_length(&queue), 2);
        CHECK_INT(queue_put(&queue, &items[2]), ST_OK);
        CHECK_INT(queue_put(&queue, &items[3]), ST_BUSY);
        CHECK(queue_take(&queue) == &items[0]);
        CHECK(queue_take(&queue) == &items[1]);
        CHECK_INT(queue_put(&queue, &items[4]), ST_OK);
        CHECK(queue_take(&queue) == &items[2]);
        CHECK(queue_take(&queue) == &items[4]);
        CHECK_INT(queue_length(&queue), 0);
    }
    EXPECT_ABORT(queue_put(&queue, NULL));
    queue_fini(&queue);
    EXPECT_ABORT(queue_init(&queue, 0));
}

TEST(a_closed_queue_gives_what_is_in_and_then_nothing)
{
    struct queue queue;
    void *taken[4];

    queue_init(&queue, 3);
    CHECK_INT(queue_put(&queue, &items[0]), ST_OK);
    CHECK_INT(queue_put(&queue, &items[1]), ST_OK);
    CHECK(!queue_is_closed(&queue));
    EXPECT_ABORT(queue_fini(&queue));
    queue_close(&queue);
    queue_close(&queue);
    CHECK(queue_is_closed(&queue));
    CHECK_INT(queue_put(&queue, &items[2]), ST_UNAVAILABLE);
    CHECK(queue_take(&queue) == &items[0]);
    CHECK_INT(queue_take_many(&queue, taken, 4, UINT64_MAX), 1);
    CHECK(taken[0] == &items[1]);
    CHECK(queue_take(&queue) == NULL);
    CHECK_INT(queue_take_many(&queue, taken, 4, UINT64_MAX), 0);
    queue_fini(&queue);
}

TEST(many_are_taken_at_once_up_to_a_limit)
{
    struct queue queue;
    void *taken[8];

    queue_init(&queue, 100);
    CHECK_INT(queue_take_many(&queue, taken, 8, 0), 0);
    CHECK_INT(queue_take_many(&queue, taken, 8, clock_monotonic() + 1000000), 0);
    for (int i = 0; i < 10; i++)
        CHECK_INT(queue_put(&queue, &items[i]), ST_OK);
    CHECK_INT(queue_take_many(&queue, taken, 8, 0), 8);
    for (int i = 0; i < 8; i++)
        CHECK(taken[i] == &items[i]);
    CHECK_INT(queue_take_many(&queue, taken, 8, 1), 2);
    CHECK(taken[1] == &items[9]);
    queue_fini(&queue);
}

TEST(an_injected_fault_is_a_full_queue)
{
    EACH_FAULT(1u << FAULT_QUEUE)
    {
        struct queue queue;
        enum status status;

        queue_init(&queue, 3);
        status = queue_put(&queue, &items[0]);
        CHECK_INT(status, EACH_FAULT_END() ? ST_BUSY : ST_OK);
        CHECK_INT(queue_length(&queue), status == ST_OK);
        CHECK_INT(queue_put(&queue, &items[1]), ST_OK);
        CHECK(queue_take(&queue) != NULL);
        if (status == ST_OK)
            CHECK(queue_take(&queue) == &items[1]);
        queue_fini(&queue);
    }
}

enum { PUTTERS = 3, TAKERS = 3, EACH = 3000 };

static struct queue shared;
static _Atomic int counts[PUTTERS * EACH];
static _Atomic int begin_at;

static void put_many(void *unused)
{
    int begin = atomic_fetch_add(&begin_at, EACH);

    (void)unused;
    for (int i = begin; i < begin + EACH; i++)
        while (queue_put(&shared, &items[i]) == ST_BUSY)
            sched_yield();
}

static void take_all(void *is_many)
{
    void *taken[16];
    size_t count = 1;
    void *item;

    while (is_many == NULL && (item = queue_take(&shared)) != NULL)
        atomic_fetch_add(&counts[(int *)item - items], 1);
    while (is_many != NULL && count > 0) {
        count = queue_take_many(&shared, taken, 16, UINT64_MAX);
        for (size_t i = 0; i < count; i++)
            atomic_fetch_add(&counts[(int *)taken[i] - items], 1);
    }
}

TEST(every_item_comes_out_once_with_many_threads)
{
    struct thread putters[PUTTERS], takers[TAKERS];

    queue_init(&shared, 16);
    for (int i = 0; i < TAKERS; i++)
        CHECK_INT(thread_start(&takers[i], "taker", take_all, i == 0 ? &shared : NULL), ST_OK);
    for (int i = 0; i < PUTTERS; i++)
        CHECK_INT(thread_start(&putters[i], "putter", put_many, NULL), ST_OK);
    for (int i = 0; i < PUTTERS; i++)
        thread_join(&putters[i]);
    queue_close(&shared);
    for (int i = 0; i < TAKERS; i++)
        thread_join(&takers[i]);
    for (int i = 0; i < PUTTERS * EACH; i++)
        CHECK_INT(counts[i], 1);
    queue_fini(&shared);
}
