/* Replay: what was found out, as JSON for programs and as lines for people. */
#include "api/replay.h"

#include "base/clock.h"
#include "base/str.h"

static void put_example(const struct replay_example *example, struct buf *out);
static void put_answer(const char *name, const struct replay_answer *answer, struct buf *out);
static void say_answer(const char *name, const struct replay_answer *answer, struct buf *out);

static const char *const kinds[] = { "same",   "newlyDenied",     "newlyAllowed",
                                     "errors", "deniedOtherwise", "cannotTell" };
static const char *const words[] = { "same",  "newly denied",     "newly allowed",
                                     "error", "denied otherwise", "cannot tell" };
static const char *const verdicts[] = { "deny", "allow", "deny", "error" };

void replay_json(const struct replay *replay, struct buf *out)
{
    char since[CLOCK_TEXT];

    clock_format(replay->since, since);
    buf_printf(out, "{\"object\":\"replay\",\"asked\":%zu", replay->asked);
    for (int i = 0; i < REPLAY_KINDS; i++)
        buf_printf(out, ",\"%s\":%zu", kinds[i], replay->counts[i]);
    buf_text(out, ",\"since\":");
    buf_json(out, replay->asked ? str_from(since) : STR_NONE);
    buf_printf(out, ",\"cutShort\":%s,\"examples\":[", replay->is_cut_short ? "true" : "false");
    for (size_t i = 0; i < replay->example_count; i++) {
        buf_text(out, i ? "," : "");
        put_example(&replay->examples[i], out);
    }
    buf_text(out, "]}");
}

static void put_example(const struct replay_example *example, struct buf *out)
{
    char at[CLOCK_TEXT], id[UUID_TEXT], actor[UUID_TEXT];

    clock_format(example->at, at);
    uuid_format(example->subject, id);
    uuid_format(example->actor_id, actor);
    buf_printf(out, "{\"change\":\"%s\",\"times\":%zu,\"createdAt\":\"%s\",\"actorType\":",
               kinds[example->kind], example->times, at);
    buf_json(out, example->actor_kind);
    buf_text(out, ",\"actorId\":");
    buf_json(out, uuid_is_none(example->actor_id) ? STR_NONE : str_from(actor));
    buf_text(out, ",\"actor\":");
    buf_json(out, example->who);
    buf_text(out, ",\"action\":");
    buf_json(out, example->action);
    buf_text(out, ",\"entityId\":");
    buf_json(out, uuid_is_none(example->subject) ? STR_NONE : str_from(id));
    buf_text(out, ",\"requestId\":");
    buf_json(out, example->request_id);
    put_answer("before", &example->before, out);
    put_answer("after", &example->after, out);
    buf_char(out, '}');
}

static void put_answer(const char *name, const struct replay_answer *answer, struct buf *out)
{
    buf_printf(out, ",\"%s\":{\"verdict\":\"%s\",\"rule\":", name, verdicts[answer->verdict]);
    buf_json(out, answer->rule);
    buf_text(out, ",\"code\":");
    buf_json(out, answer->code);
    buf_text(out, ",\"message\":");
    buf_json(out, answer->message);
    buf_text(out, ",\"reason\":");
    buf_json(out, answer->reason);
    buf_char(out, '}');
}

void replay_text(const struct replay *replay, struct buf *out)
{
    char at[CLOCK_TEXT], id[UUID_TEXT];

    if (replay->asked == 0) {
        buf_text(out, "no decisions are recorded yet: there is nothing to compare with\n");
        return;
    }
    clock_format(replay->since, at);
    buf_printf(out,
               "asked the newest %zu decision%s again, since %.16sZ:\n"
               "  %zu same, %zu newly denied, %zu newly allowed, %zu errors, "
               "%zu denied otherwise, %zu cannot tell\n",
               replay->asked, replay->asked == 1 ? "" : "s", at, replay->counts[REPLAY_SAME],
               replay->counts[REPLAY_DENIED], replay->counts[REPLAY_ALLOWED],
               replay->counts[REPLAY_ERROR], replay->counts[REPLAY_OTHERWISE],
               replay->counts[REPLAY_CANNOT_TELL]);
    if (replay->is_cut_short)
        buf_printf(out, "  (there are more; %d s were over)\n", REPLAY_MILLISECONDS / 1000);
    for (size_t i = 0; i < replay->example_count; i++) {
        const struct replay_example *e = &replay->examples[i];

        clock_format(e->at, at);
        uuid_format(e->subject, id);
        buf_printf(out, "%s: ", words[e->kind]);
        if (e->times > 1)
            buf_printf(out, "%zu times ", e->times);
        buf_printf(out, "%.*s by %.*s%s%s, %.19s, request %.*s\n", STR_ARG(e->action),
                   STR_ARG(str_is_empty(e->who) ? e->actor_kind : e->who),
                   uuid_is_none(e->subject) ? "" : " on ", uuid_is_none(e->subject) ? "" : id, at,
                   STR_ARG(e->request_id));
        say_answer("before", &e->before, out);
        say_answer("after", &e->after, out);
    }
}

static void say_answer(const char *name, const struct replay_answer *answer, struct buf *out)
{
    struct str why = str_is_empty(answer->message) ? answer->reason : answer->message;

    buf_printf(out, "  %-7s %s%s%.*s%s%.*s\n", name, verdicts[answer->verdict],
               str_is_empty(answer->rule) ? "" : " by ", STR_ARG(answer->rule),
               str_is_empty(why) ? "" : ": ", STR_ARG(why));
}
