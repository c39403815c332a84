/* Client: rows of `clients`: making, reading, changing, archiving. Searching is client_search.c. */
#include "store/client.h"

#include "base/limits.h"
#include "store/client_row.h"
#include "store/company.h"
#include "store/fold.h"
#include "store/workspace.h"

#define FROM     "FROM clients t"
#define LIVE     "t.workspace = $1 AND t.archived_at IS NULL"
#define ARCHIVED "t.workspace = $1 AND t.archived_at IS NOT NULL"
#define IN_COMPANY                                                                                 \
    "t.seq IN (SELECT m.client FROM companies c JOIN memberships m ON m.workspace = c.workspace"   \
    " AND m.company = c.seq WHERE c.workspace = $1 AND c.id = %s"                                  \
    " AND (SELECT companies_enabled FROM workspaces WHERE seq = $1))"

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "givenName", { "t.given_key", "t.seq" } },
    { "familyName", { "t.family_key", "t.given_key", "t.seq" } },
    { 0 },
};

static const struct list_sort archived_sorts[] = {
    { "createdAt", { "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "email", FILTER_EMAIL, "t.email_key = %s", NULL },
    { "givenName", FILTER_NAME, "t.given_key = %s", "t.given_name = %s" },
    { "familyName", FILTER_NAME, "t.family_key = %s", "t.family_name = %s" },
    { "companyId", FILTER_COMPANY, IN_COMPANY, NULL },
    { "companyIds", FILTER_COMPANY, IN_COMPANY, NULL },
    { 0 },
};

const struct list_columns client_columns = {
    .select = CLIENT_SELECT,
    .from = FROM,
    .where = LIVE,
    .filters = filters,
    .sorts = sorts,
    .found = &client_found,
    .scope = {
        .row = {
            .own = "t.id = %s",
            .companies = "EXISTS (SELECT 1 FROM memberships m CROSS JOIN companies c"
                         " ON c.seq = m.company WHERE m.workspace = $1 AND m.client = t.seq"
                         " AND has_id(%s, c.id))",
            .account_manager = "t.account_manager = %s",
            .tags = "EXISTS (SELECT 1 FROM json_each(t.tags) WHERE value IN"
                    " (SELECT value FROM json_each(%s)))",
            .ids = "has_id(%s, t.id)",
        },
        .rows = {
            .own = "SELECT seq FROM clients WHERE workspace = $1 AND id = %s",
            .companies = "SELECT m.client FROM ids(%s) i CROSS JOIN companies c"
                         " ON c.workspace = $1 AND c.id = i.id CROSS JOIN memberships m"
                         " ON m.workspace = $1 AND m.company = c.seq",
            .account_manager =
                "SELECT seq FROM clients WHERE workspace = $1 AND account_manager = %s",
            .ids = "SELECT o.seq FROM ids(%s) i CROSS JOIN clients o"
                   " ON o.workspace = $1 AND o.id = i.id",
        },
    },
};

static bool read_one(struct query q, struct client *client);
static bool write_row(struct tx *tx, const struct client *client, struct str email_key);
static enum status check_email(struct tx *tx, const struct client *client, struct str *key);
static enum status email_taken(struct tx *tx);
static void explain_limit(struct tx *tx);
static void let_go_of_login(struct tx *tx, const struct client *client);
static enum status run_list(struct tx *tx, const struct list_columns *columns,
                            const struct list *list, struct client **clients, size_t *count);
static void cancel_mailed_links(struct tx *tx, const struct client *client);

struct list_columns client_archived_columns(void)
{
    struct list_columns columns = client_columns;

    columns.where = ARCHIVED;
    columns.sorts = archived_sorts;
    columns.found = NULL;
    return columns;
}

enum status client_create(struct tx *tx, struct client *client)
{
    struct str key;

    if (check_email(tx, client, &key) != ST_OK)
        return tx_status(tx);
    client->id = tx_id(tx);
    client->created_at = client->updated_at = tx_now(tx);
    if (str_is_absent(client->fallback_color))
        client->fallback_color = fallback_color(client->id);
    if (str_is_absent(client->custom_fields))
        client->custom_fields = STR("{}");
    if (query_run_unique(
            tx,
            "INSERT INTO clients (workspace, id, given_name, given_key, family_name, family_key, "
            "email,"
            " email_key, phone, position, status, creation_method, avatar_url, fallback_color,"
            " account_manager, tags, custom_fields, company_ids, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
            "$18, $19, $19)",
            ARGS(arg_int(tx->workspace), arg_id(client->id), arg_text(client->given_name),
                 arg_text(fold_text(tx->arena, client->given_name)), arg_text(client->family_name),
                 arg_text(fold_text(tx->arena, client->family_name)), arg_text(client->email),
                 arg_text(key), arg_text(client->phone), arg_text(client->position),
                 arg_int(client->status), arg_int(client->creation_method),
                 arg_text(client->avatar_url), arg_text(client->fallback_color),
                 arg_id(client->account_manager), arg_text(texts_to_json(tx->arena, client->tags)),
                 arg_text(client->custom_fields), arg_ids(client->company_ids),
                 arg_int(client->created_at))))
        return email_taken(tx);
    explain_limit(tx);
    client->seq = query_last_seq(tx);
    return membership_begin(tx, client->seq, client->company_ids);
}

enum status client_load(struct tx *tx, struct uuid id, struct client *client)
{
    if (read_one(query_open(tx, CLIENT_SELECT " " FROM " WHERE " LIVE " AND t.id = $2",
                            ARGS(arg_int(tx->workspace), arg_id(id))),
                 client))
        return tx_status(tx);
    return tx_not_found(tx);
}

enum status client_load_by_seq(struct tx *tx, int64_t seq, struct client *client)
{
    return client_find(tx, seq, client) ? tx_status(tx) : tx_not_found(tx);
}

bool client_find(struct tx *tx, int64_t seq, struct client *client)
{
    return read_one(query_open(tx, CLIENT_SELECT " " FROM " WHERE " LIVE " AND t.seq = $2",
                               ARGS(arg_int(tx->workspace), arg_int(seq))),
                    client);
}

enum status client_update(struct tx *tx, struct client *client)
{
    struct client before;
    struct str key;

    if (check_email(tx, client, &key) != ST_OK || client_load(tx, client->id, &before) != ST_OK)
        return tx_status(tx);
    client->updated_at = tx_now(tx);
    if (!str_eq(before.email, client->email))
        cancel_mailed_links(tx, client);
    if (!write_row(tx, client, key))
        return email_taken(tx);
    if (!ids_eq(before.company_ids, client->company_ids))
        membership_set(tx, client->seq, client->company_ids);
    return tx_status(tx);
}

enum status client_archive(struct tx *tx, const struct client *client)
{
    if (query_run(tx,
                  "UPDATE clients SET archived_at = $2, updated_at = $2 WHERE seq = $1 AND "
                  "archived_at IS NULL",
                  ARGS(arg_int(client->seq), arg_int(tx_now(tx)))) == 0)
        return tx_not_found(tx);
    query_run(tx,
              "UPDATE sessions SET ended_at = $3 WHERE workspace = $1 AND person = $2 AND ended_at "
              "IS NULL",
              ARGS(arg_int(tx->workspace), arg_id(client->id), arg_int(tx_now(tx))));
    query_run(tx,
              "UPDATE tokens SET cancelled_at = $3 WHERE used_at IS NULL AND cancelled_at IS NULL "
              "AND subject IN"
              " (SELECT id FROM invites WHERE workspace = $1 AND client = $2)",
              ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_int(tx_now(tx))));
    query_run(tx,
              "UPDATE invites SET cancelled_at = $3 WHERE workspace = $1 AND client = $2"
              " AND accepted_at IS NULL AND cancelled_at IS NULL",
              ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_int(tx_now(tx))));
    company_prune_of(tx, client->seq);
    return tx_status(tx);
}

