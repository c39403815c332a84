/* Schedules: the five fields of cron, zones, and the two nights of the year on which clocks are set. */
#include "base/clock.h"
#include "base/schedule.h"
#include "harness.h"

#include <stdio.h>

/* The next instants after `from`, as text with blanks between, without seconds. */
static const char *next(const char *cron, const char *zone, const char *from, int count)
{
    static char text[400];
    struct schedule schedule;
    size_t len = 0;
    int64_t at;

    CHECK(schedule_read_cron(str_from(cron), &schedule));
    CHECK(clock_parse(str_from(from), &at));
    for (int i = 0; i < count; i++) {
        char one[CLOCK_TEXT];

        at = schedule_next(&schedule, at, str_from(zone));
        if (at == INT64_MAX)
            return "never";
        clock_format(at, one);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.16s", i ? " " : "", one);
    }
    return text;
}

TEST(cron_fields_are_numbers_ranges_lists_and_steps)
{
    static const char *const faulty[] = {
        "",          "* * * *",      "* * * * * *", "60 * * * *",  "* 24 * * *",
        "* * 0 * *", "* * * 13 *",   "* * * * 8",   "5-1 * * * *", "*/0 * * * *",
        "a * * * *", "1,,2 * * * *", "-1 * * * *",  "1- * * * *"
    };
    struct schedule schedule;

    CHECK_STR(next("0 8 * * 1", "Etc/UTC", "2026-11-28T13:00:00Z", 2),
              "2026-11-30T08:00 2026-12-07T08:00");
    CHECK_STR(next("*/20 9-10 * * *", "Etc/UTC", "2026-11-28T09:20:30Z", 4),
              "2026-11-28T09:40 2026-11-28T10:00 2026-11-28T10:20 2026-11-28T10:40");
    CHECK_STR(next("5,7 0 1 1,7 *", "Etc/UTC", "2026-11-28T00:00:00Z", 3),
              "2027-01-01T00:05 2027-01-01T00:07 2027-07-01T00:05");
    CHECK_STR(next("50/5 23 * * 7", "Etc/UTC", "2026-11-28T00:00:00Z", 3),
              "2026-11-29T23:50 2026-11-29T23:55 2026-12-06T23:50");
    CHECK_STR(next("0 0 13 * 5", "Etc/UTC", "2026-11-28T00:00:00Z", 3),
              "2026-12-04T00:00 2026-12-11T00:00 2026-12-13T00:00"); /* one of the days suffices */
    CHECK_STR(next("0 0 29 2 *", "Etc/UTC", "2026-11-28T00:00:00Z", 1), "2028-02-29T00:00");
    CHECK_STR(next("0 0 30 2 *", "Etc/UTC", "2026-11-28T00:00:00Z", 1), "never");
    for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
        harness_note("%s", faulty[i]);
        CHECK(!schedule_read_cron(str_from(faulty[i]), &schedule));
    }
}

TEST(times_are_those_of_the_zone)
{
    CHECK_STR(next("0 8 * * *", "Europe/Vienna", "2026-07-01T00:00:00Z", 1), "2026-07-01T06:00");
    CHECK_STR(next("0 8 * * *", "Europe/Vienna", "2026-12-01T00:00:00Z", 1), "2026-12-01T07:00");
    CHECK_STR(next("30 8 * * *", "Asia/Kolkata", "2026-12-01T00:00:00Z", 2),
              "2026-12-01T03:00 2026-12-02T03:00");
    CHECK_STR(next("0 8 * * *", "Nowhere/City", "2026-12-01T00:00:00Z", 1), "2026-12-01T08:00");
}

TEST(an_hour_that_is_left_out_is_made_up_for_and_one_that_comes_twice_counts_once)
{
    /* 29 March: from 2:00 to 3:00; 25 October: from 3:00 back to 2:00. */
    CHECK_STR(next("30 2 * * *", "Europe/Vienna", "2026-03-28T12:00:00Z", 2),
              "2026-03-29T01:00 2026-03-30T00:30");
    CHECK_STR(next("30 2 * * *", "Europe/Vienna", "2026-10-24T12:00:00Z", 2),
              "2026-10-25T00:30 2026-10-26T01:30");
    CHECK_STR(next("30 * * * *", "Europe/Vienna", "2026-10-24T23:40:00Z", 3),
              "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30");
    CHECK_STR(next("30 * * * *", "Europe/Vienna", "2026-03-29T00:40:00Z", 2),
              "2026-03-29T01:30 2026-03-29T02:30");
}

TEST(spans_are_minutes_hours_and_days)
{
    static const char *const faulty[] = { "", "m", "0m", "1", "1s", "-1h", "367d", "1.5h", "1 h" };
    int64_t span;

    CHECK(schedule_read_span(STR("15m"), &span) && span == 15 * CLOCK_MINUTE);
    CHECK(schedule_read_span(STR("2h"), &span) && span == 2 * CLOCK_HOUR);
    CHECK(schedule_read_span(STR("366d"), &span) && span == 366 * CLOCK_DAY);
    for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++)
        CHECK(!schedule_read_span(str_from(faulty[i]), &span));
}
