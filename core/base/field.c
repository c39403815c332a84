/* Field: looking up in an entity's table. What is made from the table lives with its maker. */
#include "base/field.h"

#include "base/arena.h"
#include "base/bytes.h"

#include <string.h>

int field_find(const struct entity *entity, struct str name)
{
    for (int i = 0; entity->fields[i].name != NULL; i++)
        if (str_is(name, entity->fields[i].name))
            return i;
    return -1;
}

size_t field_count(const struct entity *entity)
{
    size_t count = 0;

    while (entity->fields[count].name != NULL)
        count++;
    return count;
}

struct ids ids_from_blob(struct arena *arena, struct str blob)
{
    struct ids ids = { .count = blob.len / sizeof(struct uuid) };

    ids.at = arena_array(arena, struct uuid, ids.count);
    if (ids.count > 0)
        memcpy(ids.at, blob.at, ids.count * sizeof(struct uuid));
    return ids;
}

struct ids ids_from_hex(struct arena *arena, struct str hex)
{
    struct ids ids = { .count = hex.len / (2 * sizeof(struct uuid)) };

    ids.at = arena_array(arena, struct uuid, ids.count);
    if (!bytes_from_hex(str_slice(hex.at, ids.count * 2 * sizeof(struct uuid)), ids.at,
                        ids.count * sizeof(struct uuid)))
        ids.count = 0;
    return ids;
}

bool ids_has(struct ids ids, struct uuid id)
{
    for (size_t i = 0; i < ids.count; i++)
        if (uuid_eq(ids.at[i], id))
            return true;
    return false;
}

bool ids_eq(struct ids a, struct ids b)
{
    return a.count == b.count &&
           (a.count == 0 || memcmp(a.at, b.at, a.count * sizeof(struct uuid)) == 0);
}
