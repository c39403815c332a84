/* Tar: the blocks of an archive. What stands in which archive is its owner's business. */
#include "base/tar.h"

#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* IEEE 1003.1, pax, "ustar Interchange Format". */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a block");

enum { TYPE_FILE = '0', TYPE_FOLDER = '5', TYPE_PAX = 'x' };
#define SIZE_OCTAL ((UINT64_C(1) << 33) - 1) /* 11 digits */

static bool put_header(struct tar *tar, const struct tar_entry *entry, char type);
static bool put_name(struct header *header, const char *name);
static bool put_pax(struct tar *tar, const struct tar_entry *entry);
static void put_size(char field[12], uint64_t size);
static unsigned sum_of(const struct header *header);
static bool write_all(struct tar *tar, const void *at, size_t len);
static bool read_all(struct tar *tar, void *at, size_t len);
static bool pass_over(struct tar *tar);
static bool read_header(struct tar *tar, struct header *header, bool *is_end);
static bool take_header(const struct header *header, struct tar_entry *entry);
static bool take_name(const struct header *header, char name[TAR_NAME]);
static bool take_pax(struct tar *tar, uint64_t size, char name[TAR_NAME]);
static bool take_number(const char *field, size_t len, uint64_t *number);
static bool is_good_name(struct tar_entry *entry);
static bool broken(void);

void tar_init(struct tar *tar, int fd)
{
    *tar = (struct tar){ .fd = fd };
}

/* ---- Writing ----------------------------------------------------------------------------------- */

bool tar_begin(struct tar *tar, const struct tar_entry *entry)
{
    PRE(tar->left == 0);
    tar->size = tar->left = entry->is_folder ? 0 : entry->size;
    return put_header(tar, entry, entry->is_folder ? TYPE_FOLDER : TYPE_FILE);
}

bool tar_put(struct tar *tar, const void *at, size_t len)
{
    static const char zeroes[TAR_BLOCK];

    PRE(len <= tar->left);
    tar->left -= len;
    if (!write_all(tar, at, len))
        return false;
    return tar->left > 0 || tar->size % TAR_BLOCK == 0 ||
           write_all(tar, zeroes, TAR_BLOCK - tar->size % TAR_BLOCK);
}

bool tar_end(struct tar *tar)
{
    static const char zeroes[2 * TAR_BLOCK];

    PRE(tar->left == 0);
    return write_all(tar, zeroes, sizeof(zeroes));
}

static bool put_header(struct tar *tar, const struct tar_entry *entry, char type)
{
    struct header header;

    memset(&header, 0, sizeof(header));
    if (type != TYPE_PAX && !put_name(&header, entry->name) &&
        !put_pax(tar, entry)) /* the short name stands there for programs that know no pax */
        return false;
    if (type == TYPE_PAX)
        snprintf(header.name, sizeof(header.name), "pax-header");
    snprintf(header.mode, sizeof(header.mode), "%07o", (unsigned)entry->mode & 07777);
    snprintf(header.uid, sizeof(header.uid), "%07o", 0u);
    snprintf(header.gid, sizeof(header.gid), "%07o", 0u);
    put_size(header.size, entry->is_folder ? 0 : entry->size);
    snprintf(header.mtime, sizeof(header.mtime), "%011llo",
             entry->changed_at > 0 ? (unsigned long long)entry->changed_at & SIZE_OCTAL : 0);
    header.type = type;
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    snprintf(header.checksum, sizeof(header.checksum), "%06o", sum_of(&header));
    header.checksum[7] = ' ';
    return write_all(tar, &header, sizeof(header));
}

/* False: it does not fit. Folders end in '/'. */
static bool put_name(struct header *header, const char *name)
{
    size_t len = strlen(name), cut;

    if (len <= sizeof(header->name)) {
        memcpy(header->name, name, len);
        return true;
    }
    memcpy(header->name, name + len - sizeof(header->name), sizeof(header->name));
    for (cut = len - sizeof(header->name) - 1; cut < len && name[cut] != '/'; cut++)
        ;
    if (cut > sizeof(header->prefix) || cut + 1 >= len)
        return false;
    memset(header->name, 0, sizeof(header->name));
    memcpy(header->name, name + cut + 1, len - cut - 1);
    memcpy(header->prefix, name, cut);
    return true;
}

