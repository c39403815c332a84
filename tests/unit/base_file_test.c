/* File: ceilings, modes, locks, and every system call failing once. */
#include "each_fault.h"
#include "harness.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena = { .ceiling = MIB(64) };

static int mode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

/* Names in the test's folder, without the folder itself. */
static int count_of_names(void)
{
    DIR *folder = opendir(test_folder());
    int count = 0;

    CHECK(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

TEST(a_file_is_read_whole_up_to_its_ceiling)
{
    static char text[20000];

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    for (size_t len = 0; len < sizeof text; len = len < 10 ? len + 1 : len * 2 + 1) {
        const char *path = test_write_file("x", str_slice(text, len));
        struct str got = file_read(&arena, path, len);

        harness_note("%zu bytes", len);
        CHECK(!str_is_absent(got));
        CHECK_INT(got.len, len);
        CHECK_BYTES(got.at, text, len);
        CHECK(got.at[len] == '\0');
        CHECK(str_eq(file_read(&arena, path, MIB(1)), got));
        errno = 0;
        if (len > 0) {
            CHECK(str_is_absent(file_read(&arena, path, len - 1)));
            CHECK_INT(errno, EFBIG);
        }
    }
    arena_fini(&arena);
}

TEST(a_file_that_hides_its_size_is_read_too)
{
    struct str text = file_read(&arena, "/proc/self/smaps", MIB(4));

    CHECK(text.len > 4096);
    CHECK(str_is_absent(file_read(&arena, "/proc/self/smaps", 100)));
    CHECK_INT(errno, EFBIG);
    arena_fini(&arena);
}

TEST(what_is_no_file_is_not_read)
{
    CHECK(str_is_absent(file_read(&arena, test_path("none"), 100)));
    CHECK_INT(errno, ENOENT);
    CHECK(str_is_absent(file_read(&arena, test_folder(), 100)));
    CHECK_INT(errno, EISDIR);
    CHECK(mkfifo(test_path("pipe"), 0600) == 0);
    CHECK(str_is_absent(file_read(&arena, test_path("pipe"), 100)));
    CHECK_INT(errno, EINVAL);
    CHECK(str_is_absent(file_read(&arena, "/dev/zero", 100)));
    CHECK_INT(errno, EINVAL);
    CHECK(str_is_absent(file_read(&arena, "", 100)));
    CHECK_INT(errno, ENOENT);
}

TEST(a_secret_that_others_may_read_is_refused)
{
    static const mode_t bad[] = { 0640, 0604, 0620, 0601, 0644, 0666, 0777 };
    const char *path = test_path("secret");

    CHECK(file_write(path, STR("hunter2"), 0600));
    CHECK_INT(mode_of(path), 0600);
    CHECK_STR(file_read_secret(&arena, path, 100), "hunter2");
    CHECK(chmod(path, 0400) == 0);
    CHECK_STR(file_read_secret(&arena, path, 100), "hunter2");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(chmod(path, bad[i]) == 0);
        CHECK(str_is_absent(file_read_secret(&arena, path, 100)));
        CHECK_INT(errno, EPERM);
    }
    arena_fini(&arena);
}

TEST(a_written_file_has_its_mode_whatever_the_umask)
{
    const char *path = test_path("x");

    umask(0777);
    CHECK(file_write(path, STR("one"), 0644));
    umask(0022);
    CHECK_INT(mode_of(path), 0644);
    CHECK_STR(file_read(&arena, path, 100), "one");
    CHECK(file_write(path, STR(""), 0666));
    CHECK_INT(mode_of(path), 0666);
    CHECK_STR(file_read(&arena, path, 100), "");
    CHECK_INT(count_of_names(), 1);
    arena_fini(&arena);
}

TEST(a_new_file_takes_nobodys_place)
{
    const char *path = test_path("key");

    CHECK(file_write_new(path, STR("one"), 0600));
    CHECK(!file_write_new(path, STR("two"), 0600));
    CHECK_INT(errno, EEXIST);
    CHECK_INT(file_status(errno), ST_CONFLICT);
    CHECK_STR(test_read_file(path), "one");
    CHECK_INT(count_of_names(), 1);
    CHECK(symlink("/does/not/exist", test_path("link")) == 0);
    CHECK(!file_write_new(test_path("link"), STR("two"), 0600));
    CHECK_INT(errno, EEXIST);
}

TEST(what_cannot_be_written_leaves_the_old)
{
    static char large[100000];
    struct rlimit small = { 50000, 50000 };
    const char *path = test_write_file("x", STR("old"));

    CHECK(!file_write(test_path("none/x"), STR("new"), 0600));
    CHECK_INT(errno, ENOENT);
    CHECK(!file_write(test_folder(), STR("new"), 0600));
    CHECK_INT(file_status(errno), ST_CONFLICT);
    memset(large, 'x', sizeof large - 1);
    CHECK(!file_write(str_printf(&arena, "/%s", large).at, STR("x"), 0600));
    CHECK_INT(errno, ENAMETOOLONG);
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(!file_write(path, str_slice(large, sizeof large), 0600));
    CHECK_INT(file_status(errno), ST_DISK_FULL);
    CHECK_STR(test_read_file(path), "old");
    CHECK_INT(count_of_names(), 1);
    arena_fini(&arena);
}

TEST(every_fault_while_writing_leaves_the_old_or_the_new)
{
    const char *path = test_path("x");
    int old = 0, new_but_unsure = 0;

    EACH_FAULT(1u << FAULT_FILE)
    {
        bool is_written, was_hit;

        remove(path);
        test_write_file("x", STR("old"));
        is_written = file_write(path, STR("new"), 0600);
        was_hit = EACH_FAULT_END();
        CHECK(is_written == !was_hit);
        if (was_hit && str_is(test_read_file(path), "old"))
            old++;
        else
            CHECK_STR(test_read_file(path), "new");
        new_but_unsure += was_hit && str_is(test_read_file(path), "new");
        CHECK_INT(count_of_names(), 1);
        CHECK(file_write(path, STR("next"), 0600));
        CHECK_STR(test_read_file(path), "next");
    }
#ifdef FOYER_FAULTS
    CHECK_INT(old, 5);            /* open, write, fchmod, fsync, rename */
    CHECK_INT(new_but_unsure, 2); /* open and fsync of the folder */
#endif
}

TEST(every_fault_while_making_a_new_file_leaves_none_or_the_whole)
{
    const char *path = test_path("x");

    EACH_FAULT(1u << FAULT_FILE)
    {
        bool is_written, was_hit;

        remove(path);
        is_written = file_write_new(path, STR("new"), 0600);
        was_hit = EACH_FAULT_END();
        CHECK(is_written == !was_hit);
        if (is_written || count_of_names() > 0)
            CHECK_STR(test_read_file(path), "new");
        CHECK_INT(count_of_names(), is_written || access(path, F_OK) == 0);
    }
}

TEST(every_fault_while_reading_is_an_error)
{
    const char *path = test_write_file("x", STR("text"));

    EACH_FAULT(1u << FAULT_FILE)
    {
        struct str got;

        errno = 0;
        got = file_read(&arena, path, 100);
        if (EACH_FAULT_END()) {
            CHECK(str_is_absent(got));
            CHECK_INT(errno, EIO);
            CHECK_INT(file_status(errno), ST_UNAVAILABLE);
        } else {
            CHECK_STR(got, "text");
        }
    }
    arena_fini(&arena);
}

TEST(folders_are_made_with_all_above_them)
{
    const char *path = test_path("a/b//c");

    umask(0077);
    CHECK(file_make_folders(path, 0750));
    CHECK_INT(mode_of(test_path("a")), 0750);
    CHECK_INT(mode_of(path), 0750);
    CHECK(file_make_folders(path, 0700));
    CHECK_INT(mode_of(path), 0750);
    CHECK(file_make_folders(test_path("d/"), 0700));
    CHECK_INT(mode_of(test_path("d")), 0700);
    CHECK(file_make_folders("/", 0700));
    CHECK(chdir(test_folder()) == 0);
    CHECK(file_make_folders("e/f", 0700));
    CHECK_INT(mode_of(test_path("e/f")), 0700);
    test_write_file("file", STR("x"));
    CHECK(!file_make_folders(test_path("file"), 0700));
    CHECK_INT(errno, ENOTDIR);
    CHECK(!file_make_folders(test_path("file/x"), 0700));
    CHECK_INT(file_status(errno), ST_CONFLICT);
    CHECK(!file_make_folders("", 0700));
    CHECK_INT(errno, ENOENT);
}

TEST(every_fault_while_making_folders_can_be_made_good)
{
    int round = 0;

    EACH_FAULT(1u << FAULT_FILE)
    {
        char name[32];
        bool is_made;

        snprintf(name, sizeof name, "%d/a/b", round++);
        is_made = file_make_folders(test_path(name), 0700);
        CHECK(is_made == !EACH_FAULT_END());
        CHECK(file_make_folders(test_path(name), 0700));
        CHECK_INT(mode_of(test_path(name)), 0700);
    }
#ifdef FOYER_FAULTS
    CHECK(round > 9);
#endif
}

TEST(a_file_is_removed_once)
{
    const char *path = test_write_file("x", STR("x"));

    CHECK(file_remove(path));
    CHECK(!file_remove(path));
    CHECK_INT(errno, ENOENT);
    CHECK(chdir(test_folder()) == 0);
    test_write_file("y", STR("y"));
    CHECK(file_remove("y"));
}

/* The child's answer: 0 when it has the lock, else 1; *holder is whom it names. */
static int lock_in_a_child(const char *path, int64_t *holder)
{
    int fds[2], status, fd;
    pid_t pid;

    CHECK(pipe(fds) == 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        bool is_locked = file_lock(path, &fd, holder);

        if (!is_locked && (errno != EWOULDBLOCK || fd != -1))
            _exit(3);
        _exit(write(fds[1], holder, sizeof *holder) == sizeof *holder ? !is_locked : 2);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    CHECK(read(fds[0], holder, sizeof *holder) == sizeof *holder);
    close(fds[0]);
    close(fds[1]);
    return WEXITSTATUS(status);
}

TEST(a_lock_has_one_holder_who_can_be_named)
{
    const char *path = test_path("lock");
    int64_t holder;
    int fd;

    CHECK(file_lock(path, &fd, &holder));
    CHECK_INT(mode_of(path), 0600);
    CHECK_INT(lock_in_a_child(path, &holder), 1);
    CHECK_INT(holder, getpid());
    CHECK_INT(file_status(EWOULDBLOCK), ST_CONFLICT);
    file_unlock(fd);
    CHECK_INT(access(path, F_OK), 0);
    CHECK_INT(lock_in_a_child(path, &holder), 0);
    CHECK(file_lock(path, &fd, &holder)); /* the child is dead */
    CHECK(truncate(path, 0) == 0);
    CHECK_INT(lock_in_a_child(path, &holder), 1);
    CHECK_INT(holder, 0);
    file_unlock(fd);
    CHECK(!file_lock(test_path("none/lock"), &fd, &holder));
    CHECK_INT(errno, ENOENT);
    CHECK_INT(fd, -1);
    EXPECT_ABORT(file_unlock(-1));
}

TEST(every_fault_while_locking_holds_nothing)
{
    const char *path = test_path("lock");

    EACH_FAULT(1u << FAULT_FILE)
    {
        int64_t holder;
        int fd;
        bool is_locked = file_lock(path, &fd, &holder);

        CHECK(is_locked == !EACH_FAULT_END());
        if (is_locked)
            file_unlock(fd);
        CHECK_INT(lock_in_a_child(path, &holder), 0);
    }
}

static const char *explained(int cause, enum status wanted)
{
    static struct failure failure;

    failure_clear(&failure);
    CHECK_INT(file_explain(&failure, &arena, "read", "/x", cause), wanted);
    CHECK_INT(failure.status, wanted);
    return failure.message.at;
}

TEST(every_cause_says_what_to_do)
{
    CHECK_STR(explained(ENOENT, ST_NOT_FOUND),
              "Cannot read /x: No such file or directory; make it, or correct the path.");
    CHECK(strstr(explained(EACCES, ST_DENIED), "give this user the right"));
    CHECK(strstr(explained(EROFS, ST_DENIED), "Read-only"));
    CHECK(strstr(explained(ENOSPC, ST_DISK_FULL), "free some space"));
    CHECK(strstr(explained(EDQUOT, ST_DISK_FULL), "free some space"));
    CHECK(strstr(explained(EFBIG, ST_TOO_LARGE), "longer than such a file may be"));
    CHECK(strstr(explained(EPERM, ST_CONFLICT), "chmod 600"));
    CHECK(strstr(explained(EWOULDBLOCK, ST_CONFLICT), "stop that one first"));
    CHECK(strstr(explained(EISDIR, ST_CONFLICT), "move it away"));
    CHECK(strstr(explained(EIO, ST_UNAVAILABLE), "system's log"));
    arena_fini(&arena);
}
