/* Health: /healthz, /readyz and /metrics, for machines that look after the server.
 *
 * What they say comes from whoever runs it, by struct health_source: this folder knows no threads.
 */
#ifndef FOYER_API_HEALTH_H
#define FOYER_API_HEALTH_H

#include "http/route.h"

extern const struct route health_routes[];

/* Any thread. */
struct health_source {
    /* Whether requests should be sent here; *reason is a stable word either way: "ready", "draining",
     * "read_only", "disk_full" (which is ready: reads go on). */
    bool (*is_ready)(void *context, const char **reason);
    void (*write_metrics)(void *context, struct buf *out);
    void *context;
};

/* Set once, before anything is served; borrowed. */
void health_set_source(const struct health_source *source);

#endif
