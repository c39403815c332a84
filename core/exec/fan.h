/* Fan: events become deliveries to those handlers of scripts that listen to them (store/delivery.h).
 *
 * A chore of the writer, that is wanted only after a commit with events while somebody listens, or when
 * other scripts came into force: nobody pays for handlers that are not there. The writer's thread alone.
 */
#ifndef FOYER_EXEC_FAN_H
#define FOYER_EXEC_FAN_H

#include "base/crypto.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;
struct tx;

struct fan {
    uint64_t followed;  /* generation of scripts whose handlers listen; 0: not looked yet */
    bool has_listeners; /* as of then */
    bool has_events;    /* that were not looked at */
    uint64_t following; /* of the run that may yet be lost: see fan_kept */
    bool will_have, is_over, will_send;
    _Atomic bool has_endpoints; /* of webhooks, in any workspace; read by the scripts' thread */
    uint8_t seed[CRYPTO_KEY];   /* stuttering: what ids are drawn from */
};

enum { FANNED = 100 }; /* events at a time */

/* At start, before the writer runs. */
void fan_init(struct fan *fan);
/* After each commit that left events. */
void fan_wake(struct fan *fan);
/* After one that changed who is told of events, beside scripts: endpoints of webhooks. */
void fan_look_again(struct fan *fan);
bool fan_is_wanted(struct server *server);
size_t fan_run(struct tx *tx, struct server *server);
void fan_kept(struct server *server);

#endif
