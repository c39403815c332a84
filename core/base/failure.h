/* Failure: why something was refused, as the person outside will read it.
 *
 * The first failure wins; later ones only add faulty fields while the status is
 * the same. Lives in an arena. http/problem.h writes it as RFC 9457.
 */
#ifndef FOYER_BASE_FAILURE_H
#define FOYER_BASE_FAILURE_H

#include "base/status.h"
#include "base/str.h"

#include <stdarg.h>

struct arena;

struct field_error {
    struct str field;   /* outside name, dotted: "customFields.phone" */
    struct str code;    /* stable, snake_case */
    struct str message; /* for a person; ends with a full stop */
    struct field_error *next;
};

struct failure {
    enum status status; /* ST_OK: none yet */
    struct str code;    /* absent: the status's own */
    struct str message; /* absent: the status's own */
    struct str rule;    /* file:line of the rule that denied; absent where the actor may not know */
    struct str reason;
    int64_t retry_after; /* seconds; 0: not said */
    struct str id;       /* 409 already_done: the id that the first request made */
    struct field_error
        *errors; /* the first LIMIT_FIELD_ERRORS, in the order in which they were found */
    struct field_error **last;
    size_t found; /* faulty fields, those that are not among errors, too */
};

void failure_clear(struct failure *failure);
/* Sets it unless one is set; code may be NULL for the status's own. Copies into the arena. */
void failure_set(struct failure *failure, struct arena *arena, enum status status, const char *code,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
void failure_vset(struct failure *failure, struct arena *arena, enum status status,
                  const char *code, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));
/* Adds a faulty field; of its name the first LIMIT_FIELD_NAME bytes. status (ST_INVALID or ST_UNPROCESSABLE …) is set when none was. */
void failure_field(struct failure *failure, struct arena *arena, enum status status,
                   struct str field, const char *code, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* For somebody on the command line: a line for each faulty field ("--email: …"), or the message. */
struct buf;
void failure_lines(const struct failure *failure, struct buf *out);

#endif
