/* Who can: each actor in turn, by the road that explain takes. */
#include "api/who_can.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/json.h"
#include "http/request.h"
#include "http/route.h"
#include "plugin/host.h"
#include "store/query.h"

#include <jansson.h>

struct asking {
    struct tx *tx; /* whose arena keeps what is found */
    const struct explain_asked *asked;
    const struct route *route;
    struct request rq;
    struct arena scratch; /* of one question */
    struct policy *policy;
    uint64_t until;
    struct who_can *found;
    bool is_seen; /* the target, by somebody */
};

static void ask_roles(struct asking *asking);
static void ask_each(struct asking *asking, enum who_kind kind, const char *sql,
                     bool (*find)(struct tx *, struct uuid));
static void ask_one(struct asking *asking, struct tx *beside, enum who_kind kind);
static bool is_over(const struct asking *asking, enum who_kind kind);
static uint64_t permissions_of(struct str json);

enum status who_can(struct tx *tx, const struct explain_asked *asked, struct who_can *found)
{
    struct asking asking = { .tx = tx, .asked = asked, .found = found };

    *found = (struct who_can){ .action = asked->action };
    asking.route = explain_route(tx, asked->action, !uuid_is_none(asked->target));
    if (!asking.route)
        return explain_refuse_action(tx, asked->action);
    asking.rq.id = tx->request_id;
    if (explain_input(tx, asked, &asking.rq) != ST_OK)
        return tx_status(tx);
    asking.until = clock_monotonic() + WHO_MILLISECONDS * UINT64_C(1000000);
    asking.policy = host_beside(tx->policy);
    arena_init(&asking.scratch, LIMIT_REQUEST_ARENA);
    ask_roles(&asking);
    ask_each(&asking, WHO_STAFF,
             "SELECT id FROM internal_users WHERE workspace = $1 AND removed_at IS NULL"
             " ORDER BY seq LIMIT $2",
             actor_find_staff);
    ask_each(&asking, WHO_KEY,
             "SELECT id FROM api_keys WHERE workspace = $1 AND revoked_at IS NULL"
             " ORDER BY seq LIMIT $2",
             actor_find_key);
    ask_each(&asking, WHO_CLIENT,
             "SELECT id FROM clients WHERE workspace = $1 AND archived_at IS NULL"
             " ORDER BY seq DESC LIMIT $2",
             actor_find_client);
    arena_fini(&asking.scratch);
    host_beside_end(asking.policy);
    request_fini(&asking.rq);
    if (!uuid_is_none(asked->target) && !asking.is_seen && !found->errors)
        return tx_not_found(tx);
    return tx_status(tx);
}

static void ask_roles(struct asking *asking)
{
    struct tx *tx = asking->tx;
    struct query q = query_open(
        tx, "SELECT name, permissions, is_owner FROM roles WHERE workspace = $1 ORDER BY seq",
        ARGS(arg_int(tx->workspace)));

    while (!is_over(asking, WHO_ROLE) && query_next(&q)) {
        struct tx beside = *tx;

        /* Rules may compare his id: one that is nobody's here. */
        beside.actor = (struct actor){ .kind = ACTOR_STAFF,
                                       .id = tx->workspace_id,
                                       .road = "session",
                                       .role = query_text(&q, 0),
                                       .permissions = permissions_of(query_text(&q, 1)),
                                       .is_owner = query_bool(&q, 2) };
        ask_one(asking, &beside, WHO_ROLE);
    }
    query_close(&q);
}

static void ask_each(struct asking *asking, enum who_kind kind, const char *sql,
                     bool (*find)(struct tx *, struct uuid))
{
    struct tx *tx = asking->tx;
    struct uuid *ids = arena_array(tx->arena, struct uuid, WHO_ASKED + 1);
    struct query q = query_open(tx, sql, ARGS(arg_int(tx->workspace), arg_int(WHO_ASKED + 1)));
    size_t count = 0;

    while (query_next(&q))
        ids[count++] = query_id(&q, 0);
    query_close(&q);
    for (size_t i = 0; i < count && !is_over(asking, kind); i++) {
        struct tx beside = *tx;

        arena_reset(&asking->scratch);
        beside.arena = &asking->scratch;
        beside.actor = (struct actor){ .kind = ACTOR_NOBODY };
        if (!find(&beside, ids[i])) /* a key whose time is over */
            continue;
        if (kind == WHO_STAFF)
            explain_operator(&beside);
        else
            beside.actor.road = kind == WHO_KEY ? "api" : "session";
        beside.workspace = tx->workspace;
        beside.workspace_id = tx->workspace_id;
        ask_one(asking, &beside, kind);
    }
}

