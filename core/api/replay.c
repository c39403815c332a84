/* Replay: reading decisions, and asking each of them twice. */
#include "api/replay.h"

#include "api/explain.h"
#include "api/replay_past.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/json.h"
#include "http/request.h"
#include "http/route.h"
#include "plugin/host.h"
#include "store/query.h"

#include <string.h>

enum { PAGE = 50 };

/* How a question ended. */
enum end { END_ANSWERED, END_HIDDEN, END_UNKNOWN };

struct again {
    enum end end;
    struct decision decision;
    struct actor actor;
    uint64_t known; /* fields of the subject that are as they were, when it was being made */
    bool is_made, has_body;
};

static size_t read_page(struct tx *tx, int64_t before, struct past *page);
static void replay_one(struct tx *tx, struct policy *live, struct policy *candidate,
                       const struct past *past, struct arena *kept, struct replay *replay);
static void keep_example(struct replay *replay, enum replay_kind kind, const struct past *past,
                         const struct again *before, const struct again *after, struct arena *kept);
static struct again ask(struct tx *tx, struct policy *policy, const struct past *past,
                        struct json_t *reads);
static enum replay_kind compare(const struct past *past, struct again *before, struct again *after);
static bool is_told_the_same(const struct again *before, const struct again *after);
static bool sees_more(const struct past *past, const struct again *before,
                      const struct again *after);
static struct replay_answer keep_answer(const struct again *again, struct arena *kept);

enum status replay_run(struct tx *tx, struct policy *candidate, struct replay *replay)
{
    uint64_t until = clock_monotonic() + REPLAY_MILLISECONDS * UINT64_C(1000000);
    struct policy *live = host_beside(tx->policy);
    struct tx beside = *tx;
    struct arena scratch;
    struct past page[PAGE];
    int64_t before = INT64_MAX;
    size_t count;

    *replay = (struct replay){ .asked = 0 };
    arena_init(&scratch, LIMIT_REQUEST_ARENA);
    beside.arena = &scratch;
    do {
        arena_reset(&scratch);
        count = read_page(&beside, before, page);
        for (size_t i = 0; i < count && !replay->is_cut_short; i++) {
            struct arena_mark mark = arena_mark(&scratch);

            replay_one(&beside, live, candidate, &page[i], tx->arena, replay);
            arena_rewind(&scratch, mark);
            before = page[i].seq;
            replay->since = page[i].at;
            replay->is_cut_short = clock_monotonic() > until;
        }
    } while (count == PAGE && replay->asked < REPLAY_MOST && !replay->is_cut_short);
    if (count < PAGE && replay->asked < REPLAY_MOST && replay->is_cut_short)
        replay->is_cut_short = page[count - 1].seq != before; /* the last one was the last */
    if (tx_status(&beside) != ST_OK)
        tx_fail(tx, tx_status(&beside), NULL, "%.*s", STR_ARG(beside.failure.message));
    host_beside_end(live);
    arena_fini(&scratch);
    return tx_status(tx);
}

#define PAST                                                                                       \
    "SELECT d.seq, d.at, d.workspace, w.id, d.request_id, d.actor_kind, d.actor_id, d.action,"     \
    " d.entity_id, d.reads FROM decisions d JOIN workspaces w ON w.seq = d.workspace"

static size_t read_page(struct tx *tx, int64_t before, struct past *page)
{
    size_t count = 0;
    struct query q = tx->workspace
                         ? query_open(tx,
                                      PAST " WHERE d.workspace = $1 AND d.seq < $2"
                                           " ORDER BY d.seq DESC LIMIT $3",
                                      ARGS(arg_int(tx->workspace), arg_int(before), arg_int(PAGE)))
                         : query_open(tx, PAST " WHERE d.seq < $1 ORDER BY d.seq DESC LIMIT $2",
                                      ARGS(arg_int(before), arg_int(PAGE)));

    while (count < PAGE && query_next(&q))
        page[count++] = (struct past){
            .seq = query_int(&q, 0),
            .at = query_int(&q, 1),
            .workspace = query_int(&q, 2),
            .workspace_id = query_id(&q, 3),
            .request_id = query_text(&q, 4),
            .actor_kind = query_text(&q, 5),
            .actor_id = query_id(&q, 6),
            .action = query_text(&q, 7),
            .subject = query_id(&q, 8),
            .reads = query_text(&q, 9),
        };
    query_close(&q);
    return count;
}

static void replay_one(struct tx *tx, struct policy *live, struct policy *candidate,
                       const struct past *past, struct arena *kept, struct replay *replay)
{
    struct failure ignored = { .status = ST_OK };
    struct json_t *reads = NULL;
    struct again before, after;
    enum replay_kind kind;

    if (!str_is_empty(past->reads))
        json_parse(past->reads, tx->arena, &reads, &ignored);
    before = ask(tx, live, past, reads);
    after = ask(tx, candidate, past, reads);
    json_free(reads);
    kind = compare(past, &before, &after);
    replay->asked++;
    replay->counts[kind]++;
    if (kind != REPLAY_SAME && kind != REPLAY_CANNOT_TELL)
        keep_example(replay, kind, past, &before, &after, kept);
}

