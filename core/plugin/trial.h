/* Trial: a script that was changed is watched for a while, and left again when it keeps failing.
 *
 * Of each function it is counted how often it was asked and how often it failed, by requests alone. One
 * that failed TRIAL_FAILURES times, and at least every second time, ends the trial: the text before comes
 * back, and the one that failed stays beside it as NAME.quarantined (host_end_trials). So it is with folders. A text whose
 * predecessor was failing, too, is not on trial: there is nothing good to go back to.
 * Any thread, the host's locks.
 */
#ifndef FOYER_PLUGIN_TRIAL_H
#define FOYER_PLUGIN_TRIAL_H

#include "plugin/generation.h"

#include <stdatomic.h>

enum { TRIAL_FAILURES = 5, TRIAL_REASON = 400 };

struct trial_function {
    _Atomic uint32_t asked; /* on trial */
    uint32_t failed;        /* under the host's lock, as all below; also when not on trial */
    uint64_t failed_at;     /* monotonic, the last time */
};

/* Of a plugin of a generation. */
struct trial {
    _Atomic bool is_on;
    uint64_t until;     /* monotonic */
    struct str before;  /* the text before, of the generation's; absent: none was in DATA */
    struct str library; /* of a native plugin: the bytes before, too; else absent */
    bool has_ever_failed;
    char reason[TRIAL_REASON]; /* of the first failure: "house_rules.lua:3: …" */
    struct trial_function *functions;
};

/* Under the host's lock, before the generation becomes current: puts on trial what is another text than in
 * `old` (NULL: there is none), for so many seconds (0: nothing); what is the same goes on with its trial. */
void trial_begin(struct generation *generation, const struct generation *old, int64_t seconds);
/* A function answered a request; fault NULL: it did not fail. True: its trial should end. Takes the host's
 * lock where it failed. */
bool trial_answered(struct generation *generation, size_t plugin, size_t function,
                    const struct fault *fault);
/* Under the host's lock: which function is to blame; -1: none, it does well. */
int trial_failing(const struct plugin *plugin, const struct trial *trial);

#endif
