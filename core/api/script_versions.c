/* Script versions: which texts a script or a plugin's folder has had, and going back to one of them. */
#include "api/script_versions.h"

#include "api/body.h"
#include "api/script_check.h"
#include "base/limits.h"
#include "http/json.h"
#include "store/record.h"

#include <stddef.h>

static route_phase list, read_one, prepare, prepare_last, record, put;

static const char *const object[] = { "revision", NULL };
static const char *const states[] = { "live",       "refused",     "replaced",
                                      "rolledBack", "quarantined", NULL };

#define AT(member) offsetof(struct revision, member)
static const struct field fields[] = {
    { "version", FIELD_INT, 0, AT(version), 0, 0, NULL, NULL, "Grows with time; has gaps." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"revision\"." },
    { "sha256", FIELD_TEXT, 0, AT(sha256), 0, 0, NULL, NULL, "Of its text, in hex." },
    { "bytes", FIELD_INT, 0, AT(bytes), 0, 0, NULL, NULL, "Of its text." },
    { "state", FIELD_ENUM, 0, AT(state), 0, 0, states, NULL,
      "live; refused: it had faults; replaced: another came; rolledBack: an older one came back; "
      "quarantined: it kept failing." },
    { "report", FIELD_TEXT, FIELD_LINES, AT(report), 0, 0, NULL, NULL,
      "Why it was refused or quarantined." },
    { "actorType", FIELD_TEXT, 0, AT(actor_kind), 0, 0, NULL, NULL,
      "Kind of who put it; system: found in the data folder." },
    { "actorId", FIELD_ID, 0, AT(actor_id), 0, 0, NULL, NULL, "Who put it." },
    { "actor", FIELD_TEXT, 0, AT(actor), 0, 0, NULL, NULL, "His address, or the key's name." },
    { "createdAt", FIELD_TIME, 0, AT(created_at), 0, 0, NULL, NULL, "When it was put." },
    { "backTo", FIELD_INT, 0, AT(back_to), 0, 0, NULL, NULL,
      "Of a rollback: the version whose text was put back; 0: a text of its own." },
    { "source", FIELD_TEXT, FIELD_LINES | FIELD_OMIT_NULL, AT(source), 0, 0, NULL, NULL,
      "The whole text; of a plugin its files, one after the other: NAME LENGTH, a line, then the "
      "text. Not in lists." },
    { 0 },
};
const struct entity revision_entity = { "revision", fields, sizeof(struct revision) };

struct rollback_body {
    int64_t version;
    struct str name;
};
#define ROLLBACK(member) offsetof(struct rollback_body, member)
static const struct field body_fields[] = {
    { "version", FIELD_INT, FIELD_WRITE, ROLLBACK(version), 0, INT64_MAX, NULL, NULL,
      "Which; 0: as if nobody had changed it; without: the one before what is in force." },
    { 0 },
};
static const struct entity body_entity = { "rollback", body_fields, sizeof(struct rollback_body) };
static const struct field last_fields[] = {
    { "name", FIELD_TEXT, FIELD_WRITE, ROLLBACK(name), 1, 100, NULL, NULL,
      "Which script, or the id of a plugin; without: the one that was changed last." },
    { "version", FIELD_INT, FIELD_WRITE, ROLLBACK(version), 0, INT64_MAX, NULL, NULL,
      "Which of its versions; as for …/rollback of the script." },
    { 0 },
};
static const struct entity last_entity = { "rollback", last_fields, sizeof(struct rollback_body) };

static const char *const rollback_object[] = { "rollback", NULL };
static const struct field answer_fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, rollback_object, NULL, "Always \"rollback\"." },
    { "name", FIELD_TEXT, 0, offsetof(struct rolling, name), 0, 0, NULL, NULL,
      "Which script or plugin." },
    { "version", FIELD_INT, 0, offsetof(struct rolling, version), 0, 0, NULL, NULL,
      "Whose text is in force again; 0: as if nobody had changed it." },
    { 0 },
};
static const struct entity answer_entity = { "rollback", answer_fields, sizeof(struct rolling) };