static void keep_example(struct replay *replay, enum replay_kind kind, const struct past *past,
                         const struct again *before, const struct again *after, struct arena *kept)
{
    struct replay_example *example = NULL;

    for (size_t i = 0; i < replay->example_count; i++) {
        example = &replay->examples[i];
        if (example->kind == kind && uuid_eq(example->actor_id, past->actor_id) &&
            uuid_eq(example->subject, past->subject) && str_eq(example->action, past->action) &&
            str_eq(example->after.rule, after->decision.rule)) {
            example->times++;
            return;
        }
    }
    if (replay->example_count == REPLAY_EXAMPLES)
        return;
    replay->examples[replay->example_count++] = (struct replay_example){
        .kind = kind,
        .times = 1,
        .who = str_copy(kept, str_is_empty(before->actor.email) ? before->actor.name
                                                                : before->actor.email),
        .actor_kind = str_copy(kept, past->actor_kind),
        .actor_id = past->actor_id,
        .action = str_copy(kept, past->action),
        .request_id = str_copy(kept, past->request_id),
        .subject = past->subject,
        .at = past->at,
        .before = keep_answer(before, kept),
        .after = keep_answer(after, kept),
    };
}

/* By a transaction of its own: what fails in it is the answer. */
static struct again ask(struct tx *tx, struct policy *policy, const struct past *past,
                        struct json_t *reads)
{
    struct again again = { .end = END_UNKNOWN };
    const struct route *route = explain_route(tx, past->action, !uuid_is_none(past->subject));
    struct request rq = { .id = past->request_id };
    struct subject subject = { .entity = NULL };
    struct tx beside = *tx;
    enum status status;

    beside.policy = policy;
    beside.workspace = past->workspace;
    beside.workspace_id = past->workspace_id;
    beside.request_id = past->request_id;
    beside.workspace_seen = NULL;
    beside.subject = NULL;
    if (!route || !past_actor(&beside, past, reads) || !past_workspace(&beside, reads))
        return again;
    again.actor = beside.actor;
    rq.json = past_body(&beside, route, past, reads);
    again.has_body = rq.json != NULL;
    status = explain_subject(&beside, route, past->subject, &rq, &subject);
    if (status == ST_OK) {
        again.is_made = uuid_is_none(past->subject) && subject.row != NULL;
        again.known = subject.given | past_target(&beside, reads, &subject);
        beside.subject = &subject;
        policy_ask(&beside, past->action.at, &subject, true, &again.decision);
        if (tx_status(&beside) == ST_OK)
            again.end = END_ANSWERED;
    } else if (status == ST_RULE_ERROR) {
        again.end = END_ANSWERED;
        again.decision =
            (struct decision){ .verdict = VERDICT_ERROR, .reason = STR("the scope of it failed") };
    } else if (status == ST_NOT_FOUND) {
        again.end = END_HIDDEN;
        again.decision =
            (struct decision){ .verdict = VERDICT_DENY, .reason = STR("no scope shows it") };
    }
    request_fini(&rq);
    return again;
}

/* Hidden by both is gone. Hidden by one is that one's denial. */
static enum replay_kind compare(const struct past *past, struct again *before, struct again *after)
{
    if (before->end == END_UNKNOWN || after->end == END_UNKNOWN ||
        (before->end == END_HIDDEN && after->end == END_HIDDEN))
        return REPLAY_CANNOT_TELL;
    if (after->decision.verdict == VERDICT_ERROR)
        return REPLAY_ERROR;
    if (sees_more(past, before, after))
        return REPLAY_CANNOT_TELL;
    if (before->decision.verdict == after->decision.verdict)
        return is_told_the_same(before, after) ? REPLAY_SAME : REPLAY_OTHERWISE;
    return after->decision.verdict == VERDICT_ALLOW ? REPLAY_ALLOWED : REPLAY_DENIED;
}

/* What whoever is denied gets to read. */
static bool is_told_the_same(const struct again *before, const struct again *after)
{
    return after->decision.verdict != VERDICT_DENY ||
           (str_eq(before->decision.code, after->decision.code) &&
            str_eq(before->decision.message, after->decision.message));
}

/* Of a body only what the rules of then looked at is recorded. What those of now look at, too, is
 * taken to be among it; what the candidate alone looks at is not known. */
static bool sees_more(const struct past *past, const struct again *before,
                      const struct again *after)
{
    uint64_t known = after->known, looked = 0;

    if (before->end != END_ANSWERED || after->end != END_ANSWERED || !after->has_body)
        return false;
    if (!str_is_empty(past->reads))
        known |= before->decision.input_read | (after->is_made ? before->decision.target_read : 0);
    looked = after->decision.input_read | (after->is_made ? after->decision.target_read : 0);
    return (looked & ~known) != 0;
}

static struct replay_answer keep_answer(const struct again *again, struct arena *kept)
{
    return (struct replay_answer){
        .verdict = again->decision.verdict,
        .rule = str_copy(kept, again->decision.rule),
        .code = str_copy(kept, again->decision.code),
        .message = str_copy(kept, again->decision.message),
        .reason = str_copy(kept, again->decision.reason),
    };
}
