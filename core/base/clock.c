/* Clock: the three clocks, and times as text. Civil dates are computed here, not by libc, whose
 * functions know locales, time zones and a range that differs by machine. */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* 0000-01-01T00:00:00 and 9999-12-31T23:59:59.999999: what four digits of year can say */
#define WALL_MIN (INT64_C(-62167219200) * CLOCK_SECOND)
#define WALL_MAX (INT64_C(253402300800) * CLOCK_SECOND - 1)

enum { TEST_DIVISOR_MAX = 1000 };

struct civil {
    int year, month, day, hour, minute, second, micros, weekday; /* month, day from 1; Sunday 0 */
};

static const _Atomic int64_t *test_offset;
static _Atomic int64_t fixed = CLOCK_RUNS;

static uint64_t nanoseconds(clockid_t id);
static struct civil civil_from(int64_t wall);
static int64_t days_from(int64_t year, int month, int day);
static int days_in_month(int year, int month);
static void digits(char *at, int count, int number);
static bool take_number(struct str *rest, size_t count, int min, int max, int *number);
static bool take_char(struct str *rest, char c);
static bool take_fraction(struct str *rest, int *micros);
static bool take_offset(struct str *rest, int *minutes);
static bool is_leap_second(int64_t seconds);

void clock_start(void)
{
    const char *is_test = getenv("FOYER_TEST"), *path = getenv("FOYER_TEST_CLOCK");
    struct stat st;
    void *at;
    int fd;

    if (test_offset != NULL || path == NULL || is_test == NULL || strcmp(is_test, "1") != 0)
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(int64_t)) {
        fprintf(stderr, "foyer: FOYER_TEST_CLOCK=%s: a file of 8 bytes is needed there\n", path);
        exit(2);
    }
    at = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        fprintf(stderr, "foyer: FOYER_TEST_CLOCK=%s: %s\n", path, strerror(errno));
        exit(2);
    }
    close(fd);
    test_offset = at;
}

int64_t clock_wall(void)
{
    int64_t wall = atomic_load_explicit(&fixed, memory_order_relaxed);

    if (wall != CLOCK_RUNS)
        return wall;
    wall = (int64_t)(nanoseconds(CLOCK_REALTIME) / 1000);
    if (test_offset != NULL)
        wall += atomic_load_explicit(test_offset, memory_order_relaxed);
    return wall;
}

void clock_fix(int64_t wall)
{
    atomic_store_explicit(&fixed, wall, memory_order_relaxed);
}

uint64_t clock_monotonic(void)
{
    return nanoseconds(CLOCK_MONOTONIC);
}

uint64_t clock_thread_cpu(void)
{
    return nanoseconds(CLOCK_THREAD_CPUTIME_ID);
}

unsigned clock_test_divisor(void)
{
    const char *is_test = getenv("FOYER_TEST"), *text = getenv("FOYER_TEST_TIMEOUTS");
    int64_t divisor;

    if (is_test == NULL || strcmp(is_test, "1") != 0 || text == NULL ||
        !str_to_int(str_from(text), 1, TEST_DIVISOR_MAX, &divisor))
        return 1;
    return (unsigned)divisor;
}

void clock_format(int64_t wall, char text[CLOCK_TEXT])
{
    struct civil c = civil_from(wall);

    memcpy(text, "yyyy-mm-ddThh:mm:ss.uuuuuuZ", CLOCK_TEXT);
    digits(text, 4, c.year);
    digits(text + 5, 2, c.month);
    digits(text + 8, 2, c.day);
    digits(text + 11, 2, c.hour);
    digits(text + 14, 2, c.minute);
    digits(text + 17, 2, c.second);
    digits(text + 20, 6, c.micros);
}

void clock_format_http(int64_t wall, char text[30])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = civil_from(wall);

    memcpy(text, "www, dd mmm yyyy hh:mm:ss GMT", 30);
    memcpy(text, days + c.weekday * 3, 3);
    digits(text + 5, 2, c.day);
    memcpy(text + 8, months + (c.month - 1) * 3, 3);
    digits(text + 12, 4, c.year);
    digits(text + 17, 2, c.hour);
    digits(text + 20, 2, c.minute);
    digits(text + 23, 2, c.second);
}

