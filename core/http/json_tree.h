/* Json_tree: JSON text to a tree of plain data (base/value.h) and back; of data that no field table
 * describes. Any thread.
 */
#ifndef FOYER_HTTP_JSON_TREE_H
#define FOYER_HTTP_JSON_TREE_H

#include "base/value.h"

struct arena;
struct buf;

#define VALUE_DEPTH 32      /* as LIMIT_JSON_DEPTH */
#define VALUE_NODES 20000   /* values in one tree */
#define VALUE_BYTES 1000000 /* texts of one tree, names included */

/* JSON text to a tree in the arena. Absent: fine. Else the reason with line and column, in the
 * arena. Refuses duplicate names, NUL in names, depth above VALUE_DEPTH, text above VALUE_BYTES and
 * more than VALUE_NODES values. */
struct str value_from_json(struct str text, struct arena *arena, struct value *value);

/* Appends JSON; compact. What is no UTF-8 in a text becomes U+FFFD, a number that is not finite
 * null. */
void value_to_json(const struct value *value, struct buf *buf);

#endif
