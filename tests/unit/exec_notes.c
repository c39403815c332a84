/* Exec_notes: see its header. */
#include "exec_notes.h"

#include "base/arena.h"
#include "exec_walks.h"
#include "http/json.h"
#include "policy/policy.h"
#include "store/query.h"

#include <string.h>

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
const struct route *const exec_note_tables[] = { note_routes, exec_walk_routes, NULL };

/* n = 7 exists for nobody, n = 8 may be read and not changed. */
const char exec_note_rules[] =
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

int exec_note_writes(void)
{
    return writes;
}

int exec_note_works(void)
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
