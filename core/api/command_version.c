/* Command version: which texts a script or a plugin's folder has had, and going back to one of them. */
#include "api/command.h"

#include "api/command_plugin.h"
#include "api/script_versions.h"
#include "base/clock.h"
#include "base/diff.h"
#include "base/limits.h"
#include "http/json.h"
#include "plugin/host.h"
#include "store/query.h"
#include "store/record.h"

#include <stddef.h>

static route_phase list, show, compare, prepare, record, finish;

struct asked {
    struct str name, version;
    struct str workspace;
    bool of_settings; /* what the workspace chose, not the text */
};

#define TEXT(member, max, flags) COMMAND_TEXT(struct asked, member, max, flags)

static const struct field fields[] = { TEXT(name, 100, FIELD_REQUIRED),
                                       TEXT(version, 20, 0),
                                       { 0 } };
/* Undoing the last change names none. */
static const struct field last_fields[] = { TEXT(name, 100, 0),
                                            TEXT(version, 20, 0),
                                            TEXT(workspace, 64, 0),
                                            { "settings", FIELD_BOOL, FIELD_WRITE,
                                              offsetof(struct asked, of_settings), 0, 0, NULL, NULL,
                                              NULL },
                                            { 0 } };
static const struct entity entity = { "script", fields, sizeof(struct asked) };
static const struct entity last_entity = { "script", last_fields, sizeof(struct asked) };

const struct route command_version_routes[] = {
    { POST, "script log", .body = &entity, .read = list },
    { POST, "script show", .body = &entity, .read = show },
    { POST, "script compare", .body = &entity, .read = compare },
    { POST, "script rollback", .body = &entity, .read = prepare, .write = record, .after = finish,
      .flags = ROUTE_SLOW },
    { POST, "plugin rollback", .body = &last_entity, .read = prepare, .write = record,
      .after = finish, .flags = ROUTE_SLOW },
    { 0 },
};

static enum status read_asked(struct tx *tx, const struct request *rq, struct asked *asked,
                              int64_t *version);
static bool is_folder(struct tx *tx, struct str name);
static enum status no_such_version(struct tx *tx);
static int64_t before(const struct revision *all, size_t count, const struct revision *live);
static struct str version_name(struct tx *tx, struct str name, int64_t version);
static void line(const struct revision *revision, struct buf *out);

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool as_text = command_wants_text(rq);
    struct buf *out = command_reply(rq, rp);
    struct asked asked;
    struct revision *revisions;
    int64_t version;
    size_t count;

    if (read_asked(tx, rq, &asked, &version) != ST_OK ||
        revision_list(tx, asked.name, &revisions, &count) != ST_OK)
        return tx_status(tx);
    buf_text(out, as_text ? "" : "[");
    for (size_t i = 0; i < count; i++) {
        if (as_text) {
            line(&revisions[i], out);
            continue;
        }
        buf_text(out, i ? "," : "");
        json_write(&revision_entity, &revisions[i], ~UINT64_C(0), out);
    }
    if (as_text && count == 0)
        buf_printf(out, "no text of %.*s was put in place of what is shipped\n",
                   STR_ARG(asked.name));
    buf_text(out, as_text ? "" : "]\n");
    return tx_status(tx);
}

static void line(const struct revision *revision, struct buf *out)
{
    static const char *const words[] = { "live", "refused", "replaced", "rolled back",
                                         "quarantined" };
    char at[CLOCK_TEXT];

    clock_format(revision->created_at, at);
    buf_printf(out, "%-6lld %.16sZ  %-11s  %.12s  %6lld bytes  %.*s %.*s",
               (long long)revision->version, at, words[revision->state], revision->sha256.at,
               (long long)revision->bytes, STR_ARG(revision->actor_kind), STR_ARG(revision->actor));
    if (revision->back_to)
        buf_printf(out, " (back to %lld)", (long long)revision->back_to);
    buf_char(out, '\n');
    if (!str_is_empty(revision->report))
        buf_printf(out, "       %.*s\n", STR_ARG(revision->report));
}

static enum status show(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct asked asked;
    struct revision revision;
    int64_t version;

    if (read_asked(tx, rq, &asked, &version) != ST_OK)
        return tx_status(tx);
    if (revision_load(tx, asked.name, version, &revision) != ST_OK)
        return no_such_version(tx);
    if (command_wants_text(rq)) {
        buf_str(command_reply(rq, rp), revision.source);
    } else {
        json_write(&revision_entity, &revision, ~UINT64_C(0), command_reply(rq, rp));
        buf_char(&rp->body, '\n');
    }
    return tx_status(tx);
}

