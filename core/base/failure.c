/* Failure: keeps the first refusal, and gathers its faulty fields. */
#include "base/failure.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"

#include <stdio.h>

static struct str name_of(struct arena *arena, struct str field);
static struct str vprint(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

void failure_clear(struct failure *failure)
{
    *failure = (struct failure){ .status = ST_OK };
}

void failure_set(struct failure *failure, struct arena *arena, enum status status, const char *code,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    failure_vset(failure, arena, status, code, format, args);
    va_end(args);
}

void failure_vset(struct failure *failure, struct arena *arena, enum status status,
                  const char *code, const char *format, va_list args)
{
    PRE(status != ST_OK);
    if (failure->status != ST_OK)
        return;
    failure->status = status;
    failure->code = str_copy(arena, str_from(code));
    if (format != NULL)
        failure->message = vprint(arena, format, args);
}

void failure_field(struct failure *failure, struct arena *arena, enum status status,
                   struct str field, const char *code, const char *format, ...)
{
    struct field_error *error;
    va_list args;

    PRE(status != ST_OK);
    if (failure->status == ST_OK)
        failure->status = status;
    else if (failure->status != status)
        return;
    if (failure->found++ >= LIMIT_FIELD_ERRORS)
        return;
    error = arena_new(arena, struct field_error);
    error->field = name_of(arena, field);
    error->code = str_copy(arena, str_from(code));
    va_start(args, format);
    error->message = vprint(arena, format, args);
    va_end(args);
    if (failure->last == NULL)
        failure->errors = error;
    else
        *failure->last = error;
    failure->last = &error->next;
}

/* Names are whatever the peer sent: an answer must not grow with them. */
static struct str name_of(struct arena *arena, struct str field)
{
    size_t len = LIMIT_FIELD_NAME;

    if (field.len <= len)
        return str_copy(arena, field);
    while (len > 0 && ((unsigned char)field.at[len] & 0xC0) == 0x80) /* inside of a character */
        len--;
    return str_concat(arena, str_slice(field.at, len), STR("…"));
}

static struct str vprint(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    char *at;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    NEVER(len < 0);
    at = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(at, (size_t)len + 1, format, args);
    return (struct str){ at, (size_t)len };
}

void failure_lines(const struct failure *failure, struct buf *out)
{
    const struct field_error *error;

    for (error = failure->errors; error; error = error->next) {
        struct str dashes = str_starts(error->field, STR("--")) ? STR("") : STR("--");

        if (!str_is_empty(error->field))
            buf_printf(out, "%.*s%.*s: ", STR_ARG(dashes), STR_ARG(error->field));
        buf_printf(out, "%.*s\n", STR_ARG(error->message));
    }
    if (!failure->errors)
        buf_printf(out, "%.*s\n",
                   STR_ARG(failure->message.at ? failure->message
                                               : str_from(status_text(failure->status))));
}
