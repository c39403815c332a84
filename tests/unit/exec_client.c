/* Exec_client: the routes, the rules, and the loop's calls that stand in for net. */
#include "exec_client.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "harness.h"
#include "http/json.h"
#include "lua/engine.h"
#include "policy/policy.h"
#include "store/key.h"
#include "store/login.h"
#include "store/query.h"
#include "store/session.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- The routes ------------------------------------------------------------------------------- */

struct note {
    int64_t n;
    struct str text;
    struct uuid id;
};

#define AT(member) offsetof(struct note, member)
static const struct field note_fields[] = {
    { "n", FIELD_INT, FIELD_CREATE | FIELD_REQUIRED | FIELD_FILTER, AT(n), 0, 0, NULL, "n", "No." },
    { "text", FIELD_TEXT, FIELD_WRITE, AT(text), 0, 0, NULL, "text", "Text." },
    { 0 },
};
static const struct entity note_entity = { "note", note_fields, sizeof(struct note) };

static route_target target_note, target_new;
static route_phase read_note, list_notes, create, create_secret, patch, random_read, random_write,
    work_read, work_write, no_answer, page, page_write, after, inside;
static route_work work;

static const struct route note_routes[] = {
    { GET, "/v1/notes", .may = "note.list", .entity = &note_entity, .read = list_notes,
      .flags = ROUTE_LIST },
    { POST, "/v1/notes", .may = "note.create", .entity = &note_entity, .target = target_new,
      .write = create },
    { GET, "/v1/notes/{n}", .may = "note.read", .entity = &note_entity, .target = target_note,
      .read = read_note },
    { PATCH, "/v1/notes/{n}", .may = "note.update", .entity = &note_entity, .target = target_note,
      .write = patch },
    { POST, "/v1/secrets", .may = "note.create", .entity = &note_entity, .target = target_new,
      .write = create_secret },
    { POST, "/v1/random", .may = "note.create", .read = random_read, .write = random_write },
    { POST, "/v1/work", .open = "a test", .read = work_read, .work = work, .write = work_write,
      .flags = ROUTE_PASSWORD },
    { GET, "/v1/nothing", .open = "a test", .read = no_answer },
    { GET, "/v1/after", .open = "a test", .read = list_notes, .after = after },
    { POST, "/v1/inside", .may = "note.create", .write = inside },
    { GET, "/page", .open = "a test", .read = page, .flags = ROUTE_PAGE },
    { POST, "/page", .open = "a test", .write = page_write, .flags = ROUTE_PAGE },
    { GET, "/broken-page", .may = "note.list", .read = page, .flags = ROUTE_PAGE },
    { 0 },
};
static const struct route *const tables[] = { note_routes, NULL };

/* n = 7 exists for nobody, n = 8 may be read and not changed. */
static const char rules[] =
    "local foyer = require(\"foyer\")\n"
    "for _, action in ipairs { \"note.list\", \"note.create\" } do\n"
    "  foyer.rule(action, function() return foyer.allow(\"test\") end)\n"
    "end\n"
    "foyer.rule(\"note.read\", function(ctx)\n"
    "  if ctx.target.n ~= 7 then return foyer.allow(\"test\") end\n"
    "end)\n"
    "foyer.rule(\"note.update\", function(ctx)\n"
    "  if ctx.target.n ~= 7 and ctx.target.n ~= 8 then return foyer.allow(\"test\") end\n"
    "  return foyer.deny(\"not_this_one\", \"This one stays as it is.\")\n"
    "end)\n";

static _Atomic int writes, works;

int exec_client_writes(void)
{
    return writes;
}

int exec_client_works(void)
{
    return works;
}

static bool load(struct tx *tx, int64_t n, struct note *note)
{
    struct query q = query_open(tx, "SELECT n, text FROM notes WHERE n = $1", ARGS(arg_int(n)));
    bool found = query_next(&q);

    if (found)
        *note = (struct note){ .n = query_int(&q, 0), .text = query_text(&q, 1) };
    query_close(&q);
    note->id.bytes[15] = 1; /* it is there: that is what counts here */
    return found;
}

