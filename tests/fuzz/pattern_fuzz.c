/* Fuzz: the pattern matcher. Input: a byte that says how long the pattern is, pattern, subject. */
#include "base/check.h"
#include "lua/patterns.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copies of exact length, so that a byte read beyond is seen. */
static struct str copy(const uint8_t *at, size_t len)
{
    char *bytes = xmalloc(len > 0 ? len : 1);

    memcpy(bytes, at, len);
    return str_slice(bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pattern_match match;
    struct str pattern;
    struct str subject;
    size_t len;

    if (size < 1)
        return 0;
    len = data[0] < size - 1 ? data[0] : size - 1;
    pattern = copy(data + 1, len);
    subject = copy(data + 1 + len, size - 1 - len);
    pattern_init(&match, subject, pattern);
    match.steps_left = STEPS;
    for (const char *at = subject.at; at <= match.end && match.error[0] == '\0'; at++) {
        const char *end = pattern_match_at(&match, at, pattern.at);

        if (end == NULL)
            continue;
        NEVER(end < at || end > match.end);
        NEVER(match.level < 0 || match.level > PATTERN_CAPTURES);
        for (int i = 0; i < match.level; i++) {
            const struct pattern_capture *capture = &match.captures[i];

            NEVER(capture->at < at || capture->at > end);
            NEVER(capture->len > match.end - capture->at);
        }
    }
    free((void *)(uintptr_t)pattern.at);
    free((void *)(uintptr_t)subject.at);
    return 0;
}