static void ask_one(struct asking *asking, struct tx *beside, enum who_kind kind)
{
    struct who_can *found = asking->found;
    struct arena *kept = asking->tx->arena;
    struct subject subject = { .entity = NULL };
    struct decision decision = { .verdict = VERDICT_DENY };

    if (kind == WHO_ROLE)
        arena_reset(&asking->scratch);
    beside->arena = &asking->scratch;
    beside->policy = asking->policy;
    beside->workspace_seen = NULL;
    beside->subject = NULL;
    found->asked[kind]++;
    if (explain_subject(beside, asking->route, asking->asked->target, &asking->rq, &subject) ==
        ST_OK) {
        asking->is_seen = true;
        beside->subject = &subject;
        policy_ask(beside, asking->asked->action.at, &subject, true, &decision);
    }
    if (decision.verdict == VERDICT_ERROR || tx_status(beside) == ST_RULE_ERROR)
        found->errors++;
    if (decision.verdict != VERDICT_ALLOW)
        return;
    found->may[kind]++;
    if (found->count == WHO_SHOWN)
        return;
    found->at[found->count++] = (struct who){
        .kind = kind,
        .id = kind == WHO_ROLE ? UUID_NONE : beside->actor.id,
        .name = str_copy(kept, kind == WHO_ROLE ? beside->actor.role : beside->actor.name),
        .email = str_copy(kept, beside->actor.email),
        .role = str_copy(kept, beside->actor.role),
        .rule = str_copy(kept, decision.rule),
        .reason = str_copy(kept, decision.reason),
    };
}

static bool is_over(const struct asking *asking, enum who_kind kind)
{
    if (asking->found->asked[kind] < WHO_ASKED && clock_monotonic() < asking->until)
        return false;
    asking->found->is_cut_short = true;
    return true;
}

static uint64_t permissions_of(struct str json)
{
    json_t *names = json_loadb(json.at ? json.at : "[]", json.at ? json.len : 2, 0, NULL);
    uint64_t permissions = 0;

    for (size_t i = 0; i < json_array_size(names); i++) {
        int one = permission_find(str_from(json_string_value(json_array_get(names, i))));

        if (one >= 0)
            permissions |= UINT64_C(1) << one;
    }
    json_decref(names);
    return permissions;
}

/* ---- Telling it --------------------------------------------------------------------------------- */

void who_can_json(const struct who_can *found, struct buf *out)
{
    static const char *const kinds[] = { "role", "internalUser", "apiKey", "client" };
    static const char *const counts[] = { "roles", "internalUsers", "apiKeys", "clients" };

    buf_text(out, "{\"object\":\"whoCan\",\"action\":");
    buf_json(out, found->action);
    buf_text(out, ",\"counts\":{");
    for (int i = 0; i < WHO_KINDS; i++)
        buf_printf(out, "%s\"%s\":{\"may\":%zu,\"asked\":%zu}", i ? "," : "", counts[i],
                   found->may[i], found->asked[i]);
    buf_printf(out, "},\"errors\":%zu,\"cutShort\":%s,\"data\":[", found->errors,
               found->is_cut_short ? "true" : "false");
    for (size_t i = 0; i < found->count; i++) {
        const struct who *who = &found->at[i];
        char id[UUID_TEXT];

        uuid_format(who->id, id);
        buf_printf(out, "%s{\"kind\":\"%s\",\"id\":", i ? "," : "", kinds[who->kind]);
        buf_json(out, uuid_is_none(who->id) ? STR_NONE : str_from(id));
        buf_text(out, ",\"name\":");
        buf_json(out, who->name);
        buf_text(out, ",\"email\":");
        buf_json(out, who->email);
        buf_text(out, ",\"role\":");
        buf_json(out, who->role);
        buf_text(out, ",\"rule\":");
        buf_json(out, who->rule);
        buf_text(out, ",\"reason\":");
        buf_json(out, who->reason);
        buf_char(out, '}');
    }
    buf_text(out, "]}");
}

void who_can_text(const struct who_can *found, struct buf *out)
{
    static const char *const kinds[] = { "role", "staff", "key", "client" };

    buf_printf(out,
               "%.*s: %zu of %zu roles, %zu of %zu staff, %zu of %zu keys, %zu of %zu clients\n",
               STR_ARG(found->action), found->may[WHO_ROLE], found->asked[WHO_ROLE],
               found->may[WHO_STAFF], found->asked[WHO_STAFF], found->may[WHO_KEY],
               found->asked[WHO_KEY], found->may[WHO_CLIENT], found->asked[WHO_CLIENT]);
    for (size_t i = 0; i < found->count; i++) {
        const struct who *who = &found->at[i];

        buf_printf(out, "  %-6s  %-32.*s  %.*s%s%.*s%s\n", kinds[who->kind],
                   STR_ARG(str_is_empty(who->email) ? who->name : who->email), STR_ARG(who->rule),
                   str_is_empty(who->reason) ? "" : " (", STR_ARG(who->reason),
                   str_is_empty(who->reason) ? "" : ")");
    }
    if (found->errors)
        buf_printf(out, "for %zu of them a rule failed\n", found->errors);
    if (found->is_cut_short)
        buf_text(out, "not all were asked: there are too many of them\n");
}
