/* Scratch run: requests, transactions, and all that is due, by hand. */
#include "exec/scratch_inside.h"

#include "api/founding.h"
#include "api/signin.h"
#include "api/site.h"
#include "base/check.h"
#include "base/clock.h"
#include "exec/courier.h"
#include "exec/inside.h"
#include "exec/reader.h"
#include "exec/script_inside.h"
#include "exec/worker.h"
#include "exec/writer.h"
#include "plugin/host.h"
#include "store/client.h"
#include "store/db.h"
#include "store/login.h"
#include "store/staff.h"

#include <stdio.h>
#include <string.h>

enum { ROUNDS_MOST = 100000, TRIES_MOST = 5000, RUN_SECONDS = 60 };

/* A change beside all requests. */
struct change {
    struct scratch *scratch;
    const struct scratch_place *place;
    struct founding founding;
    struct scratch_hired *hired;
    enum actor_kind kind;
    struct uuid id;
    struct str plugin, name, args, result;
    struct arena *arena;
};

static bool change(struct scratch *scratch, const struct scratch_place *place,
                   enum status (*run)(struct tx *, void *), struct change *change,
                   struct arena *arena, struct str *why);
static enum status found(struct tx *tx, void *context);
static enum status hire(struct tx *tx, void *context);
static enum status come_in(struct tx *tx, void *context);
static enum status transact(struct tx *tx, void *context);
static void read_headers(struct job *job, const struct scratch_asked *asked);
static void begin(struct scratch *scratch, struct job *job);
static void on_done(struct job *job, void *context);
static void keep_reply(const struct job *job, struct arena *arena, struct scratch_reply *reply);
static bool step(struct scratch *scratch, int64_t *next);
static bool first_fetch(const struct scratch *scratch, struct scratch_fetch *fetch);
static void sooner(struct scratch *scratch, int64_t at, int64_t *next);
static int64_t retry_after(const struct scratch_fetched *fetched);
static uint64_t tries(const struct scratch *scratch);
static bool is_endless(const struct scratch *scratch);

/* ---- Changes beside requests ------------------------------------------------------------------- */

bool scratch_found(struct scratch *scratch, struct str name, struct scratch_place *place,
                   struct arena *arena, struct str *why)
{
    struct change asked = { .founding = { .name = name,
                                          .email = STR("owner@example.com"),
                                          .base_url = site.base_url,
                                          .may_operate = true } };

    scratch_fix_chance(++scratch->workspaces);
    if (!change(scratch, NULL, found, &asked, arena, why))
        return false;
    *place = (struct scratch_place){ .number = asked.founding.workspace.seq,
                                     .id = asked.founding.workspace.id,
                                     .owner = asked.founding.owner.id,
                                     .owner_email = asked.founding.email };
    return true;
}

bool scratch_hire(struct scratch *scratch, const struct scratch_place *place,
                  struct scratch_hired *hired, struct arena *arena, struct str *why)
{
    struct change asked = { .hired = hired };

    return change(scratch, place, hire, &asked, arena, why);
}

bool scratch_sign_in(struct scratch *scratch, const struct scratch_place *place,
                     enum actor_kind kind, struct uuid id, struct arena *arena, struct str *why)
{
    struct change asked = { .kind = kind, .id = id };

    return change(scratch, place, come_in, &asked, arena, why);
}

bool scratch_transaction(struct scratch *scratch, const struct scratch_place *place,
                         struct str plugin, struct str name, struct str args, struct arena *arena,
                         struct str *result, struct str *why)
{
    struct change asked = { .plugin = plugin, .name = name, .args = args };

    if (!change(scratch, place, transact, &asked, arena, why))
        return false;
    *result = asked.result;
    return true;
}

static bool change(struct scratch *scratch, const struct scratch_place *place,
                   enum status (*run)(struct tx *, void *), struct change *change,
                   struct arena *arena, struct str *why)
{
    struct server *server = &scratch->server;
    struct str message;
    struct tx tx;

