/* Json: bodies in, answers out, both by the field table of an entity.
 *
 * Parsing names every unknown and faulty field at once (failure->errors). Answers are written
 * straight into the reply's buffer.
 */
#ifndef FOYER_HTTP_JSON_H
#define FOYER_HTTP_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/failure.h"
#include "base/field.h"

struct json_t;

/* Strict UTF-8 JSON, no duplicate keys, bounded depth. ST_INVALID says line and column. *json must
 * be given back with json_free. */
enum status json_parse(struct str text, struct arena *arena, struct json_t **json,
                       struct failure *failure);
void json_free(struct json_t *json);

enum json_mode { JSON_CREATE, JSON_PATCH, JSON_PUT };

/* Reads the object into *row (borrowing from arena) and sets bit i of *given for each field i that
 * stood there. Unknown field, wrong type, out of bounds, missing required: failure_field each.
 * An empty string or null clears in PATCH; PUT clears what is not named (given has it too).
 * json NULL counts as {}. ST_OK or ST_INVALID. */
enum status json_read(const struct entity *entity, struct json_t *json, enum json_mode mode,
                      struct arena *arena, void *row, uint64_t *given, struct failure *failure);
/* The same for an urlencoded form. */
struct param;
enum status json_read_form(const struct entity *entity, const struct param *form, size_t count,
                           struct arena *arena, void *row, uint64_t *given,
                           struct failure *failure);

/* Writes the object; only: bits of the fields that are shown (~0: all). Hidden ones never are. */
void json_write(const struct entity *entity, const void *row, uint64_t only, struct buf *out);
/* One member, with comma before it when needed. */
void json_write_field(const struct field *field, const void *row, struct buf *out);

#endif
