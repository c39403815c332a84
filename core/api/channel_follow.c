/* Channel follow: what becomes of channels when clients come, move and go. */
#include "api/message_channels.h"

#include "api/body.h"
#include "base/limits.h"
#include "store/company.h"
#include "store/record.h"

static enum status make_one(struct tx *tx, struct channel *wish);
static void tell_change(struct tx *tx, const struct channel *before);
static void tell_left(struct tx *tx, const struct channel *before, struct uuid client);
static void tell_one(struct tx *tx, const struct channel *channel, const char *what,
                     struct uuid client);
static void tell(struct tx *tx, const char *name, const struct channel *before,
                 const struct channel *after);

/* Where there are no companies, a company channel cannot be: then it is the individual one. */
enum status channel_make_for(struct tx *tx, const struct workspace *workspace,
                             const struct client *client)
{
    struct channel wish = { .kind = CHANNEL_INDIVIDUAL,
                            .client = client->seq,
                            .client_id = client->id };

    channel_set_one(tx, &wish);
    if (workspace->default_channel == DEFAULT_CHANNEL_NONE)
        return tx_status(tx);
    if (workspace->default_channel == DEFAULT_CHANNEL_INDIVIDUAL || !workspace->companies_enabled)
        return make_one(tx, &wish);
    for (size_t i = 0; i < client->company_ids.count; i++) {
        struct company company;

        if (!company_find(tx, client->company_ids.at[i], &company))
            continue;
        wish = (struct channel){ .kind = CHANNEL_COMPANY,
                                 .company = company.seq,
                                 .company_id = company.id };
        make_one(tx, &wish);
    }
    return tx_status(tx);
}

enum status channel_watch(struct tx *tx, const struct client *client, struct channel_watch *watch)
{
    watch->client = client->id;
    watch->companies = client->company_ids;
    return channel_list_of(tx, client->seq, &watch->at, &watch->count);
}

enum status channel_tell(struct tx *tx, const struct channel_watch *watch,
                         const struct client *after)
{
    struct ids companies = after ? after->company_ids : (struct ids){ 0 };

    for (size_t i = 0; i < watch->count && tx_status(tx) == ST_OK; i++)
        if (watch->at[i].kind != CHANNEL_COMPANY)
            tell_change(tx, &watch->at[i]);
        else if (!ids_has(companies, watch->at[i].company_id))
            tell_left(tx, &watch->at[i], watch->client);
    for (size_t i = 0; i < companies.count && tx_status(tx) == ST_OK; i++) {
        struct channel joined;

        if (!ids_has(watch->companies, companies.at[i]) &&
            channel_find_of_company(tx, companies.at[i], &joined) && channel_touch(tx, &joined))
            tell_one(tx, &joined, "joined", after->id);
    }
    return tx_status(tx);
}

size_t channel_end_some(struct tx *tx, int64_t company, size_t most)
{
    struct channel *channels;
    size_t count;

    if (channel_delete_some(tx, company, most, &channels, &count) != ST_OK)
        return 0;
    for (size_t i = 0; i < count; i++)
        tell(tx, "message_channel.deleted", &channels[i], NULL);
    return count;
}

/* A filter's reject undoes what the filters did, and no more. */
static enum status make_one(struct tx *tx, struct channel *wish)
{
    struct channel channel;
    struct failure rejected;
    int64_t *members = NULL;
    uint64_t given = 0;

    if (tx_status(tx) != ST_OK || channel_find_same(tx, wish, &channel))
        return tx_status(tx);
    tx_item_begin(tx);
    if (policy_filter(tx, "message_channel.create", &message_channel_entity, NULL, wish, &given) ==
            ST_OK &&
        (given == 0 || channel_settle(tx, wish, &members) == ST_OK) &&
        (given == 0 || !channel_find_same(tx, wish, &channel)) &&
        channel_create(tx, wish, members) == ST_OK)
        channel_record_new(tx, wish);
    tx_item_end(tx, &rejected);
    return tx_status(tx);
}

static void tell_change(struct tx *tx, const struct channel *before)
{
    struct channel after;

    if (!channel_find_by_seq(tx, before->seq, &after)) {
        tell(tx, "message_channel.deleted", before, NULL);
    } else if (!ids_eq(before->member_ids, after.member_ids)) {
        channel_touch(tx, &after);
        tell(tx, "message_channel.updated", before, &after);
    }
}

/* What went was of a placeholder, which went with the last client in it. */
static void tell_left(struct tx *tx, const struct channel *before, struct uuid client)
{
    struct channel channel = *before;

    if (channel_touch(tx, &channel)) {
        tell_one(tx, &channel, "left", client);
        return;
    }
    channel.updated_at = before->updated_at;
    channel.member_ids = (struct ids){ &client, 1 };
    channel.member_count = 1;
    tell(tx, "message_channel.deleted", &channel, NULL);
}

static void tell_one(struct tx *tx, const struct channel *channel, const char *what,
                     struct uuid client)
{
    uint64_t members = UINT64_C(1) << field_find(&message_channel_entity, STR("memberIds")) |
                       UINT64_C(1) << field_find(&message_channel_entity, STR("memberCount"));
    struct buf json;
    char id[UUID_TEXT];

    uuid_format(client, id);
    buf_init(&json, LIMIT_JSON_BODY);
    buf_text(&json, "{\"data\":");
    json_write(&message_channel_entity, channel, ~members, &json);
    buf_printf(&json, ",\"%s\":[\"%s\"]}", what, id);
    tx_event(tx, "message_channel.updated", "message_channel", channel->id, buf_view(&json));
    buf_fini(&json);
}

/* Not by record_payload: a client may be in many groups of many, and the arena keeps each text. */
static void tell(struct tx *tx, const char *name, const struct channel *before,
                 const struct channel *after)
{
    struct buf json;

    buf_init(&json, LIMIT_JSON_BODY);
    buf_text(&json, "{\"data\":");
    json_write(&message_channel_entity, after ? after : before, ~UINT64_C(0), &json);
    if (after) {
        buf_text(&json, ",\"before\":");
        json_write(&message_channel_entity, before, ~UINT64_C(0), &json);
    }
    buf_char(&json, '}');
    tx_event(tx, name, "message_channel", before->id, buf_view(&json));
    buf_fini(&json);
}
