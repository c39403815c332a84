/* Fuzz: archives that are restored. Names that come out stay below where they are unpacked, and no more
 * bytes come than were told.
 */
#include "base/check.h"
#include "base/tar.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct tar_entry entry;
    struct tar tar;
    char chunk[700];
    ssize_t got;

    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    NEVER(fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size);
    lseek(fd, 0, SEEK_SET);
    tar_init(&tar, fd);
    while (tar_next(&tar, &entry) == TAR_ENTRY) {
        uint64_t came = 0;

        NEVER(strnlen(entry.name, sizeof(entry.name)) == sizeof(entry.name));
        NEVER(entry.name[0] == '\0' || entry.name[0] == '/');
        NEVER(!strncmp(entry.name, "../", 3) || strstr(entry.name, "/../"));
        while ((got = tar_take(&tar, chunk, sizeof(chunk))) > 0)
            came += (uint64_t)got;
        NEVER(came > entry.size || (got == 0 && came != entry.size));
    }
    return 0;
}