/* A version, or the one before, with what is in force. */
static enum status compare(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct revision *all, old = { .source = STR("") }, live = { .source = STR("") };
    struct asked asked;
    int64_t version;
    size_t count;
    struct buf diff;

    if (read_asked(tx, rq, &asked, &version) != ST_OK ||
        revision_list(tx, asked.name, &all, &count) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < count && !live.version; i++)
        if (all[i].state == REVISION_LIVE)
            revision_load(tx, asked.name, all[i].version, &live);
    if (str_is_empty(asked.version))
        version = before(all, count, &live);
    if (count == 0 || (version && revision_load(tx, asked.name, version, &old) != ST_OK))
        return no_such_version(tx);
    buf_init(&diff, MIB(16));
    diff_write(&(struct diff_text){ version_name(tx, asked.name, version), old.source },
               &(struct diff_text){ version_name(tx, asked.name, live.version), live.source },
               &diff);
    if (command_wants_text(rq)) {
        buf_str(command_reply(rq, rp), buf_view(&diff));
    } else {
        buf_printf(command_reply(rq, rp),
                   "{\"from\":%lld,\"to\":%lld,\"diff\":", (long long)version,
                   (long long)live.version);
        buf_json(&rp->body, buf_view(&diff));
        buf_text(&rp->body, "}\n");
    }
    buf_fini(&diff);
    return tx_status(tx);
}

/* The newest other text that was in force; 0: none. */
static int64_t before(const struct revision *all, size_t count, const struct revision *live)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].state != REVISION_LIVE && all[i].state != REVISION_REFUSED &&
            !str_eq(all[i].sha256, live->sha256))
            return all[i].version;
    return 0;
}

static struct str version_name(struct tx *tx, struct str name, int64_t version)
{
    return version ? str_printf(tx->arena, "%.*s (version %lld)", STR_ARG(name), (long long)version)
                   : str_printf(tx->arena, "%.*s (nothing of its own)", STR_ARG(name));
}

static enum status prepare(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct asked asked;
    int64_t version;

    (void)rp;
    if (read_asked(tx, rq, &asked, &version) != ST_OK || asked.of_settings)
        return tx_status(tx);
    if (rolling_begin(tx, asked.name, !str_is_empty(asked.version), version) == ST_NOT_FOUND)
        return no_such_version(tx);
    return tx_status(tx);
}

/* Scripts are the server's: each workspace has it in its audit. */
static enum status record(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct rolling *rolling = tx->scratch;
    struct asked asked;
    struct query q;
    int64_t version;

    if (read_asked(tx, rq, &asked, &version) != ST_OK)
        return tx_status(tx);
    if (asked.of_settings)
        return command_plugin_back(tx, rq,
                                   &(struct plugin_asked){ .name = asked.name,
                                                           .version = asked.version,
                                                           .workspace = asked.workspace },
                                   rp);
    rolling_record(tx, rolling);
    q = query_open(tx, "SELECT seq, id FROM workspaces", NO_ARGS);
    while (query_next(&q)) {
        tx->workspace = query_int(&q, 0);
        tx->workspace_id = query_id(&q, 1);
        tx_audit(tx, "script.rollback", "script", tx->workspace_id,
                 str_printf(tx->arena, "{\"name\":\"%.*s\",\"version\":%lld}",
                            STR_ARG(rolling->name), (long long)rolling->version));
    }
    query_close(&q);
    tx->workspace = 0;
    tx->workspace_id = UUID_NONE;
    if (!command_wants_text(rq)) {
        rolling_json(rolling, command_reply(rq, rp));
        buf_char(&rp->body, '\n');
    } else if (rolling->version) {
        buf_printf(command_reply(rq, rp), "version %lld of %.*s is in force\n",
                   (long long)rolling->version, STR_ARG(rolling->name));
    } else {
        buf_printf(command_reply(rq, rp), "%.*s is as if nobody had changed it\n",
                   STR_ARG(rolling->name));
    }
    return tx_status(tx);
}

static enum status finish(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    (void)rp;
    return tx->scratch ? rolling_finish(tx, tx->scratch) : tx_status(tx);
}

/* The name becomes whole; version 0 where none was given. */
static enum status read_asked(struct tx *tx, const struct request *rq, struct asked *asked,
                              int64_t *version)
{
    uint64_t given;

    *asked = (struct asked){ STR_NONE };
    *version = 0;
    if (body_read(tx, rq, rq->route->body, JSON_CREATE, asked, &given) != ST_OK)
        return tx_status(tx);
    if (!str_is_empty(asked->name) && !asked->of_settings && !str_ends(asked->name, STR(".lua")) &&
        !is_folder(tx, asked->name))
        asked->name = str_concat(tx->arena, asked->name, STR(".lua"));
    if (!str_is_empty(asked->version) && !str_to_int(asked->version, 0, INT64_MAX, version))
        return tx_fail(tx, ST_INVALID, NULL,
                       "`%.*s` is no version; `foyer script log` shows them, 0 is what is shipped.",
                       STR_ARG(asked->version));
    return tx_status(tx);
}

/* Also one that is gone. */
static bool is_folder(struct tx *tx, struct str name)
{
    return (tx->policy && host_plugin(tx->policy, name)) || revision_is_known(tx, name);
}

static enum status no_such_version(struct tx *tx)
{
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    return tx_fail(tx, ST_NOT_FOUND, NULL,
                   "There is no such script or version of it; `foyer script log` shows them.");
}
