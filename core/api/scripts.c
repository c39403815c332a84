/* Scripts: /v1/scripts. A change is checked and tried on a reader, recorded by the writer, and then
 * written to DATA/scripts and loaded, before the answer goes out. */
#include "api/scripts.h"

#include "api/body.h"
#include "api/script_check.h"
#include "base/limits.h"
#include "http/json.h"
#include "plugin/host.h"
#include "store/record.h"
#include "store/revision.h"

#include <stddef.h>

static route_target target;
static route_phase list, read_one, prepare, record, put, check;

static const char *const object[] = { "script", NULL };
static const char *const of_check[] = { "check", NULL };
static const char *const origins[] = { "shipped", "changed", "added", "plugin", NULL };

/* A script as it is shown. */
struct script_row {
    struct str name;
    int origin;
    struct str describe, source, shipped, report, quarantined, check;
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
    { "quarantined", FIELD_TEXT, FIELD_LINES, AT(quarantined), 0, 0, NULL, NULL,
      "Why the server left a newer text and put this one back: it kept failing." },
    { "source", FIELD_TEXT, FIELD_LINES | FIELD_OMIT_NULL, AT(source), 0, 0, NULL, NULL,
      "The text on disk, or the shipped one; not in lists." },
    { "shippedSource", FIELD_TEXT, FIELD_LINES | FIELD_OMIT_NULL, AT(shipped), 0, 0, NULL, NULL,
      "The shipped text; not in lists." },
    { "check", FIELD_JSON, FIELD_OMIT_NULL, AT(check), 0, 0, of_check, NULL,
      "Of a change: what …/check tells of it." },
    { 0 },
};
const struct entity script_entity = { "script", fields, sizeof(struct script_row) };

struct script_body {
    struct str source, tests;
};
static const struct field body_fields[] = {
    { "source", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_LINES | FIELD_NO_OUTPUT,
      offsetof(struct script_body, source), 1, LIMIT_SCRIPT_SOURCE, NULL, NULL,
      "The whole text, at most 128 KiB." },
    { "tests", FIELD_TEXT, FIELD_WRITE | FIELD_LINES | FIELD_NO_OUTPUT,
      offsetof(struct script_body, tests), 1, LIMIT_SCRIPT_SOURCE, NULL, NULL,
      "Tests to run with it; without, its _test.lua in the data folder." },
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
      .may = "script.update", .read = prepare, .write = record, .after = put,
      .flags = ROUTE_NO_TARGET | ROUTE_SLOW,
      .summary = "Change a script: checked, recorded, and in force" },
    { POST, "/v1/scripts/{name}/check", .body = &body_entity, .answer = &check_entity,
      .may = "script.update", .read = check, .flags = ROUTE_NO_TARGET | ROUTE_SLOW,
      .summary = "Whether a text would be taken, and which recorded answers it would change" },
    { 0 },
};

/* What the phases of a change hand on. */
struct changing {
    struct host *host;
    struct str name, source;
    struct str on_disk; /* what it takes the place of; absent: nothing of the admin's */
    struct script_report report;
};

static enum status begin(struct tx *tx, const struct request *rq, struct changing **changing);
static void show(const struct script_info *info, bool with_source, struct script_row *row);
static enum status answer(struct tx *tx, const struct changing *changing, struct reply *rp);

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
        row.quarantined = revision_quarantined(tx, scripts[i].name);
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
    row->quarantined = revision_quarantined(tx, info.name);
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
    struct changing *changing;

    (void)rp;
    if (begin(tx, rq, &changing) != ST_OK)
        return tx_status(tx);
    if (changing->report.has_no_name)
        return script_refuse(tx, changing->report.report);
    tx->scratch = changing;
    return tx_status(tx);
}

static enum status check(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct changing *changing;

    if (begin(tx, rq, &changing) == ST_OK)
        script_report_json(&changing->report, reply_json(rp, 200));
    return tx_status(tx);
}

static enum status begin(struct tx *tx, const struct request *rq, struct changing **changing)
{
    struct script_body body = { STR_NONE };
    struct script_info info;
    uint64_t given;

    if (body_read(tx, rq, &body_entity, JSON_CREATE, &body, &given) != ST_OK)
        return tx_status(tx);
    *changing = arena_new(tx->arena, struct changing);
    (*changing)->host = host_of(tx->policy);
    (*changing)->name = request_param(rq, "name");
    (*changing)->source = body.source;
    if (host_script((*changing)->host, (*changing)->name, tx->arena, &info))
        (*changing)->on_disk = info.on_disk;
    return script_check(
        tx, &(struct script_overlay){ .name = (*changing)->name, .source = body.source },
        body.tests, &(*changing)->report);
}

/* What is refused is kept, too: so nobody loses a text by a comma. */
static enum status record(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct changing *changing = tx->scratch;

    (void)rq;
    if (changing->report.is_refused) {
        revision_insert_refused(tx, changing->name, changing->source, changing->report.report);
    } else {
        revision_note(tx, changing->name, changing->on_disk);
        revision_insert(tx, changing->name, changing->source);
        tx_audit(tx, "script.update", "script", tx->workspace_id,
                 str_printf(tx->arena, "{\"name\":\"%.*s\"}", STR_ARG(changing->name)));
    }
    reply_json(rp, 200);
    return tx_status(tx);
}

/* The row is durable: now the file, and the answer. */
static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct changing *changing = tx->scratch;

    (void)rq;
    if (changing->report.is_refused)
        return script_refuse(tx, changing->report.report);
    if (script_put(tx, changing->host, changing->name, changing->source) != ST_OK)
        return tx_status(tx);
    return answer(tx, changing, rp);
}

static enum status answer(struct tx *tx, const struct changing *changing, struct reply *rp)
{
    struct script_info info;
    struct script_row row;
    struct buf check;

    if (!host_script(changing->host, changing->name, tx->arena, &info))
        return tx_not_found(tx);
    buf_init(&check, MIB(1));
    script_report_json(&changing->report, &check);
    show(&info, true, &row);
    row.check = buf_view(&check);
    reply_clear(rp);
    json_write(&script_entity, &row, ~UINT64_C(0), reply_json(rp, 200));
    buf_fini(&check);
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