enum status client_load_any(struct tx *tx, struct uuid id, struct client *client)
{
    if (read_one(query_open(tx, CLIENT_SELECT " " FROM " WHERE t.workspace = $1 AND t.id = $2",
                            ARGS(arg_int(tx->workspace), arg_id(id))),
                 client))
        return tx_status(tx);
    return tx_not_found(tx);
}

enum status client_restore(struct tx *tx, struct client *client)
{
    struct str key;

    if (client->archived_at == 0)
        return tx_fail(tx, ST_CONFLICT, "not_archived", "This client is not archived.");
    if (check_email(tx, client, &key) != ST_OK)
        return tx_status(tx);
    if (query_run_unique(tx,
                         "UPDATE clients SET archived_at = NULL, email = $3, email_key = $4"
                         " WHERE workspace = $1 AND seq = $2",
                         ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_text(client->email),
                              arg_text(key))))
        return email_taken(tx);
    explain_limit(tx);
    let_go_of_login(tx, client);
    return client_update(tx, client);
}

enum status client_delete(struct tx *tx, const struct client *client)
{
    client_archive(tx, client);
    query_run(tx, "DELETE FROM clients WHERE seq = $1", ARGS(arg_int(client->seq)));
    return tx_status(tx);
}

void client_set_invited(struct tx *tx, int64_t seq, bool is_invited)
{
    query_run(tx, "UPDATE clients SET status = $2, updated_at = $4 WHERE seq = $1 AND status = $3",
              ARGS(arg_int(seq), arg_int(is_invited ? CLIENT_INVITED : CLIENT_NOT_INVITED),
                   arg_int(is_invited ? CLIENT_NOT_INVITED : CLIENT_INVITED), arg_int(tx_now(tx))));
}