    change->scratch = scratch;
    change->place = place;
    change->arena = arena;
    tx_init(&tx, server->db, arena, clock_wall());
    tx.server_key = server->folder.server_key;
    tx.actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "command" };
    tx.request_id = STR("test");
    if (place) {
        tx.workspace = place->number;
        tx.workspace_id = place->id;
    }
    tx.policy = host_acquire(server->host, server->loop_count);
    tx_once(server->db, &tx, run, change);
    host_release(tx.policy);
    fan_wake(&server->fan);
    if (tx_status(&tx) == ST_OK)
        return true;
    message = !str_is_empty(tx.failure.message) ? tx.failure.message
              : tx.failure.errors               ? tx.failure.errors->message
                                                : str_from(status_text(tx.status));
    *why = str_copy(arena, message);
    return false;
}

static enum status found(struct tx *tx, void *context)
{
    struct founding *founding = &((struct change *)context)->founding;

    if (founding_make(tx, founding) != ST_OK)
        return tx_status(tx);
    founding->owner.given_name = STR("Olive");
    founding->owner.family_name = STR("Owner");
    return internal_user_update(tx, &founding->owner);
}

static enum status hire(struct tx *tx, void *context)
{
    struct change *change = context;
    struct scratch_hired *hired = change->hired;
    struct login login = { .workspace = tx->workspace, .email = hired->email };
    struct internal_user user = { .email = hired->email,
                                  .role = hired->role,
                                  .given_name = hired->given_name,
                                  .family_name = hired->family_name };

    if (login_create(tx, &login) != ST_OK)
        return tx_status(tx);
    user.login = login.seq;
    internal_user_create(tx, &user);
    hired->id = user.id;
    return tx_status(tx);
}

/* As by a copied link: with a login of this workspace. */
static enum status come_in(struct tx *tx, void *context)
{
    const struct change *change = context;
    const struct request rq = { .id = tx->request_id, .peer = STR("192.0.2.1") };
    struct person person = { .kind = change->kind, .id = change->id };
    struct internal_user user;
    struct client client;
    struct login login;
    struct reply rp;
    int64_t seq;

    if (change->kind == ACTOR_CLIENT) {
        if (client_load(tx, change->id, &client) != ST_OK)
            return tx_status(tx);
        person.seq = client.seq;
        person.email = client.email;
        seq = client.login;
    } else {
        if (internal_user_load(tx, change->id, &user) != ST_OK)
            return tx_status(tx);
        person.seq = user.seq;
        person.email = user.email;
        seq = user.login;
    }
    if (str_is_empty(person.email))
        return tx_fail(tx, ST_UNPROCESSABLE, NULL, "who has no address cannot sign in");
    if (!seq && !login_find(tx, person.email, &login)) {
        login = (struct login){ .workspace = tx->workspace, .email = person.email };
        login_create(tx, &login);
    }
    reply_init(&rp);
    sign_in(tx, &rq, &rp, seq ? seq : login.seq, &person);
    reply_fini(&rp);
    return tx_status(tx);
}

static enum status transact(struct tx *tx, void *context)
{
    struct change *change = context;
    struct fault fault = { .where = STR_NONE };
    enum status status;

    if (!plugin_actor(tx->policy, change->plugin, &tx->actor))
        return tx_fail(tx, ST_NOT_FOUND, NULL, "there is no script or plugin %.*s",
                       STR_ARG(change->plugin));
    status = transaction_run(tx->policy, change->plugin, change->name, tx, change->args,
                             &change->result, &fault);
    if (status == ST_RULE_ERROR && tx_status(tx) == ST_OK)
        tx_fail(tx, ST_RULE_ERROR, NULL, "%.*s%s%.*s", STR_ARG(fault.where),
                str_is_empty(fault.where) ? "" : ": ", STR_ARG(fault.message));
    return tx_status(tx);
}

/* ---- Requests ---------------------------------------------------------------------------------- */

enum scratch_progress scratch_request(struct scratch *scratch, const struct scratch_asked *asked,
                                      struct arena *arena, struct scratch_reply *reply,
                                      struct scratch_fetch *fetch)
{
    struct job *job = job_new(&scratch->server.loops[0]);
    struct request *rq = &job->request;
    struct str target = asked->target;

