/* Scripts: /v1/scripts. A change is checked on a worker, recorded by the writer, and then written to
 * DATA/scripts and loaded, before the answer goes out. */
#include "api/scripts.h"

#include "api/body.h"
#include "base/limits.h"
#include "plugin/host.h"
#include "store/record.h"
#include "store/revision.h"

#include <stddef.h>

static route_target target;
static route_phase list, read_one, prepare, record, put, answer_check;
static route_work check;

static const char *const object[] = { "script", NULL };
static const char *const origins[] = { "shipped", "changed", "added", "plugin", NULL };

/* A script as it is shown. */
struct script_row {
    struct str name;
    int origin;
    struct str describe, source, shipped, report;
    bool is_in_force;
};

#define AT(member) offsetof(struct script_row, member)
static const struct field fields[] = {
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL, "Its file: permissions.lua." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"script\"." },
    { "origin", FIELD_ENUM, 0, AT(origin), 0, 0, origins, NULL,
      "shipped; changed: a copy takes the place of the shipped one; added: beside them." },
    { "description", FIELD_TEXT, 0, AT(describe), 0, 0, NULL, NULL, "Its first line." },
    { "inForce", FIELD_BOOL, 0, AT(is_in_force), 0, 0, NULL, NULL,
      "What lies on disk is what answers." },
    { "report", FIELD_TEXT, FIELD_LINES, AT(report), 0, 0, NULL, NULL,
      "Why it is not: file, line, reason." },
    { "source", FIELD_TEXT, FIELD_LINES | FIELD_OMIT_NULL, AT(source), 0, 0, NULL, NULL,
      "The text on disk, or the shipped one; not in lists." },
    { "shippedSource", FIELD_TEXT, FIELD_LINES | FIELD_OMIT_NULL, AT(shipped), 0, 0, NULL, NULL,
      "The shipped text; not in lists." },
    { 0 },
};
const struct entity script_entity = { "script", fields, sizeof(struct script_row) };

struct script_body {
    struct str source;
};
static const struct field body_fields[] = {
    { "source", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_LINES | FIELD_NO_OUTPUT,
      offsetof(struct script_body, source), 1, LIMIT_SCRIPT_SOURCE, NULL, NULL,
      "The whole text, at most 128 KiB." },
    { 0 },
};
static const struct entity body_entity = { "script", body_fields, sizeof(struct script_body) };

const struct route script_routes[] = {
    { GET, "/v1/scripts", .entity = &script_entity, .may = "script.list", .read = list,
      .flags = ROUTE_SLOW | ROUTE_ALL,
      .summary = "Scripts in force, and what is wrong with those that are not" },
    { GET, "/v1/scripts/{name}", .entity = &script_entity, .may = "script.read", .target = target,
      .read = read_one, .flags = ROUTE_NO_TARGET | ROUTE_SLOW, .summary = "Retrieve a script" },
    { PUT, "/v1/scripts/{name}", .entity = &script_entity, .body = &body_entity,
      .may = "script.update", .read = prepare, .work = check, .write = record, .after = put,
      .flags = ROUTE_NO_TARGET, .summary = "Change a script: checked, recorded, and in force" },
    { POST, "/v1/scripts/{name}/check", .body = &body_entity, .may = "script.update",
      .read = prepare, .work = check, .after = answer_check, .flags = ROUTE_NO_TARGET,
      .summary = "Whether a text would be taken" },
    { 0 },
};

/* What the phases of a change hand on. */
struct changing {
    struct host *host;
    struct str name, source;
    struct str report; /* of the check */
    bool is_check, is_refused;
};

