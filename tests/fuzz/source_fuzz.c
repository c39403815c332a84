/* Fuzz: sources and templates before Lua sees them: scanner, refusals, translation. The first byte
 * says which.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "lua/source.h"
#include "lua/template.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int lines_of(struct str text)
{
    int lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    return lines;
}

static void look_at_source(struct str source)
{
    struct arena arena;
    int line;

    arena_init(&arena, 1 << 20);
    source_refusal(source, &arena, &line);
    NEVER(line < 1 || line > lines_of(source) + 1);
    arena_fini(&arena);
}

static void translate(struct str source)
{
    struct buf out;
    const char *reason;
    int line;

    buf_init(&out, 1 << 20);
    if (template_translate(source, &out, &reason, &line))
        NEVER(lines_of(buf_view(&out)) != lines_of(source));
    else
        NEVER(reason == NULL || line < 1 || line > lines_of(source) + 1);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy; /* of exact length, so that a byte read beyond is seen */

    if (size < 1 || size > 1 << 14)
        return 0;
    copy = xmalloc(size);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 1)
        look_at_source(str_slice(copy, size - 1));
    else
        translate(str_slice(copy, size - 1));
    free(copy);
    return 0;
}
