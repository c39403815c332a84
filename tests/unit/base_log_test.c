/* Log: lines that nobody can forge or tear. */
#include "harness.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From here on stderr is a file. */
static const char *redirect(void)
{
    const char *path = test_path("log");
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    CHECK(fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    close(fd);
    return path;
}

/* The only line of the log, behind its time; the log is emptied. */
static struct str line(const char *path)
{
    struct str text = test_read_file(path), rest, time;
    int64_t wall;

    CHECK(text.len > 40 && str_ends(text, STR("\n")));
    rest = str_slice(text.at, text.len - 1);
    CHECK(memchr(rest.at, '\n', rest.len) == NULL);
    CHECK(str_cut(&rest, ' ', &time));
    CHECK(str_starts(time, STR("time=")));
    CHECK(clock_parse(str_slice(time.at + 5, time.len - 5), &wall));
    CHECK(truncate(path, 0) == 0);
    return rest;
}

TEST(a_record_is_one_line_of_pairs)
{
    const char *path = redirect();

    log_info(STR("0190-a"), "listening on", LOG_C("addr", "127.0.0.1:8080"), LOG_N("port", 8080));
    CHECK_STR(line(path),
              "level=info msg=\"listening on\" request=0190-a addr=127.0.0.1:8080 port=8080");
    log_error(STR_NONE, "failed");
    CHECK_STR(line(path), "level=error msg=failed");
    log_warn(STR_NONE, "x", LOG_N("least", INT64_MIN), LOG_N("zero", 0));
    CHECK_STR(line(path), "level=warn msg=x least=-9223372036854775808 zero=0");
    log_warn(STR_NONE, "x", LOG_S("absent", STR_NONE), LOG_C("null", NULL), LOG_C("empty", ""));
    CHECK_STR(line(path), "level=warn msg=x absent=\"\" null=\"\" empty=\"\"");
}

TEST(no_value_forges_a_line_or_a_pair)
{
    const char *path = redirect();

    log_info(STR_NONE, "x", LOG_C("v", "a\nlevel=error msg=forged\r\n"));
    CHECK_STR(line(path), "level=info msg=x v=\"a\\nlevel=error msg=forged\\r\\n\"");
    log_info(STR("id\nid"), "x", LOG_C("v", "b level=error"));
    CHECK_STR(line(path), "level=info msg=x request=\"id\\nid\" v=\"b level=error\"");
    log_info(STR_NONE, "x", LOG_C("v", "a\" b=\"c"));
    CHECK_STR(line(path), "level=info msg=x v=\"a\\\" b=\\\"c\"");
    log_info(STR_NONE, "x", LOG_C("v", "a\\"), LOG_C("w", "a=b"));
    CHECK_STR(line(path), "level=info msg=x v=\"a\\\\\" w=\"a=b\"");
}

TEST(no_value_moves_a_terminal)
{
    const char *path = redirect();

    log_info(STR_NONE, "x", LOG_S("v", STR("\x1B[2J\0\x7F\t")));
    CHECK_STR(line(path), "level=info msg=x v=\"\\x1b[2J\\x00\\x7f\\t\"");
    log_info(STR_NONE, "x",
             LOG_C("v", "\xC2\x9B"
                        "2J \xE2\x80\xA8 \xE2\x80\xA9"));
    CHECK_STR(line(path), "level=info msg=x "
                          "v=\"\\xc2\\x9b2J \\xe2\\x80\\xa8 \\xe2\\x80\\xa9\"");
    log_info(STR_NONE, "x", LOG_C("v", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"));
    CHECK_STR(line(path), "level=info msg=x v=\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
    log_info(STR_NONE, "x", LOG_C("v", "\xFF\xC3(\xF0\x9F\x98"));
    CHECK_STR(line(path), "level=info msg=x v=\"\\xff\\xc3(\\xf0\\x9f\\x98\"");
}

TEST(long_values_and_lines_are_cut_and_say_so)
{
    const char *path = redirect();
    char text[3001];
    struct str got;

    memset(text, 'a', 3000);
    text[3000] = '\0';
    log_info(STR_NONE, "x", LOG_C("v", text), LOG_C("w", "b"));
    got = line(path);
    CHECK(got.len < 1100);
    CHECK(str_ends(got, STR("aaa... w=b")));
    log_info(STR_NONE, "x", LOG_C("a", text), LOG_C("b", text), LOG_C("c", text), LOG_C("d", text),
             LOG_C("e", text), LOG_N("f", 1));
    got = line(path);
    CHECK(got.len < PIPE_BUF);
    CHECK(str_ends(got, STR("aaa... cut=true")));
    memset(text, '\n', 3000);
    log_info(STR_NONE, "x", LOG_C("a", text), LOG_C("b", text), LOG_C("c", text));
    got = line(path);
    CHECK(str_ends(got, STR("\\n...\" cut=true")));
}

TEST(every_length_around_the_end_of_a_line_fits)
{
    const char *path = redirect();
    char text[1025];

    memset(text, 'a', sizeof text);
    for (size_t len = 700; len < 1024; len++) {
        struct str value = str_slice(text, len);

        log_info(STR_NONE, "x", LOG_S("a", value), LOG_S("b", value), LOG_S("c", value),
                 LOG_S("d", value), LOG_C("e", "b c"));
        CHECK(line(path).len + strlen("time= \n") + CLOCK_TEXT - 1 <= PIPE_BUF);
    }
}

TEST(levels_below_are_not_written)
{
    const char *path = redirect();
    enum log_level level;

    log_debug(STR_NONE, "quiet");
    CHECK_STR(test_read_file(path), "");
    log_set_level(LOG_DEBUG);
    log_debug(STR_NONE, "loud");
    CHECK_STR(line(path), "level=debug msg=loud");
    CHECK(log_level_parse(STR("error"), &level));
    log_set_level(level);
    log_warn(STR_NONE, "quiet");
    CHECK_STR(test_read_file(path), "");
    CHECK(!log_is_on(LOG_WARN) && log_is_on(LOG_ERROR));
    CHECK(!log_level_parse(STR("Error"), &level));
    CHECK(!log_level_parse(STR_NONE, &level));
}

static void *write_many(void *text)
{
    for (int i = 0; i < 200; i++)
        log_info(STR_NONE, "x", LOG_C("v", text));
    return NULL;
}

static size_t lines(const char *path)
{
    struct str text = test_read_file(path);
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

TEST(a_thread_that_gathers_writes_whole_lines_when_it_says_so)
{
    const char *path = redirect();

    log_gather(true);
    log_info(STR_NONE, "one");
    log_info(STR_NONE, "two");
    CHECK_INT(lines(path), 0);
    log_flush();
    CHECK_INT(lines(path), 2);
    log_info(STR_NONE, "three");
    log_warn(STR_NONE, "four"); /* does not wait, and what came before it goes first */
    CHECK_INT(lines(path), 4);
    log_info(STR_NONE, "five");
    log_gather(false);
    CHECK_INT(lines(path), 5);
    log_info(STR_NONE, "six");
    CHECK_INT(lines(path), 6);
}

TEST(what_waits_is_written_in_pieces_of_whole_lines)
{
    const char *path = redirect();
    char text[512];
    struct stat before, after;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    log_gather(true);
    for (int i = 0; i < 8; i++)
        log_info(STR_NONE, "long", LOG_C("text", text));
    CHECK(stat(path, &before) == 0 && before.st_size > 0 && before.st_size <= PIPE_BUF);
    CHECK(str_ends(test_read_file(path), STR("\n")));
    log_gather(false);
    CHECK(stat(path, &after) == 0 && after.st_size > before.st_size);
    CHECK_INT(lines(path), 8);
}

TEST(lines_of_many_threads_do_not_mix)
{
    static char texts[4][901];
    const char *path = redirect();
    struct str rest, piece;
    pthread_t threads[4];
    int lines = 0;

    for (int i = 0; i < 4; i++) {
        memset(texts[i], 'a' + i, 900);
        CHECK(pthread_create(&threads[i], NULL, write_many, texts[i]) == 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    rest = test_read_file(path);
    while (str_cut(&rest, '\n', &piece) && piece.len > 0) {
        const char *v = memmem(piece.at, piece.len, " v=", 3);

        CHECK(v != NULL && str_starts(piece, STR("time=")));
        for (int i = 0; i < 900; i++)
            CHECK(v[3 + i] == v[3]);
        lines++;
    }
    CHECK_INT(lines, 800);
}

TEST(a_log_that_cannot_be_written_disturbs_nobody)
{
    close(STDERR_FILENO);
    errno = ENOENT;
    log_error(STR_NONE, "lost");
    CHECK_INT(errno, ENOENT);
}
