/* Json: bodies in, answers out, both by the field table of an entity.
 *
 * Parsing names every unknown and faulty field at once (failure->errors). Answers are written
 * straight into the reply's buffer.
 *
 * Texts lose the white space around them (but FIELD_NO_OUTPUT ones: passwords) and are of one
 * line unless FIELD_LINES. An empty text is absent, an empty id none, an empty time 0: outside
 * all are null. Where a field's max is 0 these hold: texts 255 code points (FIELD_LINES 10,000),
 * addresses 254, URLs 2,048, phones 40, arrays 1,000 ids or 100 texts, numbers 2^53 - 1, FIELD_JSON
 * 65,536 bytes. Addresses are checked for their form only: folding is the caller's.
 */
#ifndef FOYER_HTTP_JSON_H
#define FOYER_HTTP_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/failure.h"
#include "base/field.h"

struct json_t;

/* One strict UTF-8 object or array: no duplicate keys, LIMIT_JSON_DEPTH, LIMIT_JSON_VALUES, no number
 * beyond 2^53. ST_INVALID says line and column. *json must be given back with json_free. */
enum status json_parse(struct str text, struct arena *arena, struct json_t **json,
                       struct failure *failure);
void json_free(struct json_t *json);

/* JSON_CHANGE is a filter's: fields that may be written at all, none must stand there. */
enum json_mode { JSON_CREATE, JSON_PATCH, JSON_PUT, JSON_CHANGE };

/* Reads the object into *row (whose texts then lie in arena) and sets bit i of *given for each field i
 * that stood there; others stay as they were. Unknown field, wrong type, out of bounds, missing
 * required: failure_field each, in the order of the text. An empty string or null clears, and {} is an
 * array of nothing; PUT clears what is not named (given has it too). json NULL counts as {}. ST_OK or
 * ST_INVALID. */
enum status json_read(const struct entity *entity, struct json_t *json, enum json_mode mode,
                      struct arena *arena, void *row, uint64_t *given, struct failure *failure);
/* The same for an urlencoded form. */
struct param;
enum status json_read_form(const struct entity *entity, const struct param *form, size_t count,
                           struct arena *arena, void *row, uint64_t *given,
                           struct failure *failure);

/* Writes the object in the order of the table; only: bits of the fields that are shown (~0: all).
 * FIELD_HIDDEN and FIELD_NO_OUTPUT never are. */
void json_write(const struct entity *entity, const void *row, uint64_t only, struct buf *out);
/* The whole object; *stable gets its members again, *moving those of FIELD_NO_ETAG. */
void json_write_parts(const struct entity *entity, const void *row, struct buf *out,
                      struct buf *stable, struct buf *moving);
/* One member, with comma before it when needed: into an object that was begun with '{'. A hidden
 * one is shown so, on purpose; a FIELD_NO_OUTPUT one never. */
void json_write_field(const struct field *field, const void *row, struct buf *out);

#endif
