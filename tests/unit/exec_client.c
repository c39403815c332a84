/* Exec_client: a folder with a workspace, and the loop's calls that stand in for net. */
#include "exec_client.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "exec_notes.h"
#include "harness.h"
#include "lua/engine.h"
#include "store/key.h"
#include "store/login.h"
#include "store/session.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <string.h>
#include <sys/stat.h>

/* ---- The folder ------------------------------------------------------------------------------- */

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
    test_write_file("scripts/permissions.lua", str_from(exec_note_rules));
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
    for (size_t i = 0; i < client->begun; i++)
        if (client->asks[i].job && client->asks[i].hangs_up && client->asks[i].hangs_up())
            exec_abandon(client->asks[i].job);
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
        ask->job = job;
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
    ask->job = NULL;
    ask->status = rp->status;
    ask->content_type =
        rp->content_type ? str_copy(&client->arena, str_from(rp->content_type)).at : NULL;
    ask->answer = str_copy(&client->arena, buf_view(&rp->body)).at;
    if (!ask->answer)
        ask->answer = "";
    for (size_t i = 0; i < rp->header_count; i++)
        ask->answered[ask->answered_count++] =
            (struct reply_header){ str_copy(&client->arena, str_from(rp->headers[i].name)).at,
                                   str_copy(&client->arena, rp->headers[i].value) };
}

void exec_client_ask(struct exec_client *client, struct ask *asks, size_t count)
{
    const struct server_options options = { &client->config, &lua_runtime, exec_note_tables };
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