    PRE(!scratch->job);
    scratch->job = job;
    job->done = on_done;
    job->context = scratch;
    if (str_starts(target, site.base_url))
        target = str_slice(target.at + site.base_url.len, target.len - site.base_url.len);
    if (str_is_empty(target))
        target = STR("/");
    if (asked->kind == ACTOR_STAFF || asked->kind == ACTOR_CLIENT)
        job->acting = (struct acting){ .kind = asked->kind,
                                       .workspace = asked->place->number,
                                       .workspace_id = asked->place->id,
                                       .id = asked->id };
    rq->method = asked->method;
    rq->version_minor = 1;
    rq->peer = STR("192.0.2.1");
    rq->host =
        str_slice(site.base_url.at + strlen("https://"), site.base_url.len - strlen("https://"));
    read_headers(job, asked);
    rq->body = str_copy(&job->arena, asked->body);
    rq->has_body = asked->has_body;
    scratch->is_answered = false;
    target = str_copy(&job->arena, target);
    if (request_set_target(rq, &job->arena, target, NULL, &job->failure) == ST_OK) {
        begin(scratch, job);
    } else {
        exec_refuse(job->loop, job);
        scratch->is_answered = true;
    }
    return scratch_reply(scratch, arena, reply, fetch);
}

enum scratch_progress scratch_reply(struct scratch *scratch, struct arena *arena,
                                    struct scratch_reply *reply, struct scratch_fetch *fetch)
{
    struct job *job = scratch->job;

    while (!scratch->is_answered) {
        if (first_fetch(scratch, fetch))
            return SCRATCH_FETCHES;
        scratch_drain(scratch);
        if (!scratch->is_answered)
            scripts_go_on(scratch->server.scripts);
    }
    tx_release_read(job->loop->db);
    keep_reply(job, arena, reply);
    scratch->job = NULL;
    job_free(job);
    return SCRATCH_SETTLED;
}

static void begin(struct scratch *scratch, struct job *job)
{
    size_t most = 0;
    enum status status = exec_route(job->loop, job, &most);

    if (status == ST_OK && job->request.body.len > most) {
        status = most ? ST_TOO_LARGE : ST_INVALID;
        failure_set(&job->failure, &job->arena, status, NULL, "%s", status_text(status));
    }
    if (status == ST_OK) {
        exec_submit(job->loop, job);
        return;
    }
    exec_refuse(job->loop, job);
    scratch->is_answered = true;
}

static void read_headers(struct job *job, const struct scratch_asked *asked)
{
    struct str rest = asked->headers, line, name;
    size_t most = 3;

    for (size_t i = 0; i < rest.len; i++)
        most += rest.at[i] == '\n';
    job->request.headers = arena_array(&job->arena, struct header, most);
    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
        if (!str_is_empty(line)) {
            str_cut(&line, ':', &name);
            job->request.headers[job->request.header_count++] =
                (struct header){ name, str_trim(line) };
        }
    if (asked->has_body && str_is_absent(request_header(&job->request, "content-type")))
        job->request.headers[job->request.header_count++] =
            (struct header){ STR("content-type"), STR("application/json") };
}

static void on_done(struct job *job, void *context)
{
    struct scratch *scratch = context;

    (void)job;
    scratch->is_answered = true;
}

