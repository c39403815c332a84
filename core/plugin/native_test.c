/* Native_test: a process of our own program that tries a library before we load it.
 *
 * It inherits nothing but the library, and one pipe for what it writes. Its exit code is the verdict; what it
 * wrote last is the reason.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "plugin/native_child.h"
#include "plugin/native_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 16 * 1024, REASON_BYTES = 300, ENVIRONMENT = 16, READS = 16 };

struct child {
    pid_t pid;
    int output; /* -1: it has closed it */
    struct buf said;
};

static bool start(struct child *child, int library, int *cause);
static int spawn(struct child *child, int library, int output);
static void choose_environment(char *chosen[ENVIRONMENT]);
static int wait_for(struct child *child, uint64_t deadline);
static void read_output(struct child *child, int milliseconds);
static struct str verdict(const struct child *child, int state, bool is_late, struct arena *arena);
static struct str last_line(const struct buf *said, struct arena *arena);

struct str native_library_test(const struct native_library *library, struct arena *arena)
{
    uint64_t most = LIMIT_SELF_TEST_SECONDS * UINT64_C(1000000000) / clock_test_divisor();
    struct child child = { .output = -1 };
    struct str reason;
    int state = 0, cause = 0;
    bool is_late;

    buf_init(&child.said, OUTPUT_BYTES);
    if (!start(&child, library->fd, &cause)) {
        buf_fini(&child.said);
        return str_printf(arena, "its self-test cannot be started: %s", strerror(cause));
    }
    cause = wait_for(&child, clock_monotonic() + most);
    is_late = cause == ETIMEDOUT;
    if (cause == 0 || is_late) {   /* not taken yet: its number is nobody else's */
        kill(-child.pid, SIGKILL); /* also what it may have started itself */
        while (waitpid(child.pid, &state, 0) < 0 && errno == EINTR)
            ;
    }
    read_output(&child, 0);
    if (child.output >= 0)
        close(child.output);
    reason = cause == 0 || is_late
                 ? verdict(&child, state, is_late, arena)
                 : str_printf(arena, "nobody can wait for its self-test: %s", strerror(cause));
    buf_fini(&child.said);
    return reason;
}

static bool start(struct child *child, int library, int *cause)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        *cause = errno;
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* ours alone: what it writes shall not get lost */
    *cause = spawn(child, library, ends[1]);
    close(ends[1]);
    child->output = ends[0];
    if (*cause == 0)
        return true;
    close(ends[0]);
    return false;
}

/* 0, or what errno would be. /proc/self/exe is the program that runs, also after another one has taken its
 * place on disk. */
static int spawn(struct child *child, int library, int output)
{
    char *const arguments[] = { (char *)"foyer", (char *)NATIVE_CHILD_COMMAND, NULL };
    char *environment[ENVIRONMENT];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, ignored;
    int error;

    choose_environment(environment);
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_adddup2(&files, output, 2);
    posix_spawn_file_actions_adddup2(&files, library, NATIVE_CHILD_FD);
    posix_spawn_file_actions_addclosefrom_np(&files, NATIVE_CHILD_FD + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    error = posix_spawn(&child->pid, "/proc/self/exe", &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* No secret of the server's: how libraries are found, and how sanitizers behave. */
static void choose_environment(char *chosen[ENVIRONMENT])
{
    static const char *const kept[] = {
        "LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=",
        "LSAN_OPTIONS=",    "TZ=",           "LANG="
    };
    size_t count = 0;

    for (char **each = environ; *each && count + 1 < ENVIRONMENT; each++)
        for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
            if (strncmp(*each, kept[i], strlen(kept[i])) == 0)
                chosen[count++] = *each;
    chosen[count] = NULL;
}

/* 0: it has ended. ETIMEDOUT: it goes on. ECHILD: who started us lets nobody wait for children. */
static int wait_for(struct child *child, uint64_t deadline)
{
    while (clock_monotonic() < deadline) {
        siginfo_t ended = { .si_pid = 0 };

        if (waitid(P_PID, (id_t)child->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 &&
            errno != EINTR)
            return errno;
        if (ended.si_pid == child->pid)
            return 0;
        if (child->output >= 0)
            read_output(child, 20);
        else
            poll(NULL, 0, 1);
    }
    return ETIMEDOUT;
}

/* What is beyond the ceiling is read and forgotten, so that the child does not wait for us; at most so much at once
 * that who writes on and on meets the deadline. */
static void read_output(struct child *child, int milliseconds)
{
    struct pollfd ready = { .fd = child->output, .events = POLLIN };
    char some[4096];
    ssize_t got = -1;

    if (child->output < 0 || poll(&ready, 1, milliseconds) <= 0)
        return;
    for (int i = 0; i < READS && (got = read(child->output, some, sizeof(some))) > 0; i++) {
        if (child->said.len + (size_t)got > OUTPUT_BYTES)
            buf_drop(&child->said, child->said.len);
        buf_put(&child->said, some, (size_t)got);
    }
    if (got == 0) {
        close(child->output);
        child->output = -1;
    }
}

/* ---- What it came to --------------------------------------------------------------------------- */

static struct str verdict(const struct child *child, int state, bool is_late, struct arena *arena)
{
    struct str said = last_line(&child->said, arena);

    if (!is_late && WIFEXITED(state) && WEXITSTATUS(state) == NATIVE_CHILD_PASSED)
        return STR_NONE;
    if (!is_late && WIFEXITED(state) && WEXITSTATUS(state) == NATIVE_CHILD_REFUSED)
        return said;
    if (!str_is_empty(said))
        said = str_printf(arena, ": %.*s", STR_ARG(said));
    if (is_late)
        return str_printf(arena, "its self-test was not done after %d seconds, and was ended%.*s",
                          LIMIT_SELF_TEST_SECONDS, STR_ARG(said));
    if (WIFSIGNALED(state))
        return str_printf(arena, "its self-test died of signal %d (%s)%.*s", WTERMSIG(state),
                          sigdescr_np(WTERMSIG(state)) ? sigdescr_np(WTERMSIG(state)) : "unknown",
                          STR_ARG(said));
    return str_printf(arena, "it ended the process of its self-test (exit code %d)%.*s",
                      WEXITSTATUS(state), STR_ARG(said));
}

/* One line of UTF-8 of what it wrote, cut; empty: it wrote nothing that can be shown. */
static struct str last_line(const struct buf *said, struct arena *arena)
{
    struct str rest = str_trim(buf_view(said));
    const char *line = rest.len ? memrchr(rest.at, '\n', rest.len) : NULL;

    if (line)
        rest = str_slice(line + 1, rest.len - (size_t)(line + 1 - rest.at));
    if (rest.len > REASON_BYTES)
        rest.len = REASON_BYTES;
    while (rest.len && !str_is_utf8(rest) && REASON_BYTES - rest.len < 4)
        rest.len--;
    return rest.len && str_is_utf8(rest) && str_is_one_line(rest) ? str_copy(arena, rest) : STR("");
}
