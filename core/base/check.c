/* Check: the end of a process that found itself broken, and allocation that cannot fail. */
#include "base/check.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void die(const char *line, int len);
static _Noreturn void out_of_memory(size_t size);

void check_failed(const char *kind, const char *text, const char *file, int line)
{
    char message[512];
    int len = snprintf(message, sizeof message, "foyer: %s(%s) failed at %s:%d; this is a bug\n",
                       kind, text, file, line);

    die(message, len);
}

void *xmalloc(size_t size)
{
    void *at = malloc(size ? size : 1);

    if (at == NULL)
        out_of_memory(size);
    return at;
}

void *xcalloc(size_t count, size_t size)
{
    void *at = calloc(count ? count : 1, size ? size : 1);

    if (at == NULL)
        out_of_memory(size);
    return at;
}

void *xrealloc(void *old, size_t size)
{
    void *at = realloc(old, size ? size : 1);

    if (at == NULL)
        out_of_memory(size);
    return at;
}

char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(xmalloc(size), text, size);
}

static void out_of_memory(size_t size)
{
    char message[128];
    int len = snprintf(message, sizeof message,
                       "foyer: the machine has no memory left (%zu bytes asked)\n", size);

    die(message, len);
}

/* write and not stdio: the heap or a lock of stdio may be what is broken. */
static void die(const char *line, int len)
{
    size_t size = len < 0 ? 0 : (size_t)len;

    if (size > 511)
        size = 511;
    log_flush(); /* what led here */
    if (write(STDERR_FILENO, line, size) < 0)
        _Exit(134);
    abort();
}
