/* Channel list: pages of channels, which of them an actor sees, and who is in company channels. */
#include "base/limits.h"
#include "store/channel_row.h"

#include <string.h>

/* Most channels of a client: one, 200 groups by the schema, those of its companies. */
enum { OF_CLIENT = 256 };

/* The channels that some clients are in: their own, their groups, those of their companies. */
#define OF_CLIENTS(which)                                                                          \
    "SELECT h.seq FROM clients k CROSS JOIN message_channels h ON h.client = k.seq"                \
    " WHERE k.workspace = $1 AND k.archived_at IS NULL AND " which                                 \
    " UNION ALL SELECT g.channel FROM clients k CROSS JOIN message_channel_members g"              \
    " ON g.workspace = $1 AND g.client = k.seq"                                                    \
    " WHERE k.workspace = $1 AND k.archived_at IS NULL AND " which                                 \
    " UNION ALL SELECT h.seq FROM clients k CROSS JOIN memberships m ON m.workspace = $1"          \
    " AND m.client = k.seq CROSS JOIN message_channels h ON h.company = m.company AND h.kind = 2"  \
    " WHERE k.workspace = $1 AND k.archived_at IS NULL AND " which
#define OF_ONE     OF_CLIENTS("k.id = %s")
#define OF_MANAGER OF_CLIENTS("k.account_manager = %s")
#define OF_TAGS                                                                                    \
    OF_CLIENTS("EXISTS (SELECT 1 FROM json_each(k.tags) WHERE value IN"                            \
               " (SELECT value FROM json_each(%s)))")
#define OF_CLIENT_ALONE                                                                            \
    "SELECT h.seq FROM clients k CROSS JOIN message_channels h ON h.client = k.seq"                \
    " WHERE k.workspace = $1 AND k.id = %s"
#define OF_COMPANY                                                                                 \
    "SELECT h.seq FROM companies p CROSS JOIN message_channels h ON h.company = p.seq"             \
    " WHERE p.workspace = $1 AND p.id = %s"

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "lastMessageDate", { "t.last_message_at", "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "membershipType", FILTER_ENUM, "t.kind = %s", NULL },
    { "membershipEntityId", FILTER_ID, "t.seq IN (" OF_CLIENT_ALONE " UNION ALL " OF_COMPANY ")",
      NULL },
    { "clientId", FILTER_ID, "t.seq IN (" OF_CLIENT_ALONE ")", NULL },
    { "companyId", FILTER_COMPANY, "t.seq IN (" OF_COMPANY ")", NULL },
    { "memberId", FILTER_ID, "t.seq IN (" OF_ONE ")", NULL },
    { 0 },
};

const struct list_columns channel_columns = {
    .select = CHANNEL_COLUMNS,
    .from = CHANNEL_FROM,
    .where = CHANNEL_SHOWN,
    .filters = filters,
    .sorts = sorts,
    .scope = {
        .row = {
            .own = "t.seq IN (" OF_ONE ")",
            .companies = "(has_id(%s, o.id) OR EXISTS (SELECT 1 FROM memberships m"
                         " CROSS JOIN companies p ON p.seq = m.company WHERE m.workspace = $1"
                         " AND m.client = t.client AND has_id(%s, p.id)))",
            .account_manager = "t.seq IN (" OF_MANAGER ")",
            .tags = "t.seq IN (" OF_TAGS ")",
            .ids = "has_id(%s, t.id)",
        },
        .rows = {
            .own = OF_ONE,
            .companies = "SELECT h.seq FROM ids(%s) i CROSS JOIN companies p"
                         " ON p.workspace = $1 AND p.id = i.id CROSS JOIN message_channels h"
                         " ON h.company = p.seq"
                         " UNION ALL SELECT h.seq FROM ids(%s) i CROSS JOIN companies p"
                         " ON p.workspace = $1 AND p.id = i.id CROSS JOIN memberships m"
                         " ON m.workspace = $1 AND m.company = p.seq"
                         " CROSS JOIN message_channels h ON h.client = m.client",
            .account_manager = OF_MANAGER,
            .ids = "SELECT h.seq FROM ids(%s) i CROSS JOIN message_channels h"
                   " ON h.workspace = $1 AND h.id = i.id",
        },
    },
};

