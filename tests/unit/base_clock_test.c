/* Clock: texts of times, their strict reading, and the clock that tests move. */
#include "harness.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *format(int64_t wall)
{
    static char text[CLOCK_TEXT];

    clock_format(wall, text);
    return text;
}

/* The text that clock_format makes of what was read; NULL: refused. */
static const char *reread(const char *text)
{
    int64_t wall = 4711;

    if (clock_parse(str_from(text), &wall))
        return format(wall);
    CHECK_INT(wall, 4711);
    return NULL;
}

TEST(times_have_six_digits_and_z)
{
    CHECK_STR(format(0), "1970-01-01T00:00:00.000000Z");
    CHECK_STR(format(-1), "1969-12-31T23:59:59.999999Z");
    CHECK_STR(format(INT64_C(1795471980123456)), "2026-11-23T22:13:00.123456Z");
    CHECK_STR(format(INT64_C(951782400000000)), "2000-02-29T00:00:00.000000Z");
    CHECK_STR(format(INT64_C(4107542400000000)), "2100-03-01T00:00:00.000000Z");
    CHECK_STR(format(INT64_C(253402300799999999)), "9999-12-31T23:59:59.999999Z");
    CHECK_STR(format(INT64_MAX), "9999-12-31T23:59:59.999999Z");
    CHECK_STR(format(INT64_MIN), "0000-01-01T00:00:00.000000Z");
}