static void show(const struct script_info *info, bool with_source, struct script_row *row);
static void refuse(struct failure *failure, struct arena *arena, struct str report);
static enum status answer(struct tx *tx, struct host *host, struct str name, struct reply *rp);

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct script_info *scripts;
    size_t count = host_scripts(host_of(tx->policy), tx->arena, &scripts), shown = 0;
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        struct script_row row;

        if (scripts[i].origin == SCRIPT_PLUGIN)
            continue;
        if (shown++)
            buf_char(out, ',');
        show(&scripts[i], false, &row);
        json_write(&script_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct script_row *row = arena_new(tx->arena, struct script_row);
    struct script_info info;

    if (!host_script(host_of(tx->policy), request_param(rq, "name"), tx->arena, &info) ||
        info.origin == SCRIPT_PLUGIN)
        return tx_not_found(tx);
    show(&info, true, row);
    *subject = (struct subject){ .entity = &script_entity, .row = row };
    return tx_status(tx);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    json_write(&script_entity, tx->subject->row, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status prepare(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct changing *changing = arena_new(tx->arena, struct changing);
    struct script_body body = { STR_NONE };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &body_entity, JSON_CREATE, &body, &given) != ST_OK)
        return tx_status(tx);
    changing->host = host_of(tx->policy);
    changing->name = request_param(rq, "name");
    changing->source = body.source;
    changing->is_check = rq->method == POST;
    tx->scratch = changing;
    return tx_status(tx);
}

/* On a worker: it takes milliseconds. */
static enum status check(struct work *work)
{
    struct changing *changing = work->scratch;
    enum status status;
    struct buf report;

    buf_init(&report, KIB(16));
    status = host_check(changing->host, changing->name, changing->source, &report);
    changing->report = str_copy(work->arena, str_trim(buf_view(&report)));
    buf_fini(&report);
    changing->is_refused = status != ST_OK;
    if (!changing->is_refused || changing->is_check)
        return ST_OK;
    refuse(work->failure, work->arena, changing->report);
    return status;
}

static enum status record(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct changing *changing = tx->scratch;

    (void)rq;
    revision_insert(tx, changing->name, changing->source);
    tx_audit(tx, "script.update", "script", tx->workspace_id,
             str_printf(tx->arena, "{\"name\":\"%.*s\"}", STR_ARG(changing->name)));
    reply_json(rp, 200);
    return tx_status(tx);
}

/* The row is durable: now the file, and the answer. */
static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct changing *changing = tx->scratch;
    enum status status;
    struct buf report;

    (void)rq;
    buf_init(&report, KIB(16));
    status = host_put(changing->host, changing->name, changing->source, &report);
    if (status != ST_OK) {
        tx_fail(tx, status, "script_not_in_force", "%.*s", STR_ARG(str_trim(buf_view(&report))));
        buf_fini(&report);
        return status;
    }
    buf_fini(&report);
    return answer(tx, changing->host, changing->name, rp);
}

static enum status answer_check(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct changing *changing = tx->scratch;
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_printf(out, "{\"object\":\"check\",\"ok\":%s,\"report\":",
               changing->is_refused ? "false" : "true");
    buf_json(out, changing->report);
    buf_char(out, '}');
    return tx_status(tx);
}

static enum status answer(struct tx *tx, struct host *host, struct str name, struct reply *rp)
{
    struct script_info info;
    struct script_row row;

    if (!host_script(host, name, tx->arena, &info))
        return tx_not_found(tx);
    show(&info, true, &row);
    reply_clear(rp);
    json_write(&script_entity, &row, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static void show(const struct script_info *info, bool with_source, struct script_row *row)
{
    *row = (struct script_row){
        .name = info->name,
        .origin = (int)info->origin,
        .describe = info->describe,
        .report = info->report,
        .is_in_force = str_is_empty(info->report),
        .source = str_is_absent(info->on_disk) ? info->source : info->on_disk,
        .shipped = info->shipped,
    };
    if (!with_source)
        row->source = row->shipped = STR_NONE;
}

/* A faulty field for each line of the report, so that an editor can show it. */
static void refuse(struct failure *failure, struct arena *arena, struct str report)
{
    struct str line;

    failure_set(failure, arena, ST_UNPROCESSABLE, "script_refused",
                "The script is refused, and what was in force stays.");
    while (!str_is_absent(report) && str_cut(&report, '\n', &line))
        failure_field(failure, arena, ST_UNPROCESSABLE, STR("source"), "script_refused", "%.*s",
                      STR_ARG(line));
}