bool client_signed_in(struct tx *tx, int64_t seq, int64_t login)
{
    bool was_first =
        query_run(tx,
                  "UPDATE clients SET status = $2, first_login_at = $3, updated_at = $3"
                  " WHERE seq = $1 AND first_login_at IS NULL",
                  ARGS(arg_int(seq), arg_int(CLIENT_ACTIVE), arg_int(tx_now(tx)))) == 1;

    query_run(tx,
              "UPDATE clients SET login = $2, last_login_at = $3, last_activity_at = $3, status = "
              "$4 WHERE seq = $1",
              ARGS(arg_int(seq), arg_int(login), arg_int(tx_now(tx)), arg_int(CLIENT_ACTIVE)));
    return was_first;
}

void client_touch(struct tx *tx, struct uuid id, int64_t at)
{
    query_run(tx,
              "UPDATE clients SET last_activity_at = $3 WHERE workspace = $1 AND id = $2"
              " AND coalesce(last_activity_at, 0) < $3",
              ARGS(arg_int(tx->workspace), arg_id(id), arg_int(at)));
}

enum status client_list(struct tx *tx, const struct list *list, struct client **clients,
                        size_t *count)
{
    if (!str_is_empty(list->search))
        return client_search(tx, list, clients, count);
    return run_list(tx, &client_columns, list, clients, count);
}

enum status client_list_archived(struct tx *tx, const struct list *list, struct client **clients,
                                 size_t *count)
{
    struct list_columns columns = client_archived_columns();

    return run_list(tx, &columns, list, clients, count);
}

bool client_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &client_columns, scope, id);
}

bool client_archived_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    struct list_columns columns = client_archived_columns();

    return list_holds(tx, &columns, scope, id);
}

enum status client_ids_in(struct tx *tx, int64_t company, const struct scope *scope, size_t most,
                          struct ids *ids)
{
    size_t cap = 0;
    struct args args = { 0 };
    struct buf sql;
    struct query q;

    buf_init(&sql, KIB(64));
    args_add(tx, &args, arg_int(tx->workspace));
    buf_printf(&sql,
               "SELECT t.id FROM memberships m CROSS JOIN clients t ON t.seq = m.client"
               " WHERE m.company = $%zu AND " LIVE " AND ",
               args_add(tx, &args, arg_int(company)));
    scope_compile(tx, scope, &client_columns.scope, &sql, &args);
    buf_printf(&sql, " ORDER BY m.client LIMIT $%zu", args_add(tx, &args, arg_int((int64_t)most)));
    q = query_open_built(tx, str_copy(tx->arena, buf_view(&sql)), args.at, args.count);
    buf_fini(&sql);
    for (*ids = (struct ids){ 0 }; query_next(&q); ids->count++) {
        if (ids->count == cap) {
            cap = cap ? cap * 2 : 128;
            ids->at = arena_grow(tx->arena, ids->at, ids->count * sizeof(*ids->at),
                                 cap * sizeof(*ids->at));
        }
        ids->at[ids->count] = query_id(&q, 0);
    }
    query_close(&q);
    return tx_status(tx);
}

size_t client_sort_values(const struct tx *tx, const struct list *list, const struct client *client,
                          struct arg values[3])
{
    size_t count = 0;

    if (str_is(str_from(list->sort->name), "familyName"))
        values[count++] = arg_text(fold_text(tx->arena, client->family_name));
    if (!str_is(str_from(list->sort->name), "createdAt") &&
        !str_is(str_from(list->sort->name), "search"))
        values[count++] = arg_text(fold_text(tx->arena, client->given_name));
    values[count++] =
        arg_int(str_is(str_from(list->sort->name), "search") ? (tx->workspace << 40 | client->seq)
                                                             : client->seq);
    return count;
}

