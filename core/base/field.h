/* Field: a C struct described as data.
 *
 * Each resource has ONE table of fields (api/<resource>.c's header names it). From
 * it come: parsing of bodies with errors for unknown and faulty fields, the JSON
 * of answers, openapi.json, the filters and sorts of lists, and the view that Lua
 * gets. A type says both how the member looks in C and how it looks outside:
 *
 *   type            member          outside
 *   FIELD_TEXT      struct str      string
 *   FIELD_EMAIL     struct str      string, an address
 *   FIELD_URL       struct str      string, http or https
 *   FIELD_PHONE     struct str      string
 *   FIELD_COLOR     struct str      string, "#rrggbb"
 *   FIELD_ENUM      int             string out of choices[]
 *   FIELD_BOOL      bool            true, false
 *   FIELD_INT       int64_t         number
 *   FIELD_TIME      int64_t         RFC 3339 in UTC; 0 is null
 *   FIELD_ID        struct uuid     string; none is null
 *   FIELD_IDS       struct ids      array of strings
 *   FIELD_TEXTS     struct texts    array of strings
 *   FIELD_JSON      struct str      an object, kept as its JSON text
 *   FIELD_CONST     (none)          the text in `choices[0]`: "object": "client"
 */
#ifndef FOYER_BASE_FIELD_H
#define FOYER_BASE_FIELD_H

#include "base/str.h"
#include "base/uuid.h"

struct ids {
    struct uuid *at;
    size_t count;
};

struct texts {
    struct str *at;
    size_t count;
};

enum field_type {
    FIELD_TEXT,
    FIELD_EMAIL,
    FIELD_URL,
    FIELD_PHONE,
    FIELD_COLOR,
    FIELD_ENUM,
    FIELD_BOOL,
    FIELD_INT,
    FIELD_TIME,
    FIELD_ID,
    FIELD_IDS,
    FIELD_TEXTS,
    FIELD_JSON,
    FIELD_CONST,
};

/* Who may name the field in a body, what a list may do with it. */
enum field_flag {
    FIELD_CREATE = 1u << 0,    /* may stand in POST */
    FIELD_UPDATE = 1u << 1,    /* may stand in PATCH and PUT */
    FIELD_REQUIRED = 1u << 2,  /* must stand in POST and PUT, and cannot be cleared */
    FIELD_FILTER = 1u << 3,    /* ?name=value, exact */
    FIELD_SORT = 1u << 4,      /* ?sort=name */
    FIELD_HIDDEN = 1u << 5,    /* neither in answers nor to Lua unless shown on purpose */
    FIELD_NO_OUTPUT = 1u << 6, /* only taken in, never answered */
    FIELD_OMIT_NULL = 1u << 7, /* absent instead of null */
    FIELD_KEEP = 1u << 10,     /* PUT leaves it as it was when it is not named */
    FIELD_NO_ETAG = 1u << 8,   /* If-Match does not mind when it changes */
    FIELD_LINES = 1u << 9,     /* FIELD_TEXT of several lines: LF and TAB may stand in it */
};
#define FIELD_WRITE (FIELD_CREATE | FIELD_UPDATE)

struct field {
    const char *name; /* outside, camelCase */
    enum field_type type;
    unsigned flags;
    size_t offset; /* of the member */
    /* Code points of texts, entries of arrays, values of numbers; 0, 0: the type's default. */
    int64_t min, max;
    /* FIELD_ENUM, FIELD_CONST: ends with NULL; index is the value. FIELD_JSON: [0] is the entity whose
     * object it is. */
    const char *const *choices;
    const char *column; /* of the table; NULL: computed, can be neither filter nor sort */
    const char *help;   /* one sentence for openapi.json and the manual */
};

/* A resource: its singular name ("client", also the entity of rules), and its fields up to one
 * whose name is NULL. Immutable, process-wide. At most 64 fields: masks are uint64_t. */
struct entity {
    const char *name;
    const struct field *fields;
    size_t size; /* of the struct */
};

/* Index of the field called name, or -1. Any thread. */
int field_find(const struct entity *entity, struct str name);
size_t field_count(const struct entity *entity);
/* Ids that stand one after the other, 16 bytes or 32 hex digits each; what does not fit is left out. */
struct arena;
struct ids ids_from_blob(struct arena *arena, struct str blob);
struct ids ids_from_hex(struct arena *arena, struct str hex);
bool ids_has(struct ids ids, struct uuid id);
bool ids_eq(struct ids a, struct ids b); /* the same ones in the same order */
/* Typed address of a member. */
#define FIELD_AT(type, row, field) ((type *)(void *)((char *)(row) + (field)->offset))
#define FIELD_IN(type, row, field)                                                                 \
    ((const type *)(const void *)((const char *)(row) + (field)->offset))

#endif
