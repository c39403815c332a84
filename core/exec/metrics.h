/* Metrics: what a loop counts, and the text of /metrics (Prometheus).
 *
 * Written by one loop, read by any thread: all relaxed atomics. Routes are numbered once, from the router.
 */
#ifndef FOYER_EXEC_METRICS_H
#define FOYER_EXEC_METRICS_H

#include "base/buf.h"

#include <stdatomic.h>

struct route;
struct router;
struct server;

enum { METRICS_CLASSES = 5, METRICS_BUCKETS = 12 };

/* Numbers for routes; immutable. */
struct route_numbers {
    const struct route **rows; /* by address */
    size_t count;
};

struct metrics {
    const struct route_numbers *numbers;
    /* [number of the route][1xx … 5xx]; the last one is of requests without a route. */
    _Atomic uint64_t (*requests)[METRICS_CLASSES];
    _Atomic uint64_t seconds[METRICS_BUCKETS]; /* not cumulated */
    _Atomic uint64_t microseconds;
    _Atomic uint64_t opened, closed, refused; /* connections */
    _Atomic uint64_t limited;                 /* 429 */
    _Atomic uint64_t reads_slow;              /* handed to a reader for what they are */
    _Atomic uint64_t reads_again;             /* begun again there: over their budget on the loop */
    _Atomic uint64_t reads_refused;           /* of those: the queue was full */
};

void route_numbers_init(struct route_numbers *numbers, const struct router *router);
void route_numbers_fini(struct route_numbers *numbers);

void metrics_init(struct metrics *metrics, const struct route_numbers *numbers);
void metrics_fini(struct metrics *metrics);
void metrics_count(struct metrics *metrics, const struct route *route, int status,
                   uint64_t nanoseconds);

/* Any thread. */
void metrics_write(struct server *server, struct buf *out);

#endif
