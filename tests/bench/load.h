/* Load: a closed loop of N connections, each with one request under way (no pipelining).
 *
 * load.c reads the command line and prints the figures, load_run.c sends and receives.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "meter.h"

#include <stddef.h>

/* What is asked for. */
struct load_plan {
    int port;
    const char *key;    /* X-API-Key */
    const char *target; /* "/v1/clients/{}": {} becomes a random line of `fill` */
    char **fill;        /* lines, fit for a URL as they stand */
    size_t fill_count;
    uint32_t create_seed; /* not 0: POST of person 0, 1, 2 … of this seed, target is the path */
    size_t connections;
    size_t idle; /* connections more that ask once, behind the warm-up, and then stay open */
    double warm_up, seconds; /* measured are the `seconds` behind the warm-up */
    size_t count;            /* not 0: exactly so many requests, no warm-up */
    pid_t server;            /* whose CPU is read; 0: nobody's */
};

struct load_result {
    size_t sent;              /* all, those of the warm-up too */
    size_t requests, refused; /* that were measured; refused: not 2xx, of all */
    uint64_t bytes;
    uint32_t *micros; /* of each request; the caller frees it */
    double idle_kib;  /* that the server's memory grew by with the idle ones */
    struct usage usage;
};

/* False: it could not run; a line on stderr says why. */
bool load_run(const struct load_plan *plan, struct load_result *result);
/* Sends one request and writes the answer as it came to stdout. */
bool load_once(const struct load_plan *plan);

#endif