/* Against libc, day by day over the whole range. */
TEST(every_day_of_ten_thousand_years_goes_both_ways)
{
    int64_t wall = INT64_C(-62167219200) * CLOCK_SECOND + INT64_C(45296123456);

    for (; wall < INT64_C(253402300800) * CLOCK_SECOND; wall += CLOCK_DAY) {
        static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        int64_t seconds = (wall - 123456) / CLOCK_SECOND, again;
        char wanted[64], http[30];
        struct tm tm;

        gmtime_r(&seconds, &tm);
        snprintf(wanted, sizeof wanted, "%04d-%02d-%02dT12:34:56.123456Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday);
        CHECK_STR(format(wall), wanted);
        CHECK(clock_parse(str_from(wanted), &again));
        CHECK(again == wall);
        clock_format_http(wall, http);
        CHECK(memcmp(http, days[tm.tm_wday], 3) == 0);
    }
}

TEST(http_dates_are_fixdates)
{
    char text[30];

    clock_format_http(INT64_C(784111777) * CLOCK_SECOND, text); /* RFC 9110, 5.6.7 */
    CHECK_STR(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    clock_format_http(INT64_C(784111777) * CLOCK_SECOND + 999999, text);
    CHECK_STR(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(offsets_are_applied)
{
    CHECK_STR(reread("2026-11-23T22:13:00Z"), "2026-11-23T22:13:00.000000Z");
    CHECK_STR(reread("2026-11-23t22:13:00z"), "2026-11-23T22:13:00.000000Z");
    CHECK_STR(reread("2026-11-23T22:13:00+01:00"), "2026-11-23T21:13:00.000000Z");
    CHECK_STR(reread("2026-11-23T22:13:00-05:30"), "2026-11-24T03:43:00.000000Z");
    CHECK_STR(reread("2026-01-01T00:00:00+14:00"), "2025-12-31T10:00:00.000000Z");
    CHECK_STR(reread("2026-12-31T23:59:59-23:59"), "2027-01-01T23:58:59.000000Z");
    CHECK_STR(reread("2026-11-23T22:13:00-00:00"), "2026-11-23T22:13:00.000000Z");
    CHECK_STR(reread("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00.000000Z");
    CHECK_STR(reread("0000-01-01T00:00:00+00:01"), NULL);
    CHECK_STR(reread("9999-12-31T23:59:59-00:01"), NULL);
}

TEST(fractions_have_up_to_nine_digits_and_are_cut)
{
    CHECK_STR(reread("2026-11-23T22:13:00.1Z"), "2026-11-23T22:13:00.100000Z");
    CHECK_STR(reread("2026-11-23T22:13:00.000001Z"), "2026-11-23T22:13:00.000001Z");
    CHECK_STR(reread("2026-11-23T22:13:00.9999999Z"), "2026-11-23T22:13:00.999999Z");
    CHECK_STR(reread("2026-11-23T22:13:00.123456789+00:00"), "2026-11-23T22:13:00.123456Z");
    CHECK_STR(reread("1969-12-31T23:59:59.9999999Z"), "1969-12-31T23:59:59.999999Z");
    CHECK_STR(reread("2026-11-23T22:13:00.1234567890Z"), NULL);
    CHECK_STR(reread("2026-11-23T22:13:00.Z"), NULL);
    CHECK_STR(reread("2026-11-23T22:13:00,5Z"), NULL);
}

/* RFC 3339, 5.7 and appendix D: at the end of a month in UTC, whatever the offset says. */
TEST(leap_seconds_are_where_they_can_be)
{
    CHECK_STR(reread("1990-12-31T23:59:60Z"), "1991-01-01T00:00:00.000000Z");
    CHECK_STR(reread("1990-12-31T15:59:60-08:00"), "1991-01-01T00:00:00.000000Z");
    CHECK_STR(reread("2016-06-30T23:59:60.5Z"), "2016-07-01T00:00:00.500000Z");
    CHECK_STR(reread("1990-12-31T23:58:60Z"), NULL);
    CHECK_STR(reread("1990-12-31T23:59:60-08:00"), NULL);
    CHECK_STR(reread("1990-12-30T23:59:60Z"), NULL);
    CHECK_STR(reread("1990-12-31T23:59:61Z"), NULL);
    CHECK_STR(reread("9999-12-31T23:59:60Z"), NULL);
}

TEST(what_is_no_date_and_time_is_refused)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-23",
        "2026-11-23T22:13:00",
        "2026-11-23 22:13:00Z",
        "2026-11-23T22:13Z",
        "26-11-23T22:13:00Z",
        "2026-11-23T24:00:00Z",
        "2026-00-23T22:13:00Z",
        "2026-13-23T22:13:00Z",
        "2026-11-00T22:13:00Z",
        "2026-11-31T22:13:00Z",
        "2026-02-29T22:13:00Z",
        "2100-02-29T22:13:00Z",
        "2026-11-23T22:60:00Z",
        "2026-11-23T22:13:00+24:00",
        "2026-11-23T22:13:00+01:60",
        "2026-11-23T22:13:00+0100",
        "2026-11-23T22:13:00+01",
        "2026-11-23T22:13:00+",
        "2026-11-23T22:13:00ZZ",
        "2026-11-23T22:13:00Z ",
        " 2026-11-23T22:13:00Z",
        "2026-1-23T22:13:00Z",
        "-026-11-23T22:13:00Z",
        "+026-11-23T22:13:00Z",
        "2026-11--3T22:13:00Z",
        "2026-11-23T-2:13:00Z",
        "20261123T221300Z",
        "2026-11-23T22:13:00.-1Z",
        "2026-W48-1T22:13:00Z",
        "12026-11-23T22:13:00Z",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        harness_note("%s", bad[i]);
        CHECK_STR(reread(bad[i]), NULL);
    }
    CHECK_STR(reread("2024-02-29T22:13:00Z"), "2024-02-29T22:13:00.000000Z");
    CHECK_STR(reread("2000-02-29T22:13:00Z"), "2000-02-29T22:13:00.000000Z");
    CHECK_STR(reread(NULL), NULL);
}

TEST(clocks_go_forward)
{
    uint64_t monotonic = clock_monotonic(), cpu = clock_thread_cpu();
    int64_t wall = clock_wall();
    volatile unsigned work = 0;

    for (int i = 0; i < 1000000; i++)
        work += (unsigned)i;
    CHECK(clock_monotonic() > monotonic);
    CHECK(work > 0 && clock_thread_cpu() > cpu);
    CHECK(wall > INT64_C(1700000000) * CLOCK_SECOND);
}

/* In a process of its own, for clock_start looks once. */
static int64_t moved_by(const char *is_test, int64_t offset)
{
    const char *path = test_write_file("clock", str_slice((const char *)&offset, sizeof offset));
    int64_t wall = clock_wall(), moved;
    int fds[2], status;
    pid_t pid;

    CHECK(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
        setenv("FOYER_TEST", is_test, 1);
        setenv("FOYER_TEST_CLOCK", path, 1);
        clock_start();
        moved = clock_wall();
        _exit(write(fds[1], &moved, sizeof moved) == sizeof moved ? 0 : 1);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(read(fds[0], &moved, sizeof moved) == sizeof moved);
    return (moved - wall) / CLOCK_DAY;
}

TEST(only_tests_move_the_wall_clock)
{
    CHECK_INT(moved_by("1", 20 * CLOCK_DAY), 20);
    CHECK_INT(moved_by("1", -20 * CLOCK_DAY), -19); /* and a moment */
    CHECK_INT(moved_by("0", 20 * CLOCK_DAY), 0);
    CHECK_INT(moved_by("", 20 * CLOCK_DAY), 0);
}

TEST(a_running_clock_is_moved_from_outside)
{
    int64_t offset = 0, before;
    const char *path = test_write_file("clock", str_slice((const char *)&offset, sizeof offset));
    int fd;

    setenv("FOYER_TEST_CLOCK", path, 1);
    clock_start();
    before = clock_wall();
    offset = CLOCK_HOUR;
    fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && pwrite(fd, &offset, sizeof offset, 0) == sizeof offset);
    close(fd);
    CHECK(clock_wall() - before >= CLOCK_HOUR);
}

RED_TEST(a_missing_test_clock_stops_the_program, "left with exit status 2")
{
    setenv("FOYER_TEST_CLOCK", "/does/not/exist", 1);
    clock_start();
}
