/* Archives: what is written is read again, and nothing else is taken. */
#include "base/tar.h"
#include "each_fault.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_file(void)
{
    int fd = open(test_path("a.tar"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    return fd;
}

static bool put(struct tar *tar, const char *name, const char *text)
{
    struct tar_entry entry = {
        .mode = 0640, .size = text ? strlen(text) : 0, .is_folder = !text, .changed_at = 1234567890
    };

    snprintf(entry.name, sizeof(entry.name), "%s", name);
    return tar_begin(tar, &entry) && (!text || tar_put(tar, text, strlen(text)));
}

static void check_entry(struct tar *tar, const char *name, const char *text)
{
    struct tar_entry entry;
    char content[2048] = "";

    CHECK_INT(tar_next(tar, &entry), TAR_ENTRY);
    CHECK_STR((const char *)entry.name, name);
    CHECK_INT(entry.is_folder, !text);
    CHECK_INT(entry.mode, 0640);
    CHECK_INT(entry.changed_at, 1234567890);
    CHECK_INT(tar_take(tar, content, sizeof(content)), text ? strlen(text) : 0);
    CHECK_STR((const char *)content, text ? text : "");
}

TEST(what_was_put_into_an_archive_comes_out)
{
    char long_name[TAR_NAME], longer[700], text[513];
    int fd = open_file();
    struct tar tar;

    memset(long_name, 'a', 150);
    snprintf(long_name + 150, sizeof(long_name) - 150, "/%s", "b");
    memset(longer, 'c', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    memset(text, 't', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    tar_init(&tar, fd);
    CHECK(put(&tar, "one", "1"));
    CHECK(put(&tar, "folder", NULL));
    CHECK(put(&tar, "folder/empty", ""));
    CHECK(put(&tar, long_name, text)); /* by its prefix; a whole block */
    CHECK(put(&tar, longer, "2"));     /* by pax */
    CHECK(tar_end(&tar));
    lseek(fd, 0, SEEK_SET);
    tar_init(&tar, fd);
    check_entry(&tar, "one", "1");
    check_entry(&tar, "folder", NULL);
    check_entry(&tar, "folder/empty", "");
    check_entry(&tar, long_name, text);
    check_entry(&tar, longer, "2");
    CHECK_INT(tar_next(&tar, &(struct tar_entry){ 0 }), TAR_END);
    close(fd);
}

TEST(a_size_beyond_the_octal_digits_is_read_again)
{
    struct tar_entry entry = { .name = "large", .size = UINT64_C(1) << 34 };
    int fd = open_file();
    struct tar tar;

    tar_init(&tar, fd);
    CHECK(tar_begin(&tar, &entry));
    lseek(fd, 0, SEEK_SET);
    tar_init(&tar, fd);
    CHECK_INT(tar_next(&tar, &entry), TAR_ENTRY);
    CHECK_INT(entry.size, INT64_C(1) << 34);
    CHECK_INT(tar_take(&tar, &(char){ 0 }, 1), -1); /* nothing follows */
    CHECK_INT(errno, EBADMSG);
    close(fd);
}

/* Writes one entry, lets change() spoil its first block, mends the sum, and reads. */
static enum tar_found read_spoilt(size_t offset, const char *bytes, size_t len, bool mend)
{
    char block[TAR_BLOCK];
    int fd = open_file();
    struct tar_entry entry;
    enum tar_found found;
    unsigned sum = 0;
    struct tar tar;

    tar_init(&tar, fd);
    CHECK(put(&tar, "name", "text") && tar_end(&tar));
    CHECK_INT(pread(fd, block, sizeof(block), 0), TAR_BLOCK);
    memcpy(block + offset, bytes, len);
    if (mend) {
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < sizeof(block); i++)
            sum += (unsigned char)block[i];
        snprintf(block + 148, 7, "%06o", sum);
    }
    CHECK_INT(pwrite(fd, block, sizeof(block), 0), TAR_BLOCK);
    lseek(fd, 0, SEEK_SET);
    tar_init(&tar, fd);
    errno = 0;
    found = tar_next(&tar, &entry);
    CHECK_INT(found == TAR_FAILED, errno == EBADMSG);
    close(fd);
    return found;
}

TEST(what_no_backup_has_is_refused)
{
    static const struct {
        size_t offset;
        const char *bytes;
        size_t len;
    } bad[] = {
        { 0, "/abs", 4 },
        { 0, "../x", 4 },
        { 0, "a/..", 4 },
        { 0, "a//b", 4 },
        { 0, "./ab", 4 },
        { 0, "\0\0\0\0", 4 },
        { 156, "1", 1 },
        { 156, "2", 1 },
        { 156, "3", 1 },
        { 156, "L", 1 },
        { 156, "x", 1 },
        { 124, "9999999999\0", 11 },
        { 124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
        { 100, "rwxrwx", 6 },
        { 257, "USTAR", 5 },
        { 124, "-0000000001", 11 },
    };

    CHECK_INT(read_spoilt(0, "name", 4, true), TAR_ENTRY);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        harness_note("case %zu", i);
        CHECK_INT(read_spoilt(bad[i].offset, bad[i].bytes, bad[i].len, true), TAR_FAILED);
    }
    CHECK_INT(read_spoilt(0, "eman", 4, false), TAR_ENTRY); /* the same sum */
    CHECK_INT(read_spoilt(0, "nbme", 4, false), TAR_FAILED);
}

TEST(an_archive_that_is_cut_anywhere_is_noticed)
{
    int fd = open_file();
    struct tar_entry entry;
    struct tar tar;
    off_t len;

    tar_init(&tar, fd);
    CHECK(put(&tar, "name", "text") && tar_end(&tar));
    len = lseek(fd, 0, SEEK_CUR);
    CHECK_INT(len, 4 * TAR_BLOCK);
    while (--len >= 0) {
        enum tar_found found = TAR_ENTRY;

        CHECK_INT(ftruncate(fd, len), 0);
        lseek(fd, 0, SEEK_SET);
        tar_init(&tar, fd);
        while (found == TAR_ENTRY)
            found = tar_next(&tar, &entry);
        CHECK_INT(found, TAR_FAILED);
    }
    close(fd);
}

TEST(each_call_that_fails_is_told)
{
    EACH_FAULT(1u << FAULT_FILE)
    {
        int fd = open_file();
        struct tar_entry entry;
        struct tar tar;
        bool is_done;

        tar_init(&tar, fd);
        is_done = put(&tar, "name", "text") && tar_end(&tar);
        lseek(fd, 0, SEEK_SET);
        tar_init(&tar, fd);
        is_done =
            is_done && tar_next(&tar, &entry) == TAR_ENTRY && tar_next(&tar, &entry) == TAR_END;
        CHECK_INT(is_done, !EACH_FAULT_END());
        close(fd);
    }
}
