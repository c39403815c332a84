/* Harness: the program that runs the tests. What tests call of it is in harness_check.c. */
#include "harness.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "harness_shared.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEADLINE_SECONDS = 240, SHOWN_BYTES = 64 * 1024, MOST_AT_ONCE = 16 };

/* Where one test runs beside others. */
struct place {
    const struct test *test;
    struct harness_shared *shared;
    pid_t pid; /* 0: free */
    int output;
};

struct harness_shared *harness_shared; /* in a test's process: its place's */

static struct test *tests;
static struct place places[MOST_AT_ONCE];

static struct test **sorted(size_t *count);
static int compare(const void *a, const void *b);
static bool is_wanted(const struct test *test, char **filters, int count);
static size_t read_options(int argc, char **argv, int *first, bool *is_list, bool *is_verbose);
static void make_places(size_t count);
static void start(const struct test *test);
static struct place *wait_for_one(size_t count, int *status);
static bool finish(struct place *place, int status, bool is_verbose);
static _Noreturn void run_child(const struct test *test, int output);
static void explain(const struct harness_shared *shared, int status, char *reason, size_t size);
static void show(int output);
static void remove_folder(const char *path);
static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw);
static const char *short_name(const char *file);

void harness_add(struct test *test)
{
    test->next = tests;
    tests = test;
}

int main(int argc, char **argv)
{
    size_t count, next = 0, running = 0, passed = 0, failed = 0;
    struct test **all = sorted(&count);
    bool is_list = false, is_verbose = false;
    int first = 1, status;
    size_t jobs = read_options(argc, argv, &first, &is_list, &is_verbose);

    make_places(jobs);
    setenv("FOYER_TEST", "1", 1);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    crypto_start();
    clock_start();
    while (next < count || running > 0) {
        if (next < count && !is_wanted(all[next], argv + first, argc - first)) {
            next++;
        } else if (next < count && is_list) {
            printf("%s\n", all[next++]->name);
        } else if (next < count && running < jobs) {
            start(all[next++]);
            running++;
        } else {
            struct place *place = wait_for_one(jobs, &status);

            *(finish(place, status, is_verbose) ? &passed : &failed) += 1;
            running--;
        }
    }
    free(all);
    if (is_list)
        return 0;
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 ? 1 : passed > 0 ? 0 : 2;
}

/* --list, --verbose, --jobs=N (else a test a core); what follows are filters, from *first on. */
static size_t read_options(int argc, char **argv, int *first, bool *is_list, bool *is_verbose)
{
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);

    for (; *first < argc && strncmp(argv[*first], "--", 2) == 0; ++*first) {
        *is_list |= strcmp(argv[*first], "--list") == 0;
        *is_verbose |= strcmp(argv[*first], "--verbose") == 0;
        if (strncmp(argv[*first], "--jobs=", 7) == 0)
            jobs = strtol(argv[*first] + 7, NULL, 10);
    }
    return jobs < 1 ? 1 : jobs > MOST_AT_ONCE ? MOST_AT_ONCE : (size_t)jobs;
}