static void fill_page(struct tx *tx, struct channel *channels, size_t room, size_t *count,
                      bool *more);
static bool fill(struct tx *tx, struct channel *channel, struct uuid *into, size_t most);
static int64_t count_members(struct tx *tx, int64_t company);

enum status channel_list(struct tx *tx, const struct list *list, bool with_members,
                         struct channel **channels, size_t *count, bool *more)
{
    struct query q = list_open(tx, &channel_columns, list);
    size_t room = LIMIT_PAGE_MEMBERS;

    *more = false;
    *channels = arena_array(tx->arena, struct channel, (size_t)list->limit);
    for (*count = 0; query_next(&q); (*count)++) {
        struct channel channel;

        channel_read_row(&q, &channel);
        *more = *count == (size_t)list->limit || (*count > 0 && channel.member_ids.count > room);
        if (*more)
            break;
        room -= channel.member_ids.count < room ? channel.member_ids.count : room;
        (*channels)[*count] = channel;
    }
    query_close(&q);
    if (with_members)
        fill_page(tx, *channels, room, count, more);
    return tx_status(tx);
}

enum status channel_list_of(struct tx *tx, int64_t client, struct channel **channels, size_t *count)
{
    struct query q = query_open(tx,
                                CHANNEL_SELECT
                                " WHERE " CHANNEL_SHOWN " AND t.seq IN"
                                " (SELECT seq FROM message_channels WHERE client = $2"
                                " UNION ALL SELECT channel FROM message_channel_members"
                                " WHERE workspace = $1 AND client = $2"
                                " UNION ALL SELECT h.seq FROM memberships m"
                                " CROSS JOIN message_channels h ON h.company = m.company"
                                " AND h.kind = 2 WHERE m.workspace = $1 AND m.client = $2"
                                " UNION ALL SELECT h.seq FROM memberships m"
                                " CROSS JOIN companies p ON p.seq = m.company AND p.is_placeholder"
                                " CROSS JOIN message_channels h ON h.company = p.seq AND h.kind = 1"
                                " WHERE m.workspace = $1 AND m.client = $2)"
                                " ORDER BY t.seq LIMIT $3",
                                ARGS(arg_int(tx->workspace), arg_int(client), arg_int(OF_CLIENT)));

    *channels = arena_array(tx->arena, struct channel, OF_CLIENT);
    for (*count = 0; query_next(&q); (*count)++)
        channel_read_row(&q, &(*channels)[*count]);
    query_close(&q);
    return tx_status(tx);
}

bool channel_find_of_company(struct tx *tx, struct uuid company, struct channel *channel)
{
    struct query q = query_open(tx,
                                CHANNEL_SELECT " WHERE " CHANNEL_SHOWN " AND t.kind = 2"
                                               " AND t.company = (SELECT seq FROM companies"
                                               " WHERE workspace = $1 AND id = $2)",
                                ARGS(arg_int(tx->workspace), arg_id(company)));
    bool found = query_next(&q);

    if (found)
        channel_read_row(&q, channel);
    query_close(&q);
    return found;
}

enum status channel_delete_some(struct tx *tx, int64_t company, size_t most,
                                struct channel **channels, size_t *count)
{
    struct query q = query_open(
        tx, CHANNEL_SELECT " WHERE t.workspace = $1 AND t.company = $2 ORDER BY t.seq LIMIT $3",
        ARGS(arg_int(tx->workspace), arg_int(company), arg_int((int64_t)most)));

    *channels = arena_array(tx->arena, struct channel, most);
    for (*count = 0; query_next(&q); (*count)++)
        channel_read_row(&q, &(*channels)[*count]);
    query_close(&q);
    for (size_t i = 0; i < *count; i++) {
        struct channel *channel = &(*channels)[i];

        if (channel->kind == CHANNEL_COMPANY)
            channel_fill(tx, channel);
        query_run(tx, "DELETE FROM message_channels WHERE seq = $1", ARGS(arg_int(channel->seq)));
    }
    return tx_status(tx);
}

bool channel_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &channel_columns, scope, id);
}

size_t channel_sort_values(const struct list *list, const struct channel *channel,
                           struct arg values[2])
{
    size_t count = 0;

