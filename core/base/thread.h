/* Thread: threads with names, mutexes, conditions on the monotonic clock, and a check of who owns
 * a struct.
 *
 * Only exec/, net/ and what they hand out use threads. Misuse (a lock taken twice, an unlock by
 * another thread, a struct used by a thread that does not own it) aborts.
 */
#ifndef FOYER_BASE_THREAD_H
#define FOYER_BASE_THREAD_H

#include "base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct thread {
    pthread_t handle;
};

/* Runs run(arg) on a thread of that name (at most 15 bytes). Signals to the process are blocked
 * there: they go to the thread that began. ST_UNAVAILABLE: the machine gives no more threads. */
enum status thread_start(struct thread *thread, const char *name, void (*run)(void *arg),
                         void *arg);
/* Waits for its end; once for each thread_start that went well. */
void thread_join(struct thread *thread);
/* Cores that this process may use, at least 1. */
int thread_cores(void);

struct mutex {
    pthread_mutex_t handle;
};

void mutex_init(struct mutex *mutex);
void mutex_fini(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

/* The usual loop: lock; while (!what_is_waited_for) cond_wait; … unlock. */
struct cond {
    pthread_cond_t handle;
};

void cond_init(struct cond *cond);
void cond_fini(struct cond *cond);
void cond_signal(struct cond *cond);
void cond_broadcast(struct cond *cond);
void cond_wait(struct cond *cond, struct mutex *mutex);
/* deadline as of clock_monotonic. False: it has passed. */
bool cond_wait_until(struct cond *cond, struct mutex *mutex, uint64_t deadline);

/* Who may touch a struct. Starts as nobody's (zeroed); taken by a thread, left before another may
 * take it (which the two arrange by other means: this is a check and no lock). */
struct thread_owner {
    _Atomic(const void *) thread; /* NULL: nobody */
};

void thread_owner_take(struct thread_owner *owner);
void thread_owner_leave(struct thread_owner *owner);
bool thread_owner_is_me(const struct thread_owner *owner);
/* Aborts on any thread but the owner's. First line of the functions of an owned struct. */
void thread_owner_check(const struct thread_owner *owner);

#endif
