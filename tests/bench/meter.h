/* Meter: who used the machine between two instants.
 *
 * The CPU of one process is exact (its CPU clock, dead threads included). What is left of the
 * machine's busy time after the server, the load and the kernel's own threads (which write the
 * journal for whoever fsyncs) is *foreign*: somebody else was at work, and the round is not to be
 * trusted. Steal is what the host of a virtual machine took.
 */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct meter {
    uint64_t wall;   /* nanoseconds, monotonic */
    uint64_t server; /* nanoseconds of CPU since the process began */
    uint64_t load;   /* of the calling process */
    uint64_t kernel; /* of all kernel threads */
    uint64_t idle;   /* of all cores, waiting for disks included */
    uint64_t steal;
};

/* Shares between two readings: `seconds` of wall time, the rest in cores (1.0 is one core). */
struct usage {
    double seconds;
    double server, load, kernel, foreign, steal;
};

uint64_t meter_now(void);
/* server 0: none. False: the process is gone, or /proc cannot be read. */
bool meter_read(struct meter *meter, pid_t server);
void meter_between(const struct meter *from, const struct meter *to, struct usage *usage);

#endif
