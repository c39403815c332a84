/* Channel: making, finding, changing and deleting channels, and what is asked before. Lists, scopes and
 * who is in a company channel: channel_list.c. */
#include "store/channel.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "store/channel_row.h"
#include "store/client.h"
#include "store/company.h"

#include <stdlib.h>
#include <string.h>

static void hash_members(struct ids ids, uint8_t hash[CRYPTO_HASH]);
static void insert_members(struct tx *tx, const struct channel *channel, struct ids ids,
                           const int64_t *members);
static struct str seqs_json(struct tx *tx, const int64_t *seqs, size_t count);
static enum status group_exists(struct tx *tx);

enum status channel_create(struct tx *tx, struct channel *channel, const int64_t *members)
{
    bool is_group = channel->kind == CHANNEL_GROUP;
    uint8_t hash[CRYPTO_HASH];

    hash_members(channel->member_ids, hash);
    channel->id = tx_id(tx);
    channel->created_at = channel->updated_at = tx_now(tx);
    channel->last_message_at = 0;
    channel->entity_id =
        channel->kind == CHANNEL_INDIVIDUAL ? channel->client_id : channel->company_id;
    if (query_run_unique(
            tx,
            "INSERT INTO message_channels (workspace, id, kind, client, company, member_ids,"
            " members_hash, created_at, updated_at) VALUES ($1, $2, $3, nullif($4, 0),"
            " nullif($5, 0), $6, $7, $8, $8)",
            ARGS(arg_int(tx->workspace), arg_id(channel->id), arg_int(channel->kind),
                 arg_int(channel->client), arg_int(channel->company),
                 arg_ids(is_group ? channel->member_ids : (struct ids){ 0 }),
                 is_group ? arg_blob(hash, sizeof(hash)) : arg_text(STR_NONE),
                 arg_int(channel->created_at))))
        return is_group ? group_exists(tx)
                        : tx_fail(tx, ST_CONFLICT, "channel_exists",
                                  "This channel was made just now: ask for it again.");
    channel->seq = query_last_seq(tx);
    if (is_group)
        insert_members(tx, channel, channel->member_ids, members);
    else if (channel->kind == CHANNEL_INDIVIDUAL)
        channel_set_one(tx, channel);
    else
        channel_fill(tx, channel);
    if (is_group)
        channel->member_count = (int64_t)channel->member_ids.count;
    return tx_status(tx);
}

bool channel_find_same(struct tx *tx, const struct channel *wish, struct channel *same)
{
    uint8_t hash[CRYPTO_HASH];

    if (wish->kind == CHANNEL_INDIVIDUAL)
        return channel_read_one(
            query_open(tx, CHANNEL_SELECT " WHERE t.client = $1", ARGS(arg_int(wish->client))),
            same);
    if (wish->kind == CHANNEL_COMPANY)
        return channel_read_one(query_open(tx,
                                           CHANNEL_SELECT " WHERE t.company = $1 AND t.kind = 2",
                                           ARGS(arg_int(wish->company))),
                                same);
    hash_members(wish->member_ids, hash);
    return channel_read_one(
        query_open(tx,
                   CHANNEL_SELECT " WHERE t.company = $1 AND t.members_hash = $2"
                                  " AND t.seq <> $3 ORDER BY t.is_twin, t.seq LIMIT 1",
                   ARGS(arg_int(wish->company), arg_blob(hash, sizeof(hash)), arg_int(wish->seq))),
        same);
}

enum status channel_load(struct tx *tx, struct uuid id, struct channel *channel)
{
    if (channel_read_one(query_open(tx, CHANNEL_SELECT " WHERE " CHANNEL_SHOWN " AND t.id = $2",
                                    ARGS(arg_int(tx->workspace), arg_id(id))),
                         channel))
        return tx_status(tx);
    return tx_not_found(tx);
}

bool channel_find_by_seq(struct tx *tx, int64_t seq, struct channel *channel)
{
    return channel_read_one(query_open(tx, CHANNEL_SELECT " WHERE " CHANNEL_SHOWN " AND t.seq = $2",
                                       ARGS(arg_int(tx->workspace), arg_int(seq))),
                            channel);
}

