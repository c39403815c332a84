/* Tests: the process in which tests run, its temporary folder, and how the end is told. */
#include "cli/tests.h"

#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4000 };
/* Of the process of tests: where its temporary folder is to be. */
#define FOLDER_VARIABLE "FOYER_TEST_FOLDER"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static int spawn(const struct command *command, int argc, char **argv);
static bool name_folder(char path[PATH_BYTES]);
static void on_signal(int number);
static int wait_for(pid_t process);

static volatile sig_atomic_t child,
    came; /* came: the signal, which is the child's as long as it runs */

int tests_run(const struct command *command, int argc, char **argv, bool is_kept,
              int (*run)(const char *temporary, void *context), void *context)
{
    struct sigaction action = { .sa_handler = on_signal }, before[SIGNALS];
    const char *given = getenv(FOLDER_VARIABLE);
    char folder[PATH_BYTES];
    struct stat info;
    int code;

    if (given) /* this is the process of tests */
        return run(given, context);
    if (!name_folder(folder) || setenv(FOLDER_VARIABLE, folder, 1) != 0) {
        fprintf(stderr, "foyer %s: TMPDIR is too long.\n", command->name);
        return EXIT_FAILED;
    }
    fflush(NULL);
    came = 0;
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &action, &before[i]);
    code = spawn(command, argc, argv);
    unsetenv(FOLDER_VARIABLE);
    if (lstat(folder, &info) == 0) {
        if (is_kept)
            fprintf(stderr, "kept in %s\n", folder);
        else
            file_remove_folder(folder);
    }
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    if (came && code <= 128) /* it had ended by itself: then it was meant for whoever waits */
        raise(came);
    return code;
}

bool tests_is_child(void)
{
    return getenv(FOLDER_VARIABLE) != NULL;
}

/* The same command line again. */
static int spawn(const struct command *command, int argc, char **argv)
{
    char **arguments = xcalloc((size_t)argc + 3, sizeof(*arguments));
    char first[16];
    posix_spawnattr_t attributes;
    sigset_t own;
    pid_t process;
    int error;

    snprintf(first, sizeof(first), "%.*s", (int)strcspn(command->name, " "), command->name);
    arguments[0] = (char *)(uintptr_t) "foyer";
    arguments[1] = first;
    arguments[2] = (char *)(uintptr_t)(command->name + strlen(first) + 1);
    for (int i = 1; i < argc; i++)
        arguments[2 + i] = argv[i];
    sigemptyset(&own);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&own, signals[i]);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigdefault(&attributes, &own);
    error = posix_spawn(&process, "/proc/self/exe", NULL, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    free(arguments);
    if (error != 0) {
        fprintf(stderr, "foyer %s: no process can be started: %s\n", command->name,
                strerror(error));
        return EXIT_FAILED;
    }
    return wait_for(process);
}

/* It is made by whoever needs it first. */
static bool name_folder(char path[PATH_BYTES])
{
    const char *base = getenv("TMPDIR");
    unsigned long long random = 0;

    if (getrandom(&random, sizeof(random), 0) < 0)
        random = (unsigned long long)getpid();
    return snprintf(path, PATH_BYTES, "%s/foyer-scratch-%016llx", base && *base ? base : "/tmp",
                    random) < PATH_BYTES - 100;
}

static void on_signal(int number)
{
    pid_t process = child;

    came = number;
    if (process > 0)
        kill(process, number);
}

static int wait_for(pid_t process)
{
    int status = 0;

    child = process;
    if (came) /* before it was known */
        kill(process, came);
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FAILED;
    child = 0;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGTERM && WTERMSIG(status) != SIGHUP)
        fprintf(stderr, "the tests were ended by signal %d (%s)\n", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    return 128 + WTERMSIG(status);
}

int tests_tell(const struct command *command, const struct testing *testing, bool is_good,
               bool as_json, struct buf *report)
{
    bool is_none = testing->count == 0 && !str_is_empty(testing->filter);

    if (is_none)
        buf_printf(report, "no test has \"%.*s\" in its sentence\n", STR_ARG(testing->filter));
    else if (testing->failed)
        buf_printf(report, "%zu of %zu failed\n", testing->failed, testing->count);
    else if (is_good && testing->count && !as_json)
        buf_printf(report, "%zu test%s passed\n", testing->count, testing->count == 1 ? "" : "s");
    is_good = is_good && !is_none && testing->failed == 0;
    command_print_report(as_json, is_good, (int64_t)testing->count, buf_view(report));
    return is_good ? command_done(command) : EXIT_FAILED;
}