    if (str_is(str_from(list->sort->name), "lastMessageDate"))
        values[count++] = arg_int(channel->last_message_at);
    values[count++] = arg_int(channel->seq);
    return count;
}

/* Members lie where the query put them: they are bytes, and a client's groups are not kept twice. */
void channel_read_row(struct query *q, struct channel *channel)
{
    struct str members = query_blob(q, 7);

    _Static_assert(_Alignof(struct uuid) == 1, "ids may lie anywhere");
    *channel = (struct channel){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .kind = (int)query_int(q, 2),
        .client = query_int(q, 3),
        .company = query_int(q, 4),
        .client_id = query_id(q, 5),
        .company_id = query_id(q, 6),
        .member_ids = { (struct uuid *)(void *)(uintptr_t)members.at,
                        members.len / sizeof(struct uuid) },
        .last_message_at = query_int(q, 8),
        .created_at = query_int(q, 9),
        .updated_at = query_int(q, 10),
    };
    channel->entity_id = channel->company ? channel->company_id : channel->client_id;
    if (channel->kind == CHANNEL_INDIVIDUAL)
        channel_set_one(q->tx, channel);
    channel->member_count = (int64_t)channel->member_ids.count;
}

void channel_set_one(struct tx *tx, struct channel *channel)
{
    channel->member_ids = (struct ids){ arena_new(tx->arena, struct uuid), 1 };
    channel->member_ids.at[0] = channel->client_id;
    channel->member_count = 1;
}

bool channel_read_one(struct query q, struct channel *channel)
{
    bool found = query_next(&q);

    if (found)
        channel_read_row(&q, channel);
    query_close(&q);
    if (found)
        channel_fill(q.tx, channel);
    return found;
}

void channel_fill(struct tx *tx, struct channel *channel)
{
    if (channel->kind == CHANNEL_COMPANY)
        fill(tx, channel, arena_array(tx->arena, struct uuid, LIMIT_CHANNEL_SHOWN + 1),
             LIMIT_CHANNEL_SHOWN);
}

/* The first channel always has its place: a page that shows nothing would be followed by the same. */
static void fill_page(struct tx *tx, struct channel *channels, size_t room, size_t *count,
                      bool *more)
{
    struct uuid *into = NULL;

    for (size_t i = 0; i < *count; i++) {
        struct channel *channel = &channels[i];
        size_t most = i == 0 || room > LIMIT_CHANNEL_SHOWN ? LIMIT_CHANNEL_SHOWN : room;

        if (channel->kind != CHANNEL_COMPANY)
            continue;
        if (!into)
            into = arena_array(tx->arena, struct uuid, LIMIT_PAGE_MEMBERS + LIMIT_CHANNEL_SHOWN);
        if (!fill(tx, channel, into, most)) {
            *count = i;
            *more = true;
            return;
        }
        into += channel->member_ids.count;
        room -= channel->member_ids.count < room ? channel->member_ids.count : room;
    }
}

/* Into room for most + 1. False: it has more than `most`, and that is less than is shown of a channel. */
static bool fill(struct tx *tx, struct channel *channel, struct uuid *into, size_t most)
{
    size_t count = 0;
    struct query q = query_open(
        tx,
        "SELECT k.id FROM memberships m CROSS JOIN clients k ON k.seq = m.client"
        " AND k.archived_at IS NULL WHERE m.workspace = $1 AND m.company = $2"
        " ORDER BY m.client LIMIT $3",
        ARGS(arg_int(tx->workspace), arg_int(channel->company), arg_int((int64_t)most + 1)));

    while (query_next(&q))
        into[count++] = query_id(&q, 0);
    query_close(&q);
    if (count > most && most < LIMIT_CHANNEL_SHOWN)
        return false;
    channel->member_ids = (struct ids){ into, count < most ? count : most };
    channel->member_count = count > most ? count_members(tx, channel->company) : (int64_t)count;
    return true;
}

static int64_t count_members(struct tx *tx, int64_t company)
{
    return query_one_int(tx, 0,
                         "SELECT count(*) FROM memberships m CROSS JOIN clients k"
                         " ON k.seq = m.client AND k.archived_at IS NULL"
                         " WHERE m.workspace = $1 AND m.company = $2",
                         ARGS(arg_int(tx->workspace), arg_int(company)));
}