/* The row first: then what is deleted is no longer in it, and nobody is seen leaving. */
enum status channel_set_members(struct tx *tx, struct channel *channel, struct ids ids,
                                const int64_t *members)
{
    struct channel wish = *channel, same;
    uint8_t hash[CRYPTO_HASH];

    hash_members(ids, hash);
    wish.member_ids = ids;
    if (channel_find_same(tx, &wish, &same))
        return group_exists(tx);
    if (query_run_unique(
            tx,
            "UPDATE message_channels SET member_ids = $3, members_hash = $4, is_twin = "
            "0, updated_at = $5 WHERE workspace = $1 AND seq = $2",
            ARGS(arg_int(tx->workspace), arg_int(channel->seq), arg_ids(ids),
                 arg_blob(hash, sizeof(hash)), arg_int(tx_now(tx)))))
        return group_exists(tx);
    query_run(tx,
              "DELETE FROM message_channel_members WHERE workspace = $1 AND channel = $2"
              " AND NOT has_id($3, client_id)",
              ARGS(arg_int(tx->workspace), arg_int(channel->seq), arg_ids(ids)));
    insert_members(tx, channel, ids, members);
    channel->member_ids = ids;
    channel->member_count = (int64_t)ids.count;
    channel->updated_at = tx_now(tx);
    return tx_status(tx);
}

bool channel_touch(struct tx *tx, struct channel *channel)
{
    channel->updated_at = tx_now(tx);
    return query_run(tx, "UPDATE message_channels SET updated_at = $2 WHERE seq = $1",
                     ARGS(arg_int(channel->seq), arg_int(channel->updated_at))) > 0;
}

enum status channel_delete(struct tx *tx, const struct channel *channel)
{
    if (query_run(tx, "DELETE FROM message_channels WHERE seq = $1 AND kind = 1",
                  ARGS(arg_int(channel->seq))) == 0)
        return tx_not_found(tx);
    return tx_status(tx);
}

enum status channel_clients(struct tx *tx, struct ids ids, const struct scope *scope, int64_t *seqs)
{
    struct args args = { 0 };
    struct buf sql;

    memset(seqs, 0, ids.count * sizeof(*seqs));
    buf_init(&sql, KIB(64));
    args_add(tx, &args, arg_int(tx->workspace)); /* $1 of the scope */
    args_add(tx, &args, arg_ids(ids));
    buf_text(&sql, "SELECT i.rowid, t.seq FROM ids($2) i CROSS JOIN clients t"
                   " ON t.workspace = $1 AND t.id = i.id WHERE t.archived_at IS NULL AND ");
    scope_compile(tx, scope, &client_columns.scope, &sql, &args);

    struct query q = query_open_built(tx, str_copy(tx->arena, buf_view(&sql)), args.at, args.count);
    while (query_next(&q))
        seqs[query_int(&q, 0)] = query_int(&q, 1);
    query_close(&q);
    buf_fini(&sql);
    return tx_status(tx);
}

bool channel_has_others(struct tx *tx, const struct channel *channel, const struct scope *scope)
{
    struct args args = { 0 };
    struct buf sql;
    bool has_others;

    if (scope->kind == SCOPE_EVERYTHING)
        return false;
    buf_init(&sql, KIB(64));
    args_add(tx, &args, arg_int(tx->workspace)); /* $1 of the scope */
    if (channel->kind == CHANNEL_COMPANY) {
        args_add(tx, &args, arg_int(channel->company));
        buf_text(&sql, "SELECT 1 FROM memberships m CROSS JOIN clients t ON t.seq = m.client"
                       " WHERE m.workspace = $1 AND m.company = $2");
    } else {
        args_add(tx, &args, arg_ids(channel->member_ids));
        buf_text(&sql, "SELECT 1 FROM ids($2) i CROSS JOIN clients t ON t.workspace = $1"
                       " AND t.id = i.id WHERE 1");
    }
    buf_text(&sql, " AND t.archived_at IS NULL AND ");
    scope_compile(tx, scope, &client_columns.scope, &sql, &args);
    buf_text(&sql, " IS NOT TRUE LIMIT 1"); /* nobody's clients have no manager: NULL */

    struct query q = query_open_built(tx, str_copy(tx->arena, buf_view(&sql)), args.at, args.count);
    has_others = query_next(&q);
    query_close(&q);
    buf_fini(&sql);
    return has_others;
}

