/* Value: a small immutable tree of plain data, as it travels between C, scripts and JSON.
 *
 * Knows neither Lua nor JSON: lua/value.h pushes and reads it, http/json_tree.h encodes and decodes
 * it. A tree lies in one arena, texts included, unless a maker says that it borrows; nothing in it is
 * changed after it was handed on. Objects keep the order in which they were made and have each name
 * once.
 */
#ifndef FOYER_BASE_VALUE_H
#define FOYER_BASE_VALUE_H

#include "base/str.h"

struct arena;
struct value_member;

enum value_type {
    VALUE_NIL, /* null outside */
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_NUMBER, /* finite */
    VALUE_STRING, /* UTF-8 outside; any bytes inside */
    VALUE_ARRAY,
    VALUE_OBJECT
};

struct value {
    enum value_type type;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct str string;
        struct {
            const struct value *items;
            size_t count;
        } array;
        struct {
            const struct value_member *members;
            size_t count;
        } object;
    };
};

struct value_member {
    struct str name;
    struct value value;
};

/* Scalars by value; the text is borrowed. An absent text becomes nil. */
struct value value_nil(void);
struct value value_bool(bool boolean);
struct value value_integer(int64_t integer);
struct value value_number(double number);
struct value value_string(struct str text);
/* Borrow the items and members. */
struct value value_array(const struct value *items, size_t count);
struct value value_object(const struct value_member *members, size_t count);

/* The member of that name, or NULL (also where object is NULL or no object). Borrows. */
const struct value *value_get(const struct value *object, struct str name);
/* The text of a string member; absent where it is missing or no string. */
struct str value_get_string(const struct value *object, struct str name);

/* Same type, same content; objects in any order; an integer equals only an integer. */
bool value_eq(const struct value *a, const struct value *b);

/* Copies the whole tree, texts included, into the arena. */
struct value value_copy(struct arena *arena, const struct value *value);

#endif
