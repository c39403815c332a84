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

enum { DEADLINE_SECONDS = 60, SHOWN_BYTES = 64 * 1024 };

struct harness_shared *harness_shared;

static struct test *tests;

static struct test **sorted(size_t *count);
static int compare(const void *a, const void *b);
static bool is_wanted(const struct test *test, char **filters, int count);
static bool run(const struct test *test, bool is_verbose);
static _Noreturn void run_child(const struct test *test, int output);
static void explain(int status, char *reason, size_t size);
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
    size_t count, passed = 0, failed = 0;
    struct test **all = sorted(&count);
    bool is_list = false, is_verbose = false;
    int first = 1;

    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        is_list |= strcmp(argv[first], "--list") == 0;
        is_verbose |= strcmp(argv[first], "--verbose") == 0;
    }
    harness_shared = mmap(NULL, sizeof *harness_shared, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (harness_shared == MAP_FAILED)
        return perror("mmap"), 2;
    setenv("FOYER_TEST", "1", 1);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    crypto_start();
    clock_start();
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(all[i], argv + first, argc - first))
            continue;
        if (is_list)
            printf("%s\n", all[i]->name);
        else if (run(all[i], is_verbose))
            passed++;
        else
            failed++;
    }
    free(all);
    if (is_list)
        return 0;
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 ? 1 : passed > 0 ? 0 : 2;
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

static bool run(const struct test *test, bool is_verbose)
{
    int output = memfd_create("output", MFD_CLOEXEC);
    const char *file;
    char reason[4096];
    bool is_passed;
    int status, line;
    pid_t pid;

    memset(harness_shared, 0, sizeof *harness_shared);
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        run_child(test, output);
    if (output < 0 || pid < 0 || waitpid(pid, &status, 0) != pid) {
        perror("foyer-tests");
        exit(2);
    }
    /* what the test started and left behind */
    kill(-pid, SIGKILL);
    is_passed = WIFEXITED(status) && WEXITSTATUS(status) == 0 && harness_shared->line == 0;
    explain(status, reason, sizeof reason);
    if (test->red != NULL)
        is_passed = !is_passed && strstr(reason, test->red) != NULL;
    file = harness_shared->line ? harness_shared->file : test->file;
    line = harness_shared->line ? harness_shared->line : test->line;
    if (is_passed)
        printf("ok %s\n", test->name);
    else
        printf("FAILED %s %s:%d\n%s", test->name, short_name(file), line, reason);
    if (!is_passed && test->red != NULL)
        printf("    it had to fail because of: %s\n", test->red);
    if (!is_passed || is_verbose)
        show(output);
    close(output);
    if (harness_shared->folder[0])
        remove_folder(harness_shared->folder);
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
static void explain(int status, char *reason, size_t size)
{
    const char *message = harness_shared->message, *note = harness_shared->note;
    char how[128] = "";

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(how, sizeof how, "    not done after %d s\n", DEADLINE_SECONDS * harness_scale());
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "    died by %s\n", strsignal(WTERMSIG(status)));
    else if (harness_shared->line == 0 && WEXITSTATUS(status) != 0)
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