static void keep_reply(const struct job *job, struct arena *arena, struct scratch_reply *reply)
{
    const struct reply *rp = &job->reply;
    struct buf headers;
    bool has_body = job->request.method != HEAD && rp->content_type;

    *reply = (struct scratch_reply){ .status = rp->status };
    if (has_body) {
        reply->content_type =
            str_copy(arena, str_from(rp->content_type)); /* of a script: the job's */
        reply->body = str_copy(arena, buf_view(&rp->body));
    }
    buf_init(&headers, KIB(64));
    for (size_t i = 0; i < rp->header_count; i++) {
        for (const char *c = rp->headers[i].name; *c; c++)
            buf_char(&headers, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
        buf_printf(&headers, ": %.*s\n", STR_ARG(rp->headers[i].value));
    }
    reply->headers = str_copy(arena, buf_view(&headers));
    buf_fini(&headers);
}

/* ---- What is due ------------------------------------------------------------------------------- */

void scratch_drain(struct scratch *scratch)
{
    struct server *server = &scratch->server;
    bool is_any = true;

    while (is_any) {
        writer_work(server->writer);
        is_any = readers_work(server->readers);
        is_any |= workers_work(server->workers);
        is_any |= workers_work(server->password_workers);
        is_any |= loop_work(&server->loops[0]);
    }
}

enum scratch_progress scratch_run(struct scratch *scratch, int64_t until, bool goes_on,
                                  struct scratch_fetch *fetch)
{
    struct server *server = &scratch->server;

    if (!goes_on) {
        scratch->began = clock_monotonic();
        scratch->rounds = 0;
        scratch->tried = tries(scratch);
        server->planner.follow_at = 0; /* workspaces may have come */
    }
    for (;;) {
        int64_t next = INT64_MAX;

        if (first_fetch(scratch, fetch))
            return SCRATCH_FETCHES;
        if (is_endless(scratch))
            return SCRATCH_ENDLESS;
        scratch->rounds++;
        if (step(scratch, &next))
            continue;
        if (scratch->now >= until)
            return SCRATCH_SETTLED;
        scratch->now = next < until ? next : until;
        clock_fix(scratch->now);
    }
}

/* That of whoever waits longest. */
static bool first_fetch(const struct scratch *scratch, struct scratch_fetch *fetch)
{
    struct fetch *first = scratch->fetches[0];
    const struct run *run;

    if (scratch->fetch_count == 0)
        return false;
    run = LIST_ITEM(first, struct run, fetch);
    *fetch = (struct scratch_fetch){ .workspace = run->tx.workspace,
                                     .method = first->method,
                                     .url = first->url,
                                     .headers = first->headers,
                                     .secret_headers = first->secret_headers,
                                     .body = first->body,
                                     .has_body = first->has_body,
                                     .plugin = run->handler.plugin,
                                     .handler = run->handler.name };
    return true;
}

/* False: nothing was done, and nothing will be before *next. */
static bool step(struct scratch *scratch, int64_t *next)
{
    struct server *server = &scratch->server;
    uint64_t before = db_commits(server->db);
    int64_t of_scripts = 0, of_courier = 0;
    bool is_any;

    scratch_drain(scratch);
    writer_rest(server->writer);
    is_any = courier_work(server->courier, &of_courier);
    is_any |= scripts_work(server->scripts, &of_scripts);
    if (is_any || db_commits(server->db) != before || scratch->fetch_count > 0)
        return true;
    sooner(scratch, of_scripts, next);
    sooner(scratch, of_courier, next);
    if (server->planner.has_jobs)
        sooner(scratch, server->planner.next_at, next);
    return false;
}

static void sooner(struct scratch *scratch, int64_t at, int64_t *next)
{
    if (at > scratch->now && at < *next)
        *next = at;
}

void scratch_answer(struct scratch *scratch, const struct scratch_fetched *fetched)
{
    struct fetch *fetch = scratch->fetches[0];

    PRE(scratch->fetch_count > 0);
    memmove(scratch->fetches, scratch->fetches + 1,
            --scratch->fetch_count * sizeof(scratch->fetches[0]));
    if (!str_is_absent(fetched->error)) {
        snprintf(fetch->error, FETCH_ERROR, "%.*s", STR_ARG(fetched->error));
        fetch->is_theirs = true;
    } else {
        fetch->status = fetched->status;
        buf_str(&fetch->head, fetched->headers);
        buf_str(&fetch->answer, fetched->body);
        fetch->retry_after_s = retry_after(fetched);
    }
    fetch->done(fetch);
}

/* Seconds alone: dates are read by libcurl, which is not there. */
static int64_t retry_after(const struct scratch_fetched *fetched)
{
    struct str rest = fetched->headers, line, name;
    int64_t seconds = 0;

    if (fetched->status != 429 && fetched->status != 503)
        return 0;
    while (!str_is_empty(rest) && str_cut(&rest, '\n', &line))
        if (str_cut(&line, ':', &name) && str_is(name, "retry-after"))
            str_to_int(str_trim(line), 0, INT32_MAX, &seconds);
    return seconds;
}

static uint64_t tries(const struct scratch *scratch)
{
    struct script_figures figures;

    scripts_figures(scratch->server.scripts, &figures);
    return figures.done + figures.failed + figures.dead;
}

static bool is_endless(const struct scratch *scratch)
{
    return scratch->rounds > ROUNDS_MOST || tries(scratch) - scratch->tried > TRIES_MOST ||
           clock_monotonic() - scratch->began > RUN_SECONDS * UINT64_C(1000000000);
}