/* "LEN path=NAME\n", where LEN counts itself. */
static bool put_pax(struct tar *tar, const struct tar_entry *entry)
{
    size_t rest = strlen(" path=\n") + strlen(entry->name), len = rest, before;
    struct tar_entry head = { .mode = 0600, .changed_at = entry->changed_at };
    uint64_t left = tar->left, size = tar->size;
    char record[TAR_NAME + 32];
    bool is_done;

    do {
        before = len;
        len = rest + (size_t)snprintf(record, sizeof(record), "%zu", before);
    } while (len != before);
    snprintf(record, sizeof(record), "%zu path=%s\n", len, entry->name);
    head.size = tar->size = tar->left = len;
    is_done = put_header(tar, &head, TYPE_PAX) && tar_put(tar, record, len);
    tar->left = left;
    tar->size = size;
    return is_done;
}

/* Beyond 8 GiB as binary, as every tar of today knows it. */
static void put_size(char field[12], uint64_t size)
{
    if (size <= SIZE_OCTAL) {
        snprintf(field, 12, "%011llo", (unsigned long long)size);
        return;
    }
    memset(field, 0, 12);
    field[0] = (char)0x80;
    for (int i = 11; i > 3; i--, size >>= 8)
        field[i] = (char)(size & 0xff);
}

/* Of all bytes, with blanks where the sum itself stands. */
static unsigned sum_of(const struct header *header)
{
    const unsigned char *at = (const unsigned char *)header;
    size_t begin = offsetof(struct header, checksum);
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof(*header); i++)
        sum += i >= begin && i < begin + sizeof(header->checksum) ? ' ' : at[i];
    return sum;
}

static bool write_all(struct tar *tar, const void *at, size_t len)
{
    return file_put(tar->fd, str_slice(at, len));
}

/* ---- Reading ----------------------------------------------------------------------------------- */

enum tar_found tar_next(struct tar *tar, struct tar_entry *entry)
{
    char long_name[TAR_NAME] = "";
    struct header header;
    bool is_end = false;

    if (!pass_over(tar) || !read_header(tar, &header, &is_end))
        return TAR_FAILED;
    if (!is_end && header.type == TYPE_PAX) {
        if (!take_header(&header, entry) || !take_pax(tar, entry->size, long_name) ||
            !read_header(tar, &header, &is_end))
            return TAR_FAILED;
        if (is_end || header.type == TYPE_PAX) {
            broken();
            return TAR_FAILED;
        }
    }
    if (is_end)
        return TAR_END;
    if (!take_header(&header, entry))
        return TAR_FAILED;
    if (long_name[0])
        memcpy(entry->name, long_name, sizeof(long_name));
    if ((header.type != TYPE_FILE && header.type != TYPE_FOLDER) || !is_good_name(entry)) {
        broken();
        return TAR_FAILED;
    }
    entry->is_folder = header.type == TYPE_FOLDER;
    tar->size = tar->left = entry->size = entry->is_folder ? 0 : entry->size;
    return TAR_ENTRY;
}

ssize_t tar_take(struct tar *tar, void *at, size_t len)
{
    char padding[TAR_BLOCK];

    if (len > tar->left)
        len = (size_t)tar->left;
    if (len == 0)
        return 0;
    if (!read_all(tar, at, len))
        return -1;
    tar->left -= len;
    if (tar->left == 0 && tar->size % TAR_BLOCK != 0 &&
        !read_all(tar, padding, TAR_BLOCK - tar->size % TAR_BLOCK))
        return -1;
    return (ssize_t)len;
}

static bool pass_over(struct tar *tar)
{
    char rest[16 * TAR_BLOCK];
    ssize_t got;

    while ((got = tar_take(tar, rest, sizeof(rest))) > 0)
        ;
    return got == 0;
}

