/* Clock: wall time in microseconds UTC, monotonic time in nanoseconds, and the thread's CPU time.
 *
 * Handlers never ask here but tx_now. Tests move the wall clock: FOYER_TEST_CLOCK names a file
 * of 8 bytes (int64, native order) that is mapped, and whose value (microseconds) is added to the
 * wall clock at each look, so that a running server's time can be moved from outside.
 */
#ifndef FOYER_BASE_CLOCK_H
#define FOYER_BASE_CLOCK_H

#include "base/str.h"

#define CLOCK_SECOND INT64_C(1000000) /* of wall time */
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR   (60 * CLOCK_MINUTE)
#define CLOCK_DAY    (24 * CLOCK_HOUR)

enum { CLOCK_TEXT = 28 }; /* "2026-11-23T22:13:00.123456Z" with the NUL */

void clock_start(void);          /* once, before threads: looks at FOYER_TEST_CLOCK */
int64_t clock_wall(void);        /* microseconds UTC since 1970 */
uint64_t clock_monotonic(void);  /* nanoseconds */
uint64_t clock_thread_cpu(void); /* nanoseconds of CPU of the calling thread */

/* The wall clock of this process stands still at that instant from now on; CLOCK_RUNS: it runs again. For tests
 * of scripts, while no thread but the caller's asks. */
#define CLOCK_RUNS INT64_MIN
void clock_fix(int64_t wall);

/* FOYER_TEST_TIMEOUTS=20 with FOYER_TEST=1: deadlines are 20 times shorter. 1 in earnest. */
unsigned clock_test_divisor(void);

/* RFC 3339 with six digits and Z. */
void clock_format(int64_t wall, char text[CLOCK_TEXT]);
/* Takes RFC 3339 with any offset and 0 to 9 digits of fraction; false: not a date and time. */
bool clock_parse(struct str text, int64_t *wall);
/* IMF-fixdate of HTTP (RFC 9110, 5.6.7), 29 characters and a NUL. */
void clock_format_http(int64_t wall, char text[30]);

#endif