size_t channel_count_in(struct tx *tx, const int64_t *clients, size_t count, int64_t company)
{
    return (size_t)query_one_int(
        tx, 0,
        "SELECT count(*) FROM json_each($3) j CROSS JOIN memberships m ON m.workspace = $1"
        " AND m.client = j.value AND m.company = $2",
        ARGS(arg_int(tx->workspace), arg_int(company), arg_text(seqs_json(tx, clients, count))));
}

int channel_shared_company(struct tx *tx, const int64_t *clients, size_t count,
                           const struct scope *scope, int64_t *company, struct uuid *id)
{
    struct args args = { 0 };
    struct buf sql;
    int found = 0;

    buf_init(&sql, KIB(64));
    args_add(tx, &args, arg_int(tx->workspace)); /* $1 of the scope */
    args_add(tx, &args, arg_text(seqs_json(tx, clients, count)));
    args_add(tx, &args, arg_int((int64_t)count));
    buf_text(&sql, "SELECT t.seq, t.id FROM json_each($2) j CROSS JOIN memberships m"
                   " ON m.workspace = $1 AND m.client = j.value CROSS JOIN companies t"
                   " ON t.seq = m.company WHERE ");
    scope_compile(tx, scope, &company_columns.scope, &sql, &args);
    buf_text(&sql, " GROUP BY m.company HAVING count(*) = $3 LIMIT 2");

    struct query q = query_open_built(tx, str_copy(tx->arena, buf_view(&sql)), args.at, args.count);
    for (; query_next(&q); found++) {
        *company = query_int(&q, 0);
        *id = query_id(&q, 1);
    }
    query_close(&q);
    buf_fini(&sql);
    return found;
}

bool channel_company(struct tx *tx, struct uuid id, const struct scope *scope, int64_t *company)
{
    *company = query_one_int(tx, 0, "SELECT seq FROM companies WHERE workspace = $1 AND id = $2",
                             ARGS(arg_int(tx->workspace), arg_id(id)));
    return *company && list_holds(tx, &company_columns, scope, id);
}

static void hash_members(struct ids ids, uint8_t hash[CRYPTO_HASH])
{
    crypto_sha256(str_slice(ids.count ? (const char *)ids.at : "", ids.count * sizeof(struct uuid)),
                  hash);
}

/* Those that are there stay. */
static void insert_members(struct tx *tx, const struct channel *channel, struct ids ids,
                           const int64_t *members)
{
    for (size_t i = 0; i < ids.count && tx_status(tx) == ST_OK; i++)
        query_run(tx,
                  "INSERT INTO message_channel_members (workspace, channel, client, company,"
                  " client_id) SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM"
                  " message_channel_members WHERE workspace = $1 AND channel = $2 AND client = $3)",
                  ARGS(arg_int(tx->workspace), arg_int(channel->seq), arg_int(members[i]),
                       arg_int(channel->company), arg_id(ids.at[i])));
    if (str_is(tx->failure.code, "too_many_groups"))
        tx->failure.message = STR("One of the clients is in 200 groups, and cannot be in more: "
                                  "delete a group that is not needed.");
}

static struct str seqs_json(struct tx *tx, const int64_t *seqs, size_t count)
{
    struct str text;
    struct buf json;

    buf_init(&json, KIB(64));
    for (size_t i = 0; i < count; i++)
        buf_printf(&json, "%c%lld", i ? ',' : '[', (long long)seqs[i]);
    buf_text(&json, count ? "]" : "[]");
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

static enum status group_exists(struct tx *tx)
{
    tx_fail_field(tx, ST_CONFLICT, "memberIds", "channel_exists",
                  "Another group of this company has exactly these members: use that one, or "
                  "delete it first.");
    return tx_status(tx);
}
