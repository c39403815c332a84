/* Thread: a thin layer over pthreads in which every error that is ours aborts. */
#include "base/thread.h"

#include "base/check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 16 }; /* what the kernel keeps, with the NUL */

struct start {
    char name[NAME_BYTES];
    void (*run)(void *arg);
    void *arg;
};

/* Its address names the thread. */
static _Thread_local char self;

static void *begin(void *arg);

enum status thread_start(struct thread *thread, const char *name, void (*run)(void *arg), void *arg)
{
    struct start *start;
    sigset_t blocked, before;
    int error;

    PRE(strlen(name) < NAME_BYTES);
    start = xmalloc(sizeof *start);
    memcpy(start->name, name, strlen(name) + 1);
    start->run = run;
    start->arg = arg;
    /* A new thread inherits the mask. What a thread does to itself is not kept from it. */
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGABRT);
    sigdelset(&blocked, SIGPROF);
    NEVER(pthread_sigmask(SIG_SETMASK, &blocked, &before) != 0);
    error = pthread_create(&thread->handle, NULL, begin, start);
    NEVER(pthread_sigmask(SIG_SETMASK, &before, NULL) != 0);
    if (error == 0)
        return ST_OK;
    free(start);
    errno = error;
    return ST_UNAVAILABLE;
}

void thread_join(struct thread *thread)
{
    NEVER(pthread_join(thread->handle, NULL) != 0);
}

int thread_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

static void *begin(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    pthread_setname_np(pthread_self(), start.name);
    start.run(start.arg);
    return NULL;
}

void mutex_init(struct mutex *mutex)
{
    pthread_mutexattr_t attr;

    NEVER(pthread_mutexattr_init(&attr) != 0);
    NEVER(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK) != 0);
    NEVER(pthread_mutex_init(&mutex->handle, &attr) != 0);
    pthread_mutexattr_destroy(&attr);
}

void mutex_fini(struct mutex *mutex)
{
    NEVER(pthread_mutex_destroy(&mutex->handle) != 0);
}

void mutex_lock(struct mutex *mutex)
{
    NEVER(pthread_mutex_lock(&mutex->handle) != 0);
}

void mutex_unlock(struct mutex *mutex)
{
    NEVER(pthread_mutex_unlock(&mutex->handle) != 0);
}

void cond_init(struct cond *cond)
{
    pthread_condattr_t attr;

    NEVER(pthread_condattr_init(&attr) != 0);
    NEVER(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0);
    NEVER(pthread_cond_init(&cond->handle, &attr) != 0);
    pthread_condattr_destroy(&attr);
}

void cond_fini(struct cond *cond)
{
    NEVER(pthread_cond_destroy(&cond->handle) != 0);
}

void cond_signal(struct cond *cond)
{
    NEVER(pthread_cond_signal(&cond->handle) != 0);
}

void cond_broadcast(struct cond *cond)
{
    NEVER(pthread_cond_broadcast(&cond->handle) != 0);
}

void cond_wait(struct cond *cond, struct mutex *mutex)
{
    NEVER(pthread_cond_wait(&cond->handle, &mutex->handle) != 0);
}

bool cond_wait_until(struct cond *cond, struct mutex *mutex, uint64_t deadline)
{
    struct timespec until = { (time_t)(deadline / 1000000000u), (long)(deadline % 1000000000u) };
    int error;

    /* a deadline of "never" (UINT64_MAX) is above what time_t's arithmetic inside may bear */
    if (deadline > INT64_MAX / 2)
        until.tv_sec = (time_t)(INT64_MAX / 2 / 1000000000);
    error = pthread_cond_timedwait(&cond->handle, &mutex->handle, &until);
    NEVER(error != 0 && error != ETIMEDOUT);
    return error == 0;
}

void thread_owner_take(struct thread_owner *owner)
{
    const void *nobody = NULL;

    PRE(atomic_compare_exchange_strong(&owner->thread, &nobody, (const void *)&self));
}

void thread_owner_leave(struct thread_owner *owner)
{
    thread_owner_check(owner);
    atomic_store(&owner->thread, NULL);
}

bool thread_owner_is_me(const struct thread_owner *owner)
{
    return atomic_load_explicit(&owner->thread, memory_order_relaxed) == &self;
}

void thread_owner_check(const struct thread_owner *owner)
{
    PRE(thread_owner_is_me(owner));
}