static enum status target_note(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct note *note = arena_new(tx->arena, struct note);
    int64_t n;

    if (!str_to_int(request_param(rq, "n"), 0, INT32_MAX, &n) || !load(tx, n, note))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &note_entity, .row = note, .id = note->id };
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct note *note = arena_new(tx->arena, struct note);

    if (json_read(&note_entity, rq->json, JSON_CREATE, tx->arena, note, &subject->given,
                  &tx->failure) != ST_OK)
        return tx_fail(tx, ST_INVALID, NULL, "invalid");
    subject->row = subject->change = note;
    return tx_status(tx);
}

static enum status answer(struct tx *tx, struct reply *rp, int status, const struct note *note)
{
    json_write(&note_entity, note, ~UINT64_C(0), reply_json(rp, status));
    return tx_status(tx);
}

static enum status read_note(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return answer(tx, rp, 200, tx->subject->row);
}

static enum status list_notes(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    buf_printf(reply_json(rp, 200), "{\"count\":%lld}",
               (long long)query_one_int(tx, 0, "SELECT count(*) FROM notes", NO_ARGS));
    return tx_status(tx);
}

static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct note *note = tx->subject->change;

    (void)rq;
    writes++;
    query_run(tx, "INSERT INTO notes (n, text) VALUES ($1, $2)",
              ARGS(arg_int(note->n), arg_text(note->text)));
    return answer(tx, rp, 201, note);
}

static enum status create_secret(struct tx *tx, const struct request *rq, struct reply *rp)
{
    rp->has_secret = true;
    rp->entity_id = tx_id(tx);
    return create(tx, rq, rp);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct note note = *(const struct note *)tx->subject->row;
    uint64_t given = 0;

    if (json_read(&note_entity, rq->json, JSON_PATCH, tx->arena, &note, &given, &tx->failure))
        return tx_fail(tx, ST_INVALID, NULL, "invalid");
    query_run(tx, "UPDATE notes SET text = $2 WHERE n = $1",
              ARGS(arg_int(note.n), arg_text(note.text)));
    return answer(tx, rp, 200, &note);
}

/* Both phases draw, and what the first drew must not be drawn again. */
static enum status random_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct uuid *id = arena_new(tx->arena, struct uuid);

    (void)rq;
    (void)rp;
    *id = tx_id(tx);
    tx->scratch = id;
    return tx_status(tx);
}

static enum status random_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct uuid *earlier = tx->scratch;
    struct uuid id = tx_id(tx);
    char text[UUID_TEXT];

    (void)rq;
    uuid_format(id, text);
    buf_printf(reply_json(rp, 200), "{\"id\":\"%s\",\"same\":%s}", text,
               !memcmp(id.bytes + 8, earlier->bytes + 8, 8) ? "true" : "false");
    query_run(tx, "INSERT INTO notes (text) VALUES ($1)", ARGS(arg_text(str_from(text))));
    return tx_status(tx);
}

static enum status work_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    int *number = arena_new(tx->arena, int);

    (void)rq;
    (void)rp;
    *number = 20;
    tx->scratch = number;
    return tx_status(tx);
}

static enum status work(struct work *job)
{
    int *number = job->scratch;

    works++;
    *number += 1;
    if (job->rq->query_count > 0) {
        failure_set(job->failure, job->arena, ST_UNPROCESSABLE, "no_work", "Not this.");
        return ST_UNPROCESSABLE;
    }
    return ST_OK;
}

static enum status work_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const int *number = tx->scratch;

    (void)rq;
    query_run(tx, "INSERT INTO notes (text) VALUES ('work')", NO_ARGS);
    buf_printf(reply_json(rp, 200), "{\"number\":%d}", *number);
    return tx_status(tx);
}

static enum status no_answer(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    (void)rp;
    return tx_status(tx);
}

static enum status page(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    reply_html(rp, 200, STR("<p>page</p>"));
    return tx_status(tx);
}

static enum status page_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    reply_redirect(rp, tx->arena, STR("/page"));
    return tx_fail(tx, ST_GONE, NULL, "This <b>link</b> was used.");
}

static enum status after(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    reply_header(rp, "X-After", STR("ran"));
    return tx_status(tx);
}

/* One call from inside that works, one that fails for itself, and the rest goes on. */
static enum status inside(struct tx *tx, const struct request *rq, struct reply *rp)
{
    enum status first, second, third, fourth;
    struct reply inner;

