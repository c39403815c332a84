/* Signals: how a running server is told to end, and to read its scripts anew. */
#include "exec/inside.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Beyond the drain's own deadline: then something is stuck, and leaving is better than staying. */
enum { STUCK_SECONDS = 10, SIGNALS = 3 };

struct signals {
    struct server *server;
    uv_signal_t handles[SIGNALS];
    uv_timer_t stuck;
    size_t open; /* handles that were made; the timer is one more */
    bool has_timer, is_closed;
};

static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

static void on_signal(uv_signal_t *handle, int number);
static void on_stuck(uv_timer_t *timer);
static void ignore(int number);

struct signals *signals_open(struct server *server, struct failure *failure, struct arena *arena)
{
    struct signals *signals = xcalloc(1, sizeof(*signals));
    uv_loop_t *uv = &server->loops[0].uv;
    int error = uv_timer_init(uv, &signals->stuck);

    /* A peer that hangs up, and a file that reaches its limit, are errors of a call. */
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
    signals->server = server;
    signals->stuck.data = signals;
    signals->has_timer = error == 0;
    while (error == 0 && signals->open < SIGNALS) {
        uv_signal_t *handle = &signals->handles[signals->open];

        error = uv_signal_init(uv, handle);
        if (error == 0) {
            handle->data = signals;
            signals->open++;
            error = uv_signal_start(handle, on_signal, numbers[signals->open - 1]);
        }
    }
    if (error != 0)
        failure_set(failure, arena, ST_UNAVAILABLE, NULL, "Signals cannot be watched: %s.",
                    uv_strerror(error));
    return signals;
}

void signals_close(struct signals *signals)
{
    size_t i;

    if (!signals || signals->is_closed)
        return;
    signals->is_closed = true;
    for (i = 0; i < signals->open; i++)
        uv_close((uv_handle_t *)&signals->handles[i], NULL);
    if (signals->has_timer)
        uv_close((uv_handle_t *)&signals->stuck, NULL);
}

void signals_free(struct signals *signals)
{
    free(signals);
}

void signals_drain(struct signals *signals)
{
    uv_timer_start(&signals->stuck, on_stuck, (LIMIT_DRAIN_SECONDS + STUCK_SECONDS) * 1000, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct signals *signals = handle->data;

    if (number == SIGHUP) {
        server_reload(signals->server);
    } else if (atomic_load(&signals->server->is_draining)) {
        log_warn(STR_NONE, "a second signal: leaving at once");
        _exit(128 + number);
    } else {
        server_drain(signals->server);
    }
}

static void on_stuck(uv_timer_t *timer)
{
    (void)timer;
    log_error(STR_NONE, "the drain does not come to its end: leaving");
    _exit(1);
}

static void ignore(int number)
{
    struct sigaction action = { .sa_handler = SIG_IGN };

    NEVER(sigaction(number, &action, NULL) != 0);
}
