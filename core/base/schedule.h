/* Schedule: when something comes again: every so often, or at times of the clock (cron).
 *
 * Five fields as cron has them: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), each
 * `*`, a number, a range, a list, or one of these with a step. Where both days are given, one of them suffices.
 * Times are those of a zone: an hour that a change of the clocks leaves out is made up for at its end, and one that
 * comes twice counts once, unless every hour is meant.
 */
#ifndef FOYER_BASE_SCHEDULE_H
#define FOYER_BASE_SCHEDULE_H

#include "base/str.h"

struct schedule {
    int64_t every; /* microseconds; 0: by the clock: */
    uint64_t minutes;
    uint32_t hours, days, months, weekdays; /* a bit for each */
    bool is_any_day, is_any_weekday;
    int64_t jitter; /* microseconds: a chance of so much, so that not all come at once */
};

/* "15m", "2h", "1d", from a minute to 366 days. False: it is none. */
bool schedule_read_span(struct str text, int64_t *span);
bool schedule_read_cron(struct str text, struct schedule *schedule);

/* The first instant after `after`, without jitter; zone: its IANA name, an unknown one is UTC. INT64_MAX: there
 * is none (the 30th of February). */
int64_t schedule_next(const struct schedule *schedule, int64_t after, struct str zone);

#endif
