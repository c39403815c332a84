/* Watch: the thread that looks whether scripts changed on disk, and reloads.
 *
 * It polls sizes and times (network mounts tell nothing by themselves), and waits until two looks in a row
 * are equal, so that a file that is being written is not loaded half.
 */
#ifndef FOYER_PLUGIN_WATCH_H
#define FOYER_PLUGIN_WATCH_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { WATCH_MILLISECONDS = 400 };

struct watch;

/* look gives a number that changes when the files do; changed is called when it differs from `seen` and
 * has settled, and gives the number as of its reading. Both on the thread of the watch. NULL: the
 * machine gives no more threads. */
struct watch *watch_start(uint64_t (*look)(void *context), uint64_t (*changed)(void *context),
                          uint64_t seen, void *context);
void watch_stop(struct watch *watch); /* waits; takes NULL */

#endif
