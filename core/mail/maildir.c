/* Maildir: written in tmp/, renamed into new/. */
#include "mail/maildir.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static bool make_folders(struct arena *arena, const char *folder);
static bool move(const char *from, const char *to);

enum status maildir_put(const char *folder, struct uuid id, struct str bytes,
                        struct failure *failure, struct arena *arena)
{
    char name[UUID_TEXT];
    struct str from, to;

    uuid_format(id, name);
    from = str_printf(arena, "%s/tmp/%s.eml", folder, name);
    to = str_printf(arena, "%s/new/%s.eml", folder, name);
    if (!make_folders(arena, folder) || !file_write(from.at, bytes, 0600) ||
        !move(from.at, to.at) || !file_sync_parent(to.at)) {
        int cause = errno;

        unlink(from.at); /* it may have come so far */
        return file_explain(failure, arena, "write", to.at, cause);
    }
    return ST_OK;
}

static bool make_folders(struct arena *arena, const char *folder)
{
    static const char *const names[] = { "tmp", "new", "cur" };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!file_make_folders(str_printf(arena, "%s/%s", folder, names[i]).at, 0700))
            return false;
    return true;
}

static bool move(const char *from, const char *to)
{
    if (fault_hits(FAULT_FILE)) {
        errno = EIO;
        return false;
    }
    return rename(from, to) == 0;
}