/* Two blocks of zeroes end it, and only a new archive would come after them. */
static bool read_header(struct tar *tar, struct header *header, bool *is_end)
{
    static const struct header zeroes;
    struct header second;
    uint64_t sum;

    if (!read_all(tar, header, sizeof(*header)))
        return false;
    *is_end = memcmp(header, &zeroes, sizeof(zeroes)) == 0;
    if (*is_end)
        return read_all(tar, &second, sizeof(second)) &&
               (memcmp(&second, &zeroes, sizeof(zeroes)) == 0 || broken());
    return (memcmp(header->magic, "ustar", 5) == 0 &&
            take_number(header->checksum, sizeof(header->checksum), &sum) &&
            sum == sum_of(header)) ||
           broken();
}

static bool take_header(const struct header *header, struct tar_entry *entry)
{
    uint64_t mode, mtime;

    memset(entry, 0, sizeof(*entry));
    if (!take_number(header->mode, sizeof(header->mode), &mode) ||
        !take_number(header->size, sizeof(header->size), &entry->size) ||
        !take_number(header->mtime, sizeof(header->mtime), &mtime) || entry->size > INT64_MAX ||
        mtime > INT64_MAX || !take_name(header, entry->name))
        return broken();
    entry->mode = (mode_t)mode & 07777;
    entry->changed_at = (int64_t)mtime;
    return true;
}

static bool take_name(const struct header *header, char name[TAR_NAME])
{
    size_t prefix = strnlen(header->prefix, sizeof(header->prefix));
    size_t len = strnlen(header->name, sizeof(header->name));

    return snprintf(name, TAR_NAME, "%.*s%s%.*s", (int)prefix, header->prefix, prefix ? "/" : "",
                    (int)len, header->name) < TAR_NAME;
}

/* Nothing but a path is written into one here. */
static bool take_pax(struct tar *tar, uint64_t size, char name[TAR_NAME])
{
    char record[TAR_NAME + 32];
    struct str rest, length;
    int64_t told;

    if (size >= sizeof(record))
        return broken();
    tar->size = tar->left = size;
    if (tar_take(tar, record, sizeof(record)) != (ssize_t)size)
        return false;
    rest = str_slice(record, (size_t)size);
    if (!str_cut(&rest, ' ', &length) || !str_to_int(length, 1, TAR_NAME + 32, &told) ||
        (uint64_t)told != size || !str_starts(rest, STR("path=")) || !str_ends(rest, STR("\n")) ||
        rest.len - 6 >= TAR_NAME || memchr(rest.at, '\0', rest.len))
        return broken();
    memset(name, 0, TAR_NAME);
    memcpy(name, rest.at + 5, rest.len - 6);
    return true;
}

/* Octal with blanks or NULs around it, or binary. */
static bool take_number(const char *field, size_t len, uint64_t *number)
{
    size_t i = 0;

    *number = 0;
    if ((unsigned char)field[0] == 0x80) {
        for (i = 1; i < len; i++) {
            if (*number >> 55)
                return false;
            *number = *number << 8 | (unsigned char)field[i];
        }
        return true;
    }
    while (i < len && field[i] == ' ')
        i++;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        *number = *number << 3 | (uint64_t)(field[i] - '0');
    for (; i < len; i++)
        if (field[i] != ' ' && field[i] != '\0')
            return false;
    return true;
}

/* Takes the '/' off a folder's end. Every part must be a name. */
static bool is_good_name(struct tar_entry *entry)
{
    size_t len = strlen(entry->name);
    struct str rest, part;

    if (len > 0 && entry->name[len - 1] == '/')
        entry->name[--len] = '\0';
    rest = str_slice(entry->name, len);
    if (len == 0)
        return false;
    while (str_cut(&rest, '/', &part))
        if (part.len == 0 || str_is(part, ".") || str_is(part, ".."))
            return false;
    return true;
}

static bool read_all(struct tar *tar, void *at, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = -1;

        if (fault_hits(FAULT_FILE))
            errno = EIO;
        else
            got = read(tar->fd, (char *)at + done, len - done);
        if (got == 0)
            return broken();
        if (got < 0 && errno != EINTR)
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool broken(void)
{
    errno = EBADMSG;
    return false;
}