    (void)rq;
    reply_init(&inner);
    first = route_dispatcher(tx, POST, STR("/v1/notes"), STR_NONE, STR("{\"n\":501}"), &inner);
    reply_clear(&inner);
    second = route_dispatcher(tx, POST, STR("/v1/notes"), STR_NONE, STR("{\"n\":501}"), &inner);
    reply_clear(&inner);
    third = route_dispatcher(tx, POST, STR("/v1/work"), STR_NONE, STR_NONE, &inner);
    reply_clear(&inner);
    fourth = route_dispatcher(tx, GET, STR("/v1/notes/7"), STR_NONE, STR_NONE, &inner);
    reply_fini(&inner);
    buf_printf(reply_json(rp, 200), "[%d,%d,%d,%d]", status_http(first), status_http(second),
               status_http(third), status_http(fourth));
    return tx_status(tx);
}

/* ---- The folder ------------------------------------------------------------------------------- */

struct people {
    struct exec_client *client;
};

static enum status make_people(struct tx *tx, void *context)
{
    struct exec_client *client = context;
    struct workspace workspace;
    struct api_key key = { .name = STR("test") };
    struct internal_user user = { .given_name = STR("Ann"),
                                  .family_name = STR("Test"),
                                  .email = STR("ann@example.com"),
                                  .role = STR("Owner") };
    struct session session = { .kind = ACTOR_STAFF, .peer = STR("192.0.2.1") };
    struct login login = { .email = STR("ann@example.com"), .email_key = STR("ann@example.com") };
    struct str text;

    if (workspace_create(tx, STR("Test"), &workspace) != ST_OK ||
        key_create(tx, &key, &text) != ST_OK)
        return tx_status(tx);
    client->key = str_copy(&client->arena, text).at;
    login.workspace = tx->workspace;
    if (login_create(tx, &login) != ST_OK)
        return tx_status(tx);
    user.login = login.seq;
    if (internal_user_create(tx, &user) != ST_OK)
        return tx_status(tx);
    session.login = login.seq;
    session.person = user.id;
    session.idle = CLOCK_HOUR;
    session.expires_at = tx_now(tx) + CLOCK_DAY;
    if (session_create(tx, &session, &text) != ST_OK)
        return tx_status(tx);
    client->session = str_printf(&client->arena, "Cookie: foyer_session=%.*s", STR_ARG(text)).at;
    return tx_status(tx);
}

void exec_client_open(struct exec_client *client)
{
    char *none[] = { "FOYER_TEST=1", NULL };
    struct config_arg args[] = {
        { "data", test_path("data") },       { "loops", "1" },
        { "rate_limit_per_key", "0" },       { "password_cost", "minimal" },
        { "password_workers", "1" },         { "access_log", "no" },
        { "scripts", test_path("scripts") },
    };
    struct buf error;
    struct tx tx;

    memset(client, 0, sizeof(*client));
    arena_init(&client->arena, MIB(64));
    buf_init(&error, KIB(64));
    CHECK_INT(mkdir(test_path("scripts"), 0700), 0);
    test_write_file("scripts/permissions.lua", str_slice(rules, sizeof(rules) - 1));
    if (!config_load(&client->config, NULL, none, args, sizeof(args) / sizeof(args[0]), &error))
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(buf_view(&error)));
    buf_fini(&error);
    exec_folder_open(&client->made);
    tx_init(&tx, client->made.db, &client->made.arena, clock_wall());
    if (tx_once(client->made.db, &tx, make_people, client) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(tx.failure.message));
    exec_folder_close(&client->made);
}

void exec_client_close(struct exec_client *client)
{
    arena_fini(&client->arena);
}

