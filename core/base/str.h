/* Str: a borrowed run of bytes, by value.
 *
 * A str never owns. { NULL, 0 } is *absent* (null outside); an empty text has a
 * pointer and length 0. What str_* functions make lies in the given arena and is
 * followed by a NUL that is not counted, so that `.at` may be handed to C.
 */
#ifndef FOYER_BASE_STR_H
#define FOYER_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct str {
    const char *at;
    size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NONE     ((struct str){ NULL, 0 })
/* For printf: "%.*s", STR_ARG(s) */
#define STR_ARG(s) (int)(s).len, (s).at ? (s).at : ""

struct str str_from(const char *text);            /* borrows; NULL gives absent */
struct str str_slice(const char *at, size_t len); /* borrows */
bool str_is_absent(struct str s);
bool str_is_empty(struct str s);         /* absent or of length 0 */
bool str_eq(struct str a, struct str b); /* absent equals only absent */
bool str_is(struct str s, const char *text);
bool str_eq_nocase(struct str a, struct str b); /* ASCII case only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s);    /* without ASCII white space around it */
bool str_is_utf8(struct str s);       /* well-formed, no surrogates, no overlongs */
size_t str_utf8_length(struct str s); /* code points of well-formed UTF-8 */
bool str_has_control(struct str s);   /* any of U+0000..U+001F, U+007F */
/* No control character, of C1 neither, and no U+2028 or U+2029: nothing that breaks a line anywhere. */
bool str_is_one_line(struct str s);

/* Cuts what stands before the first separator off *rest; false when *rest is absent (all was
 * taken). The piece may be empty. Borrows. */
bool str_cut(struct str *rest, char separator, struct str *piece);

/* Whole decimal number in [min, max], no sign but '-', no blanks. */
bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *number);

struct str str_copy(struct arena *arena, struct str s);
struct str str_lower(struct arena *arena, struct str s); /* ASCII */
struct str str_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A copy that may stand in an answer, whatever came: control characters become blanks, what is no UTF-8 '?'. */
struct str str_shown(struct arena *arena, struct str s);
struct str str_concat(struct arena *arena, struct str a, struct str b);

#endif
