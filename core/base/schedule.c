/* Schedule: reading the five fields, and walking from hour to hour by ICU's calendar. */
#include "base/schedule.h"

#include "base/check.h"
#include "base/clock.h"

#include <unicode/ucal.h>

enum { HOURS_MOST = 5 * 366 * 24, ZONE_MOST = 64 };

/* An instant in its zone. */
struct local {
    int minute, hour, day, month, weekday;
};

static bool read_field(struct str text, int least, int most, uint64_t *bits);
static bool read_part(struct str text, int least, int most, uint64_t *bits);
static UCalendar *open_calendar(struct str zone);
static struct local local_of(UCalendar *calendar, int64_t at);
static bool is_day(const struct schedule *s, const struct local *local);
static bool is_left_out(const struct schedule *s, const struct local *before,
                        const struct local *now);

bool schedule_read_span(struct str text, int64_t *span)
{
    static const struct {
        char name;
        int64_t length;
    } units[] = { { 'm', CLOCK_MINUTE }, { 'h', CLOCK_HOUR }, { 'd', CLOCK_DAY } };
    int64_t number;

    if (text.len < 2 || !str_to_int(str_slice(text.at, text.len - 1), 1, 1000000, &number))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (text.at[text.len - 1] == units[i].name && number <= 366 * CLOCK_DAY / units[i].length) {
            *span = number * units[i].length;
            return true;
        }
    return false;
}

bool schedule_read_cron(struct str text, struct schedule *schedule)
{
    static const struct {
        int least, most;
    } bounds[] = { { 0, 59 }, { 0, 23 }, { 1, 31 }, { 1, 12 }, { 0, 7 } };
    struct str rest = str_trim(text), field;
    uint64_t bits[5];
    bool is_any[5];
    size_t count = 0;

    while (!str_is_absent(rest) && str_cut(&rest, ' ', &field)) {
        if (str_is_empty(field))
            continue;
        if (count == 5 || !read_field(field, bounds[count].least, bounds[count].most, &bits[count]))
            return false;
        is_any[count++] = str_is(field, "*");
    }
    if (count != 5)
        return false;
    if (bits[4] >> 7 & 1u)
        bits[4] |= 1u;
    *schedule = (struct schedule){ .minutes = bits[0],
                                   .hours = (uint32_t)bits[1],
                                   .days = (uint32_t)bits[2],
                                   .months = (uint32_t)bits[3],
                                   .weekdays = (uint32_t)bits[4],
                                   .is_any_day = is_any[2],
                                   .is_any_weekday = is_any[4] };
    return true;
}

/* By the hour where day or hour do not fit, else by the minute. */
int64_t schedule_next(const struct schedule *schedule, int64_t after, struct str zone)
{
    int64_t at = after - after % CLOCK_MINUTE + CLOCK_MINUTE, found = INT64_MAX;
    struct local before, now;
    UCalendar *calendar;
    int hours = 0;

    if (schedule->every > 0)
        return after + schedule->every;
    calendar = open_calendar(zone);
    before = local_of(calendar, at - CLOCK_MINUTE);
    for (; hours < HOURS_MOST; before = now) {
        bool is_again;

        now = local_of(calendar, at);
        /* The clocks were set back: this hour was there already. */
        is_again =
            schedule->hours != 0xffffff && now.day == before.day &&
            (now.hour < before.hour || (now.hour == before.hour && now.minute < before.minute));
        if (is_left_out(schedule, &before, &now) ||
            (!is_again && is_day(schedule, &now) && schedule->hours >> now.hour & 1u &&
             schedule->minutes >> now.minute & 1u)) {
            found = at;
            break;
        }
        if (!is_again && is_day(schedule, &now) && schedule->hours >> now.hour & 1u) {
            at += CLOCK_MINUTE;
            hours += now.minute == 59;
        } else {
            at += (is_again ? 60 : 60 - now.minute) * CLOCK_MINUTE;
            hours++;
        }
    }
    ucal_close(calendar);
    return found;
}

/* Hours of this day that were skipped: one that was meant is made up for now. */
static bool is_left_out(const struct schedule *s, const struct local *before,
                        const struct local *now)
{
    if (now->day != before->day || now->hour <= before->hour + 1 || !is_day(s, now) ||
        s->hours == 0xffffff)
        return false;
    for (int hour = before->hour + 1; hour < now->hour; hour++)
        if (s->hours >> hour & 1u)
            return true;
    return false;
}

static bool is_day(const struct schedule *s, const struct local *local)
{
    bool is_day = s->days >> local->day & 1u, is_weekday = s->weekdays >> local->weekday & 1u;

    if (!(s->months >> local->month & 1u))
        return false;
    return s->is_any_day || s->is_any_weekday ? is_day && is_weekday : is_day || is_weekday;
}

static UCalendar *open_calendar(struct str zone)
{
    UChar name[ZONE_MOST];
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar;
    size_t len = 0;

    for (; len < zone.len && len < ZONE_MOST; len++)
        name[len] = (UChar)(unsigned char)zone.at[len];
    calendar = ucal_open(name, (int32_t)len, "en", UCAL_GREGORIAN, &error);
    NEVER(U_FAILURE(error)); /* an unknown zone is Etc/Unknown, which is as UTC */
    return calendar;
}

static struct local local_of(UCalendar *calendar, int64_t at)
{
    UErrorCode error = U_ZERO_ERROR;
    struct local local;

    ucal_setMillis(calendar, (UDate)(at / 1000), &error);
    local = (struct local){
        .minute = ucal_get(calendar, UCAL_MINUTE, &error),
        .hour = ucal_get(calendar, UCAL_HOUR_OF_DAY, &error),
        .day = ucal_get(calendar, UCAL_DATE, &error),
        .month = ucal_get(calendar, UCAL_MONTH, &error) + 1,
        .weekday = ucal_get(calendar, UCAL_DAY_OF_WEEK, &error) - 1,
    };
    NEVER(U_FAILURE(error));
    return local;
}

/* ---- Fields ------------------------------------------------------------------------------------ */

static bool read_field(struct str text, int least, int most, uint64_t *bits)
{
    struct str rest = text, part;

    *bits = 0;
    while (!str_is_absent(rest) && str_cut(&rest, ',', &part))
        if (!read_part(part, least, most, bits))
            return false;
    return *bits != 0;
}

static bool read_part(struct str text, int least, int most, uint64_t *bits)
{
    struct str range, step = text, to;
    int64_t first = least, last = most, by = 1;

    if (!str_cut(&step, '/', &range) || str_is_empty(range))
        return false;
    if (!str_is_absent(step) && !str_to_int(step, 1, most, &by))
        return false;
    if (!str_is(range, "*")) {
        struct str from;

        to = range;
        if (!str_cut(&to, '-', &from) || !str_to_int(from, least, most, &first))
            return false;
        last = str_is_absent(step) ? first : most; /* 5/10: from 5 on */
        if (!str_is_absent(to) && !str_to_int(to, first, most, &last))
            return false;
    }
    for (; first <= last; first += by)
        *bits |= UINT64_C(1) << first;
    return true;
}