const struct route script_version_routes[] = {
    { GET, "/v1/scripts/{name}/versions", .answer = &revision_entity, .may = "script.read",
      .read = list, .flags = ROUTE_NO_TARGET | ROUTE_SLOW | ROUTE_ALL,
      .summary = "The texts that a script, or the files that a plugin has had, newest first" },
    { GET, "/v1/scripts/{name}/versions/{version}", .answer = &revision_entity,
      .may = "script.read", .read = read_one, .flags = ROUTE_NO_TARGET,
      .summary = "Retrieve a text that a script has had" },
    { POST, "/v1/scripts/{name}/rollback", .body = &body_entity, .answer = &answer_entity,
      .may = "script.update", .read = prepare, .write = record, .after = put,
      .flags = ROUTE_NO_TARGET | ROUTE_SLOW | ROUTE_OPTIONAL_BODY,
      .summary = "Put an older text back: recorded, and in force" },
    { POST, "/v1/plugins/rollback", .body = &last_entity, .answer = &answer_entity,
      .may = "plugin.rollback", .read = prepare_last, .write = record, .after = put,
      .flags = ROUTE_SLOW | ROUTE_OPTIONAL_BODY,
      .summary = "Undo the last change of a script or a plugin's folder: recorded, and in force" },
    { 0 },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf *out = reply_json(rp, 200);
    struct revision *revisions;
    struct script_info info;
    size_t count;

    if (revision_list(tx, request_param(rq, "name"), &revisions, &count) != ST_OK)
        return tx_status(tx);
    if (count == 0 &&
        !host_script(host_of(tx->policy), request_param(rq, "name"), tx->arena, &info))
        return tx_not_found(tx);
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i ? "," : "");
        json_write(&revision_entity, &revisions[i], ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct revision revision;
    int64_t version;

    if (!str_to_int(request_param(rq, "version"), 1, INT64_MAX, &version))
        return tx_not_found(tx);
    if (revision_load(tx, request_param(rq, "name"), version, &revision) == ST_OK)
        json_write(&revision_entity, &revision, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status prepare(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct rollback_body body = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &body_entity, JSON_CREATE, &body, &given) == ST_OK)
        rolling_begin(tx, request_param(rq, "name"), given != 0, body.version);
    return tx_status(tx);
}

static enum status prepare_last(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct rollback_body body = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &last_entity, JSON_CREATE, &body, &given) == ST_OK)
        rolling_begin(tx, body.name,
                      (given & UINT64_C(1) << field_find(&last_entity, STR("version"))) != 0,
                      body.version);
    return tx_status(tx);
}

enum status rolling_begin(struct tx *tx, struct str name, bool has_version, int64_t version)
{
    struct rolling *rolling = arena_new(tx->arena, struct rolling);
    struct script_info info;
    struct revision revision;
    enum status status;
    struct buf report;
    bool is_known;

    if (str_is_empty(name)) {
        name = revision_last_changed(tx);
        has_version = false;
    }
    if (str_is_empty(name))
        return tx_fail(tx, ST_CONFLICT, "nothing_before",
                       "No script or plugin was changed: there is nothing to go back to.");
    rolling->host = host_of(tx->policy);
    rolling->name = name;
    is_known = host_script(rolling->host, name, tx->arena, &info);
    rolling->on_disk = host_text_on_disk(rolling->host, name, tx->arena);
    rolling->version = has_version ? version : revision_before(tx, name, rolling->on_disk);
    if (rolling->version && revision_load(tx, name, rolling->version, &revision) != ST_OK)
        return tx_status(tx);
    if (!rolling->version && str_is_absent(rolling->on_disk))
        return is_known ? tx_fail(tx, ST_CONFLICT, "nothing_before",
                                  "It is as it is shipped: there is nothing to go back to.")
                        : tx_not_found(tx);
    rolling->source = rolling->version ? revision.source : STR_NONE;
    buf_init(&report, KIB(16));
    status = host_is_script_name(name)
                 ? host_check(rolling->host, name, rolling->source, &report)
                 : host_check_folder(rolling->host, name, rolling->source, &report);
    if (status != ST_OK)
        script_refuse(tx, str_copy(tx->arena, str_trim(buf_view(&report))));
    buf_fini(&report);
    tx->scratch = rolling;
    return tx_status(tx);
}

enum status rolling_record(struct tx *tx, const struct rolling *rolling)
{
    revision_note(tx, rolling->name, rolling->on_disk);
    return revision_go_back(tx, rolling->name, rolling->version);
}

enum status rolling_finish(struct tx *tx, const struct rolling *rolling)
{
    return script_put(tx, rolling->host, rolling->name, rolling->source);
}

void rolling_json(const struct rolling *rolling, struct buf *out)
{
    json_write(&answer_entity, rolling, ~UINT64_C(0), out);
}

/* The answer is made here, so that a repeated request gets it. */
static enum status record(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct rolling *rolling = tx->scratch;

    (void)rq;
    rolling_record(tx, rolling);
    tx_audit(tx, "script.rollback", "script", tx->workspace_id,
             str_printf(tx->arena, "{\"name\":\"%.*s\",\"version\":%lld}", STR_ARG(rolling->name),
                        (long long)rolling->version));
    rolling_json(rolling, reply_json(rp, 200));
    return tx_status(tx);
}

/* A repeated request has nothing in hand: it was done. */
static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    (void)rp;
    return tx->scratch ? rolling_finish(tx, tx->scratch) : tx_status(tx);
}
