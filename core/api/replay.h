/* Replay: asks the newest recorded decisions again, under the rules in force and under others, and tells
 * what would change.
 *
 * The actor and the subject are those of today; what the decision has among its reads takes the
 * place of today's values. Where that is not enough (somebody or something is gone, the action is gone,
 * the other rules look at something of the body that was not recorded) it cannot tell.
 */
#ifndef FOYER_API_REPLAY_H
#define FOYER_API_REPLAY_H

#include "policy/policy.h"

enum { REPLAY_MOST = 2000, REPLAY_EXAMPLES = 20, REPLAY_MILLISECONDS = 2000 };

enum replay_kind {
    REPLAY_SAME,
    REPLAY_DENIED,    /* was no denial, and would be one */
    REPLAY_ALLOWED,   /* was not allowed, and would be */
    REPLAY_ERROR,     /* the candidate fails */
    REPLAY_OTHERWISE, /* stays denied, with another code or message */
    REPLAY_CANNOT_TELL,
    REPLAY_KINDS
};

struct replay_answer {
    enum verdict verdict;
    struct str rule, code, message, reason;
};

/* Questions of one actor about one subject that change alike are one. */
struct replay_example {
    enum replay_kind kind;
    size_t times; /* the newest is shown */
    struct uuid actor_id;
    struct str who; /* address, or name */
    struct str actor_kind, action, request_id;
    struct uuid subject; /* none: was being made, or a list */
    int64_t at;
    struct replay_answer before, after;
};

struct replay {
    size_t asked, counts[REPLAY_KINDS];
    int64_t since;     /* of the oldest that was asked; 0: none */
    bool is_cut_short; /* the time was over before all were asked */
    struct replay_example examples[REPLAY_EXAMPLES];
    size_t example_count;
};

/* tx reads, with the policy in force; workspace 0: the decisions of all. Texts lie in tx's arena. Takes
 * at most REPLAY_MILLISECONDS and one question: for a reader or a command. Records nothing. Fails tx only
 * where reading decisions does. */
enum status replay_run(struct tx *tx, struct policy *candidate, struct replay *replay);
/* As one JSON object; for people, lines. */
void replay_json(const struct replay *replay, struct buf *out);
void replay_text(const struct replay *replay, struct buf *out);

#endif
