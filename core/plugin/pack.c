/* Pack: writing and reading. */
#include "plugin/pack.h"

#include <string.h>

void pack_add(struct buf *pack, struct str name, struct str source)
{
    buf_printf(pack, "%.*s %zu\n", STR_ARG(name), source.len);
    buf_str(pack, source);
    buf_char(pack, '\n');
}

bool pack_next(struct str *rest, struct packed_file *file)
{
    struct str left = *rest, line;
    const char *blank;
    int64_t len;

    if (str_is_empty(left) || !str_cut(&left, '\n', &line) || str_is_absent(left))
        return false;
    blank = line.len ? memrchr(line.at, ' ', line.len) : NULL;
    if (!blank ||
        !str_to_int(str_slice(blank + 1, line.len - (size_t)(blank + 1 - line.at)), 0, INT64_MAX,
                    &len) ||
        (uint64_t)len >= left.len || left.at[len] != '\n')
        return false;
    file->name = str_slice(line.at, (size_t)(blank - line.at));
    file->source = str_slice(left.at, (size_t)len);
    *rest = str_slice(left.at + len + 1, left.len - (size_t)len - 1);
    return true;
}