/* ---- Asking ----------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);
static void begin(struct exec_client *client, struct ask *ask);
static void on_done(struct job *job, void *context);
static void keep(struct exec_client *client, struct ask *ask, const struct job *job);

static enum status on_start(struct loop *loop, void *context)
{
    struct exec_client *client = context;

    if (loop_number(loop) > 0)
        return ST_OK;
    uv_timer_init(loop_uv(loop), &client->timer);
    client->timer.data = client;
    loop_set_net(loop, client);
    return uv_timer_start(&client->timer, on_timer, 0, 1) == 0 ? ST_OK : ST_UNAVAILABLE;
}

static void on_closed(uv_handle_t *handle)
{
    struct exec_client *client = handle->data;

    loop_drained(&client->server.loops[0]);
}

static void on_drain(struct loop *loop, uint64_t deadline, void *context)
{
    struct exec_client *client = context;

    CHECK(deadline > clock_monotonic());
    if (loop_number(loop) > 0)
        loop_drained(loop);
    else
        uv_close((uv_handle_t *)&client->timer, on_closed);
}

static void on_ready(void *context)
{
    (void)context;
}

static void on_timer(uv_timer_t *timer)
{
    struct exec_client *client = timer->data;

    while (client->begun < client->count && (client->at_once || client->begun == client->ended))
        begin(client, &client->asks[client->begun++]);
    if (client->ended == client->count)
        server_drain(&client->server);
}

static void begin(struct exec_client *client, struct ask *ask)
{
    struct loop *loop = &client->server.loops[0];
    struct job *job = job_new(loop);
    struct request *rq = &job->request;
    size_t limit, i;

    if (ask->before)
        ask->before(ask, client->asks);
    rq->method = ask->method;
    rq->host = STR("127.0.0.1:8080");
    rq->peer = str_from(ask->peer ? ask->peer : "192.0.2.1");
    rq->headers = arena_array(&job->arena, struct header, ASK_HEADERS + 2);
    for (i = 0; i < ASK_HEADERS && ask->headers[i]; i++) {
        struct str value = str_from(ask->headers[i]), name;

        str_cut(&value, ':', &name);
        rq->headers[rq->header_count++] =
            (struct header){ str_lower(&job->arena, name), str_trim(value) };
    }
    if (!ask->anonymous)
        rq->headers[rq->header_count++] =
            (struct header){ STR("x-api-key"), str_from(client->key) };
    if (ask->body) {
        rq->headers[rq->header_count++] =
            (struct header){ STR("content-type"), ask->is_form
                                                      ? STR("application/x-www-form-urlencoded")
                                                      : STR("application/json") };
        rq->body = str_from(ask->body);
        rq->has_body = true;
    }
    CHECK_INT(request_set_target(rq, &job->arena, str_from(ask->target), NULL, &job->failure),
              ST_OK);
    job->done = on_done;
    job->context = client;
    job->request.version_minor = 1;
    if (exec_route(loop, job, &limit) == ST_OK) {
        job->context = ask;
        loop_set_net(loop, client);
        exec_submit(loop, job);
        return;
    }
    exec_refuse(loop, job);
    keep(client, ask, job);
    client->ended++;
    job_free(job);
}

static void on_done(struct job *job, void *context)
{
    struct exec_client *client = loop_net(job->loop);

    keep(client, context, job);
    client->ended++;
    job_free(job);
    if (client->in_between)
        client->in_between(client, client->ended);
}

static void keep(struct exec_client *client, struct ask *ask, const struct job *job)
{
    const struct reply *rp = &job->reply;

    CHECK_INT(ask->status, 0); /* one answer, and no more */
    ask->status = rp->status;
    ask->content_type = rp->content_type;
    ask->answer = str_copy(&client->arena, buf_view(&rp->body)).at;
    if (!ask->answer)
        ask->answer = "";
    for (size_t i = 0; i < rp->header_count; i++)
        ask->answered[ask->answered_count++] =
            (struct reply_header){ rp->headers[i].name,
                                   str_copy(&client->arena, rp->headers[i].value) };
}

void exec_client_ask(struct exec_client *client, struct ask *asks, size_t count)
{
    const struct server_options options = { &client->config, &lua_runtime, tables };
    const struct loop_calls calls = { on_start, on_drain, on_ready, client };
    struct failure failure = { 0 };

    client->asks = asks;
    client->count = count;
    client->begun = client->ended = 0;
    for (size_t i = 0; i < count; i++) {
        asks[i].status = 0;
        asks[i].answered_count = 0;
    }
    if (server_open(&client->server, &options, &failure, &client->arena) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(failure.message));
    server_set_bound(&client->server, "127.0.0.1:8080");
    client->exit_code = server_run(&client->server, &calls);
    server_close(&client->server);
    client->at_once = false;
}

void exec_client_ask_at_once(struct exec_client *client, struct ask *asks, size_t count)
{
    client->at_once = true;
    exec_client_ask(client, asks, count);
}

const char *ask_header(const struct ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->answered_count; i++)
        if (!strcmp(ask->answered[i].name, name))
            return ask->answered[i].value.at;
    return NULL;
}
