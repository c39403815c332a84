/* Field: looking up in an entity's table. What is made from the table lives with its maker. */
#include "base/field.h"

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
