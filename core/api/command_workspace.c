/* Command workspace: makes one more beside those that a data folder holds, and lists them. */
#include "api/command.h"

#include "api/body.h"
#include "api/founding.h"
#include "api/site.h"
#include "store/query.h"

#include <stddef.h>

static route_phase create, list;

struct given {
    struct str workspace, email, password_hash;
    struct str base_url;  /* as the command was told */
    struct str otherwise; /* where the server would listen */
    bool has_demo;
};

#define AT(member) offsetof(struct given, member)
static const struct field create_fields[] = {
    { "workspace", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(workspace), 0, 1000, NULL, NULL,
      NULL },
    { "email", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(email), 0, 1000, NULL, NULL, NULL },
    { "passwordHash", FIELD_TEXT, FIELD_WRITE, AT(password_hash), 0, 200, NULL, NULL, NULL },
    { "baseUrl", FIELD_TEXT, FIELD_WRITE, AT(base_url), 0, 1000, NULL, NULL, NULL },
    { "otherwise", FIELD_TEXT, FIELD_WRITE, AT(otherwise), 0, 1000, NULL, NULL, NULL },
    { "demo", FIELD_BOOL, FIELD_WRITE, AT(has_demo), 0, 0, NULL, NULL, NULL },
    { 0 },
};
static const struct field list_fields[] = { { 0 } };
static const struct entity create_entity = { "workspace", create_fields, sizeof(struct given) };
static const struct entity list_entity = { "workspace", list_fields, sizeof(struct given) };

const struct route command_workspace_routes[] = {
    { POST, "workspace create", .body = &create_entity, .write = create },
    { POST, "workspace list", .body = &list_entity, .read = list },
    { 0 },
};

/* Its owner runs no server: only the one whom init made does. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct given given = { .workspace = STR_NONE };
    struct founding founding = { .may_operate = false };
    uint64_t which;

    if (body_read(tx, rq, &create_entity, JSON_CREATE, &given, &which) != ST_OK)
        return tx_status(tx);
    founding.name = given.workspace;
    founding.email = given.email;
    founding.password_hash = given.password_hash;
    founding.base_url = !str_is_absent(given.base_url) ? given.base_url
                        : !str_is_empty(site.base_url) ? site.base_url
                                                       : given.otherwise;
    founding.has_demo = given.has_demo;
    if (founding_check(&founding, tx->arena, &tx->failure) != ST_OK)
        return tx_fail(tx, tx->failure.status, NULL, "%s", status_text(tx->failure.status));
    if (founding_make(tx, &founding) != ST_OK)
        return tx_status(tx);
    rp->has_secret = true;
    founding_put(&founding, command_wants_text(rq), command_reply(rq, rp));
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool as_text = command_wants_text(rq);
    struct buf *out = command_reply(rq, rp);
    struct query q = query_open(
        tx,
        "SELECT w.id, w.name, w.client_count, (SELECT count(*) FROM internal_users u"
        " WHERE u.workspace = w.seq AND u.removed_at IS NULL) FROM workspaces w ORDER BY w.seq",
        NO_ARGS);
    char id[UUID_TEXT];

    buf_text(out, as_text ? "" : "[");
    for (int i = 0; query_next(&q); i++) {
        struct str name = query_text(&q, 1);
        int64_t clients = query_int(&q, 2), staff = query_int(&q, 3);

        uuid_format(query_id(&q, 0), id);
        if (as_text) {
            buf_printf(out, "%s  %-32.*s  %lld clients, %lld staff\n", id, STR_ARG(name),
                       (long long)clients, (long long)staff);
            continue;
        }
        buf_printf(out, "%s{\"id\":\"%s\",\"name\":", i ? "," : "", id);
        buf_json(out, name);
        buf_printf(out, ",\"clients\":%lld,\"staff\":%lld}", (long long)clients, (long long)staff);
    }
    query_close(&q);
    buf_text(out, as_text ? "" : "]\n");
    return tx_status(tx);
}