void client_read_row(struct query *q, struct client *client)
{
    struct arena *arena = q->tx->arena;

    *client = (struct client){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .login = query_int(q, 2),
        .given_name = query_text(q, 3),
        .family_name = query_text(q, 4),
        .email = query_text(q, 5),
        .phone = query_text(q, 6),
        .position = query_text(q, 7),
        .status = (int)query_int(q, 8),
        .creation_method = (int)query_int(q, 9),
        .avatar_url = query_text(q, 10),
        .fallback_color = query_text(q, 11),
        .account_manager = query_id(q, 12),
        .tags = texts_from_json(arena, query_text(q, 13)),
        .custom_fields = query_text(q, 14),
        .company_ids = ids_from_blob(arena, query_blob(q, 15)),
        .first_login_at = query_int(q, 16),
        .last_login_at = query_int(q, 17),
        .last_activity_at = query_int(q, 18),
        .created_at = query_int(q, 19),
        .updated_at = query_int(q, 20),
        .archived_at = query_int(q, 21),
        .link_token = query_id(q, 22),
    };
    if (client->company_ids.count > 0)
        client->company_id = client->company_ids.at[0];
}

static bool read_one(struct query q, struct client *client)
{
    bool found = query_next(&q);

    if (found)
        client_read_row(&q, client);
    query_close(&q);
    return found;
}

/* False: the address is taken. */
static bool write_row(struct tx *tx, const struct client *client, struct str email_key)
{
    return !query_run_unique(
        tx,
        "UPDATE clients SET given_name = $3, given_key = $4, family_name = $5, family_key = $6, "
        "email = $7,"
        " email_key = $8, phone = $9, position = $10, avatar_url = $11, account_manager = $12, "
        "tags = $13,"
        " custom_fields = $14, updated_at = $15 WHERE workspace = $1 AND seq = $2",
        ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_text(client->given_name),
             arg_text(fold_text(tx->arena, client->given_name)), arg_text(client->family_name),
             arg_text(fold_text(tx->arena, client->family_name)), arg_text(client->email),
             arg_text(email_key), arg_text(client->phone), arg_text(client->position),
             arg_text(client->avatar_url), arg_id(client->account_manager),
             arg_text(texts_to_json(tx->arena, client->tags)), arg_text(client->custom_fields),
             arg_int(client->updated_at)));
}

static enum status check_email(struct tx *tx, const struct client *client, struct str *key)
{
    *key = STR_NONE;
    if (str_is_absent(client->email))
        return tx_status(tx);
    *key = fold_email(tx->arena, client->email);
    if (str_is_absent(*key))
        tx_fail_field(tx, ST_INVALID, "email", "not_an_address",
                      "Give an address such as ann@example.com.");
    return tx_status(tx);
}

static enum status email_taken(struct tx *tx)
{
    tx_fail_field(tx, ST_CONFLICT, "email", "email_taken",
                  "Another client of this workspace has this address (case does not matter).");
    return tx_status(tx);
}

/* A link that was mailed proves the address that it was mailed to, and no other. */
static void cancel_mailed_links(struct tx *tx, const struct client *client)
{
    query_run(
        tx,
        "UPDATE tokens SET cancelled_at = $3 WHERE purpose = 'invite.mail' AND used_at IS NULL"
        " AND cancelled_at IS NULL AND subject IN"
        " (SELECT id FROM invites WHERE workspace = $1 AND client = $2)",
        ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_int(tx_now(tx))));
}

static void explain_limit(struct tx *tx)
{
    if (str_is(tx->failure.code, "client_limit_reached"))
        tx->failure.message =
            STR("The plan of this workspace has no room for another client: archive one first.");
}

/* One login is one client of a workspace: whoever got the address meanwhile may have signed in by it. */
static void let_go_of_login(struct tx *tx, const struct client *client)
{
    query_run(tx,
              "UPDATE clients SET login = NULL, status = $3 WHERE workspace = $1 AND seq = $2"
              " AND login IN (SELECT o.login FROM clients o WHERE o.workspace = $1"
              " AND o.archived_at IS NULL AND o.seq <> $2 AND o.login IS NOT NULL)",
              ARGS(arg_int(tx->workspace), arg_int(client->seq), arg_int(CLIENT_NOT_INVITED)));
}

static enum status run_list(struct tx *tx, const struct list_columns *columns,
                            const struct list *list, struct client **clients, size_t *count)
{
    struct query q = list_open(tx, columns, list);

    *clients = arena_array(tx->arena, struct client, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        client_read_row(&q, &(*clients)[*count]);
    query_close(&q);
    return tx_status(tx);
}
