/* Control run: what is done for a question: a row of api/command.h as a job, or something of the process. */
#include "exec/control_inside.h"

#include "api/command.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/version.h"
#include "exec/writer.h"
#include "http/json.h"
#include "plugin/host.h"
#include "store/backup.h"
#include "store/db.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The content of FRAME_ASK. */
struct question {
    int64_t version;
    struct str command, given;
    bool is_text;
};
#define AT(member) offsetof(struct question, member)
static const struct field question_fields[] = {
    { "version", FIELD_INT, FIELD_WRITE | FIELD_REQUIRED, AT(version), 0, 0, NULL, NULL, NULL },
    { "command", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(command), 0, 0, NULL, NULL, NULL },
    { "given", FIELD_JSON, FIELD_WRITE, AT(given), 0, LIMIT_JSON_BODY, NULL, NULL, NULL },
    { "text", FIELD_BOOL, FIELD_WRITE, AT(is_text), 0, 0, NULL, NULL, NULL },
    { 0 },
};
static const struct entity question_entity = { "question", question_fields,
                                               sizeof(struct question) };

static bool read_json(const struct entity *entity, struct str text, void *row, struct arena *arena,
                      struct failure *failure);
static void answer(struct job *job, void *context);
static void refuse(struct asking *asking, const struct failure *failure);
static void run_row(struct asking *asking, const struct route *route, struct str given,
                    bool is_text);
static void run_backup(struct asking *asking, struct str given);
static bool copy_some(struct write *write, struct db *db);
static void copy_over(struct write *write);
static void backup_done(struct job *job, void *context);
static struct job *job_of(struct write *write);

static const struct write_calls backup_calls = {
    .name = "backup",
    .between = copy_some,
    .done = copy_over,
};

void asking_run(struct asking *asking, struct str question)
{
    struct server *server = control_server(asking->control);
    struct job *job = asking->job = job_new(&server->loops[0]);
    struct question asked = { .given = STR("{}") };
    const struct route *route;

    job->is_operator = true;
    job->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "command" };
    job->done = answer;
    job->context = asking;
    job->request.id =
        str_printf(&job->arena, "control-%llu", (unsigned long long)++server->loops[0].id_count);
    if (!read_json(&question_entity, question, &asked, &job->arena, &job->failure)) {
        answer(job, asking);
        return;
    }
    route = command_route(asked.command);
    job->request.log_path = str_printf(&job->arena, "foyer %.*s", STR_ARG(asked.command));
    if (str_is_empty(asked.given))
        asked.given = STR("{}");
    if (asked.version != CONTROL_VERSION ||
        (!route && !str_is(asked.command, "status") && !str_is(asked.command, "backup database"))) {
        failure_set(&job->failure, &job->arena, ST_INVALID, NULL,
                    "this server is another version of Foyer (" FOYER_VERSION
                    ") and does not know what was asked: restart it.");
        answer(job, asking);
    } else if (route) {
        run_row(asking, route, asked.given, asked.is_text);
    } else if (str_is(asked.command, "status")) {
        control_status(server, reply_json(&job->reply, 200));
        answer(job, asking);
    } else {
        run_backup(asking, asked.given);
    }
}

static bool read_json(const struct entity *entity, struct str text, void *row, struct arena *arena,
                      struct failure *failure)
{
    struct json_t *json = NULL;
    uint64_t given;
    bool is_good = json_parse(text, arena, &json, failure) == ST_OK &&
                   json_read(entity, json, JSON_CREATE, arena, row, &given, failure) == ST_OK;

    json_free(json);
    return is_good;
}

static void run_row(struct asking *asking, const struct route *route, struct str given,
                    bool is_text)
{
    static struct header headers[2][2] = {
        { { STR("content-type"), STR("application/json") },
          { STR("accept"), STR("application/json") } },
        { { STR("content-type"), STR("application/json") }, { STR("accept"), STR("text/plain") } },
    };
    struct job *job = asking->job;
    struct request *rq = &job->request;

    rq->method = POST;
    rq->version_minor = 1;
    rq->route = route;
    rq->path = rq->target = rq->log_path;
    rq->headers = headers[is_text];
    rq->header_count = 2;
    rq->body = given;
    rq->has_body = true;
    exec_submit(job->loop, job);
}

/* In the place of gate and permit. */
enum status control_take_body(struct job *job, struct tx *tx)
{
    if (request_read_body(&job->request, tx->arena, &tx->failure) != ST_OK)
        tx_fail(tx, tx->failure.status, NULL, "%s", status_text(tx->failure.status));
    return tx_status(tx);
}