bool clock_parse(struct str text, int64_t *wall)
{
    struct civil c = { 0 };
    int64_t parsed;
    int offset;

    if (!take_number(&text, 4, 0, 9999, &c.year) || !take_char(&text, '-') ||
        !take_number(&text, 2, 1, 12, &c.month) || !take_char(&text, '-') ||
        !take_number(&text, 2, 1, days_in_month(c.year, c.month), &c.day))
        return false;
    if (!take_char(&text, 'T') && !take_char(&text, 't'))
        return false;
    if (!take_number(&text, 2, 0, 23, &c.hour) || !take_char(&text, ':') ||
        !take_number(&text, 2, 0, 59, &c.minute) || !take_char(&text, ':') ||
        !take_number(&text, 2, 0, 60, &c.second) || !take_fraction(&text, &c.micros) ||
        !take_offset(&text, &offset) || text.len > 0)
        return false;
    parsed = days_from(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
    parsed -= (int64_t)offset * 60;
    /* a leap second is, as in POSIX time, the first second of the next day; it exists nowhere else */
    if (c.second == 60 && !is_leap_second(parsed))
        return false;
    parsed = parsed * CLOCK_SECOND + c.micros;
    if (parsed < WALL_MIN || parsed > WALL_MAX)
        return false;
    *wall = parsed;
    return true;
}

/* The second before `seconds` would be 23:59:60 UTC: only at the end of a month. */
static bool is_leap_second(int64_t seconds)
{
    struct civil c = civil_from(seconds * CLOCK_SECOND);

    return seconds % 86400 == 0 && c.day == 1;
}

static bool take_fraction(struct str *rest, int *micros)
{
    int scale = 100000, count = 0;

    *micros = 0;
    if (!take_char(rest, '.'))
        return true;
    while (rest->len > 0 && rest->at[0] >= '0' && rest->at[0] <= '9') {
        *micros += (rest->at[0] - '0') * scale;
        scale /= 10;
        rest->at++;
        rest->len--;
        count++;
    }
    return count >= 1 && count <= 9;
}

static bool take_offset(struct str *rest, int *minutes)
{
    bool is_negative;
    int hour, minute;

    *minutes = 0;
    if (take_char(rest, 'Z') || take_char(rest, 'z'))
        return true;
    is_negative = take_char(rest, '-');
    if (!is_negative && !take_char(rest, '+'))
        return false;
    if (!take_number(rest, 2, 0, 23, &hour) || !take_char(rest, ':') ||
        !take_number(rest, 2, 0, 59, &minute))
        return false;
    *minutes = (hour * 60 + minute) * (is_negative ? -1 : 1);
    return true;
}

static bool take_number(struct str *rest, size_t count, int min, int max, int *number)
{
    int64_t value;

    if (rest->len < count || rest->at[0] == '-' ||
        !str_to_int(str_slice(rest->at, count), min, max, &value))
        return false;
    *number = (int)value;
    rest->at += count;
    rest->len -= count;
    return true;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c)
        return false;
    rest->at++;
    rest->len--;
    return true;
}

static void digits(char *at, int count, int number)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Proleptic Gregorian, by eras of 400 years that begin in March, so that the leap day is last. */
static int64_t days_from(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct civil civil_from(int64_t wall)
{
    int64_t clamped = wall < WALL_MIN ? WALL_MIN : wall > WALL_MAX ? WALL_MAX : wall;
    int64_t since = clamped - WALL_MIN; /* from year 0: nothing below is negative */
    int64_t day_number = since / CLOCK_DAY;
    int64_t rest = since % CLOCK_DAY;
    int64_t shifted = day_number + 146097 - 60; /* from March 1 of the year -400 */
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil c;

    c.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    c.month = (int)(month < 10 ? month + 3 : month - 9);
    c.year = (int)(year_of_era + (shifted / 146097 - 1) * 400 + (c.month <= 2));
    c.weekday = (int)((day_number + 6) % 7); /* 0000-01-01 was a Saturday */
    c.hour = (int)(rest / CLOCK_HOUR);
    c.minute = (int)(rest % CLOCK_HOUR / CLOCK_MINUTE);
    c.second = (int)(rest % CLOCK_MINUTE / CLOCK_SECOND);
    c.micros = (int)(rest % CLOCK_SECOND);
    return c;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static uint64_t nanoseconds(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