static void make_places(size_t count)
{
    struct harness_shared *shared = mmap(NULL, count * sizeof *shared, PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    for (size_t i = 0; i < count; i++)
        places[i].shared = &shared[i];
}

/* By file and line; two tests of one name could not be told apart. */
static struct test **sorted(size_t *count)
{
    struct test **all;
    size_t i = 0;

    *count = 0;
    for (struct test *test = tests; test != NULL; test = test->next) {
        for (struct test *other = test->next; other != NULL; other = other->next) {
            if (strcmp(test->name, other->name) != 0)
                continue;
            fprintf(stderr, "two tests are named %s: %s:%d and %s:%d\n", test->name,
                    short_name(other->file), other->line, short_name(test->file), test->line);
            exit(2);
        }
        ++*count;
    }
    all = calloc(*count + 1, sizeof(struct test *));
    if (all == NULL)
        exit(2);
    for (struct test *test = tests; test != NULL; test = test->next)
        all[i++] = test;
    qsort(all, *count, sizeof(struct test *), compare);
    return all;
}

static int compare(const void *a, const void *b)
{
    const struct test *left = *(struct test *const *)a, *right = *(struct test *const *)b;
    int order = strcmp(left->file, right->file);

    return order != 0 ? order : left->line - right->line;
}

static bool is_wanted(const struct test *test, char **filters, int count)
{
    for (int i = 0; i < count; i++)
        if (strstr(test->name, filters[i]) || strstr(short_name(test->file), filters[i]))
            return true;
    return count == 0;
}

static void start(const struct test *test)
{
    struct place *place = places;

    while (place->pid != 0)
        place++;
    place->test = test;
    place->output = memfd_create("output", MFD_CLOEXEC);
    memset(place->shared, 0, sizeof *place->shared);
    fflush(stdout);
    place->pid = fork();
    if (place->pid == 0) {
        harness_shared = place->shared;
        run_child(test, place->output);
    }
    if (place->output < 0 || place->pid < 0) {
        perror("foyer-tests");
        exit(2);
    }
}

static struct place *wait_for_one(size_t count, int *status)
{
    pid_t pid = waitpid(-1, status, 0);

    for (size_t i = 0; pid > 0 && i < count; i++)
        if (places[i].pid == pid)
            return &places[i];
    perror("foyer-tests");
    exit(2);
}

static bool finish(struct place *place, int status, bool is_verbose)
{
    const struct test *test = place->test;
    const struct harness_shared *shared = place->shared;
    const char *file;
    char reason[4096];
    bool is_passed;
    int line;

    /* what the test started and left behind */
    kill(-place->pid, SIGKILL);
    place->pid = 0;
    is_passed = WIFEXITED(status) && WEXITSTATUS(status) == 0 && shared->line == 0;
    explain(shared, status, reason, sizeof reason);
    if (test->red != NULL)
        is_passed = !is_passed && strstr(reason, test->red) != NULL;
    file = shared->line ? shared->file : test->file;
    line = shared->line ? shared->line : test->line;
    if (is_passed)
        printf("ok %s\n", test->name);
    else
        printf("FAILED %s %s:%d\n%s", test->name, short_name(file), line, reason);
    if (!is_passed && test->red != NULL)
        printf("    it had to fail because of: %s\n", test->red);
    if (!is_passed || is_verbose)
        show(place->output);
    close(place->output);
    if (shared->folder[0])
        remove_folder(shared->folder);
    return is_passed;
}

static void run_child(const struct test *test, int output)
{
    struct rlimit no_core = { 0, 0 };

    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(2);
    alarm((unsigned)(DEADLINE_SECONDS * harness_scale()));
    test->run();
    /* exit and not _exit: the leak checker looks now */
    exit(0);
}

/* Why it failed; nothing when it did not. */
static void explain(const struct harness_shared *shared, int status, char *reason, size_t size)
{
    const char *message = shared->message, *note = shared->note;
    char how[128] = "";

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(how, sizeof how, "    not done after %d s\n", DEADLINE_SECONDS * harness_scale());
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "    died by %s\n", strsignal(WTERMSIG(status)));
    else if (shared->line == 0 && WEXITSTATUS(status) != 0)
        snprintf(how, sizeof how, "    left with exit status %d\n", WEXITSTATUS(status));
    snprintf(reason, size, "%s%s%s%s%s%s%s", how, *message ? "    " : "", message,
             *message ? "\n" : "", *note ? "    " : "", note, *note ? "\n" : "");
}

static void show(int output)
{
    char *text = calloc(1, SHOWN_BYTES + 1), *rest = text, *line;
    off_t end = lseek(output, 0, SEEK_END);
    off_t begin = end > SHOWN_BYTES ? end - SHOWN_BYTES : 0;

    if (text == NULL || pread(output, text, SHOWN_BYTES, begin) < 0)
        exit(2);
    if (begin > 0)
        printf("    | (only the last %d bytes)\n", SHOWN_BYTES);
    while ((line = strsep(&rest, "\n")) != NULL)
        if (line[0] || rest != NULL)
            printf("    | %s\n", line);
    free(text);
}

static void remove_folder(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

/* From "tests/" on: where the build put the sources is of no interest. */
static const char *short_name(const char *file)
{
    const char *tests_at = strstr(file, "tests/unit/");

    return tests_at ? tests_at : file;
}
