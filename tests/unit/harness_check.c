/* Harness_check: what tests call: checks, expected aborts, folders, notes. */
#include "harness.h"
#include "harness_shared.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_MAX = 1024 * 1024, KEPT = 4096, SURVIVED = 77 };

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
enum { SCALE = 15 };
#elif defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
enum { SCALE = 5 };
#else
enum { SCALE = 1 };
#endif

/* What was given to the test until its end: kept here so that the leak checker finds it in use. */
static void *kept[KEPT];
static size_t kept_count;
static int abort_status;

static void *keep(void *at);
static void put_quoted(char *out, size_t size, const char *at, size_t len);

int harness_scale(void)
{
    return SCALE;
}

void harness_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(harness_shared->note, sizeof harness_shared->note, format, args);
    va_end(args);
}

void harness_failed(const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(harness_shared->message, sizeof harness_shared->message, format, args);
    va_end(args);
    harness_shared->file = file;
    harness_shared->line = line;
    fflush(NULL);
    _exit(1);
}

void harness_check_int(const char *file, int line, const char *what, long long got,
                       long long wanted)
{
    if (got != wanted)
        harness_failed(file, line, "%s is %lld, not %lld", what, got, wanted);
}

void harness_check_str(const char *file, int line, const char *what, struct str got,
                       const char *wanted)
{
    char left[900], right[900];

    if (str_eq(got, str_from(wanted)))
        return;
    put_quoted(left, sizeof left, got.at, got.len);
    put_quoted(right, sizeof right, wanted, wanted ? strlen(wanted) : 0);
    harness_failed(file, line, "%s is %s, not %s", what, left, right);
}

void harness_check_text(const char *file, int line, const char *what, const char *got,
                        const char *wanted)
{
    harness_check_str(file, line, what, str_from(got), wanted);
}

void harness_check_bytes(const char *file, int line, const char *what, const void *got,
                         const void *wanted, size_t len)
{
    const unsigned char *left = got, *right = wanted;

    for (size_t i = 0; i < len; i++)
        if (left[i] != right[i])
            harness_failed(file, line, "%s: byte %zu is 0x%02x, not 0x%02x", what, i, left[i],
                           right[i]);
}

bool harness_abort_begin(void)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        return true;
    if (pid < 0 || waitpid(pid, &abort_status, 0) != pid)
        harness_failed(__FILE__, __LINE__, "fork: %s", strerror(errno));
    return false;
}

void harness_abort_survived(void)
{
    _exit(SURVIVED);
}

void harness_abort_end(const char *file, int line, const char *what)
{
    if (WIFSIGNALED(abort_status) && WTERMSIG(abort_status) == SIGABRT)
        return;
    if (WIFEXITED(abort_status) && WEXITSTATUS(abort_status) == SURVIVED)
        harness_failed(file, line, "no abort: %s", what);
    harness_failed(file, line, "not an abort but wait status 0x%x: %s", (unsigned)abort_status,
                   what);
}

const char *test_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (harness_shared->folder[0])
        return harness_shared->folder;
    snprintf(harness_shared->folder, sizeof harness_shared->folder, "%s/foyer-test-XXXXXX",
             base ? base : "/tmp");
    if (mkdtemp(harness_shared->folder) == NULL)
        harness_failed(__FILE__, __LINE__, "mkdtemp: %s", strerror(errno));
    return harness_shared->folder;
}

const char *test_path(const char *name)
{
    size_t size = strlen(test_folder()) + strlen(name) + 2;
    char *path = keep(malloc(size));

    snprintf(path, size, "%s/%s", test_folder(), name);
    return path;
}

const char *test_write_file(const char *name, struct str text)
{
    const char *path = test_path(name);
    FILE *file = fopen(path, "wb");

    if (file == NULL || (text.len > 0 && fwrite(text.at, 1, text.len, file) != text.len) ||
        fclose(file) != 0)
        harness_failed(__FILE__, __LINE__, "%s: %s", path, strerror(errno));
    return path;
}

struct str test_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len;
    char *at;

    if (file == NULL)
        return STR_NONE;
    at = keep(calloc(1, READ_MAX + 1));
    len = fread(at, 1, READ_MAX, file);
    fclose(file);
    return str_slice(at, len);
}

static void *keep(void *at)
{
    if (at == NULL || kept_count == KEPT)
        harness_failed(__FILE__, __LINE__, "too much is kept");
    return kept[kept_count++] = at;
}

static void put_quoted(char *out, size_t size, const char *at, size_t len)
{
    size_t used = 0;

    if (at == NULL) {
        snprintf(out, size, "absent");
        return;
    }
    out[used++] = '"';
    for (size_t i = 0; i < len && used + 10 < size; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c >= ' ' && c < 0x7F)
            out[used++] = (char)c;
        else
            used += (size_t)snprintf(out + used, size - used, "\\x%02x", c);
    }
    snprintf(out + used, size - used, "\"");
}