static void answer(struct job *job, void *context)
{
    struct asking *asking = context;

    asking->job = NULL;
    if (job->failure.status != ST_OK)
        refuse(asking, &job->failure);
    else
        asking_send(asking, job->reply.status < 400 ? FRAME_OUTPUT : FRAME_BAD,
                    buf_view(&job->reply.body));
    job_free(job);
}

/* Each faulty field is an option of the command. */
static void refuse(struct asking *asking, const struct failure *failure)
{
    struct buf lines;

    buf_init(&lines, KIB(256));
    failure_lines(failure, &lines);
    asking_send(asking, FRAME_FAILED, buf_view(&lines));
    buf_fini(&lines);
}

/* ---- Backup ------------------------------------------------------------------------------------ */

const struct entity backup_asked_entity = {
    "backup",
    (const struct field[]){
        { "path", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, offsetof(struct backup_asked, path), 0,
          4096, NULL, NULL, NULL },
        { 0 },
    },
    sizeof(struct backup_asked),
};
const struct entity backup_answer_entity = {
    "backup",
    (const struct field[]){
        { "commits", FIELD_INT, FIELD_WRITE | FIELD_REQUIRED,
          offsetof(struct backup_answer, commits), 0, 0, NULL, NULL, NULL },
        { 0 },
    },
    sizeof(struct backup_answer),
};

static void run_backup(struct asking *asking, struct str given)
{
    struct server *server = control_server(asking->control);
    struct backup_asked asked = { STR_NONE };
    struct job *job = asking->job;

    if (!read_json(&backup_asked_entity, given, &asked, &job->arena, &job->failure)) {
        answer(job, asking);
        return;
    }
    if (!control_take_backup(asking->control)) {
        failure_set(&job->failure, &job->arena, ST_BUSY, NULL,
                    "another backup is being made: wait until it is done.");
        answer(job, asking);
        return;
    }
    asking->backup_path = str_copy(&job->arena, asked.path);
    job->began = clock_monotonic();
    job->write.calls = &backup_calls;
    job->write.status = writer_submit(server->writer, &job->write);
    if (job->write.status == ST_OK)
        return;
    failure_set(&job->failure, &job->arena, job->write.status, NULL, "%s",
                status_text(job->write.status));
    control_give_backup(asking->control);
    answer(job, asking);
}

/* On the writer's thread, between its batches. */
static bool copy_some(struct write *write, struct db *db)
{
    struct job *job = job_of(write);
    struct asking *asking = job->context;
    bool has_more;

    if (!asking->copy && backup_copy_open(db, asking->backup_path.at, &asking->copy, &job->failure,
                                          &job->arena) != ST_OK)
        return false;
    has_more = !atomic_load(&asking->is_given_up) && backup_copy_step(asking->copy);
    atomic_store(&asking->pages_total, backup_copy_total(asking->copy));
    atomic_store(&asking->pages_done, backup_copy_done(asking->copy));
    return has_more;
}

/* There, too. What is not whole is nobody's: its owner may be gone. */
static void copy_over(struct write *write)
{
    struct job *job = job_of(write);
    struct asking *asking = job->context;
    uint64_t commits = 0;

    if (asking->copy)
        backup_copy_close(asking->copy, &commits, &job->failure, &job->arena);
    else
        failure_set(&job->failure, &job->arena, ST_UNAVAILABLE, NULL,
                    "the server is ending: make the backup again without it.");
    if (job->failure.status != ST_OK)
        unlink(asking->backup_path.at);
    job->outcome = job->failure.status;
    buf_printf(reply_json(&job->reply, 200), "{\"commits\":%llu}", (unsigned long long)commits);
    job->done = backup_done;
    loop_give_back(job);
}

static void backup_done(struct job *job, void *context)
{
    struct asking *asking = context;

    control_give_backup(asking->control);
    answer(job, context);
}

void asking_progress(struct asking *asking)
{
    uint64_t total = atomic_load(&asking->pages_total), done = atomic_load(&asking->pages_done);
    char line[64];

    if (total == 0)
        return;
    snprintf(line, sizeof(line), "%llu of %llu pages", (unsigned long long)done,
             (unsigned long long)total);
    asking_send(asking, FRAME_PROGRESS, str_from(line));
}

static struct job *job_of(struct write *write)
{
    return (struct job *)(void *)((char *)write - offsetof(struct job, write));
}
