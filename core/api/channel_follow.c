/* Channel follow: what becomes of channels when clients come, move and go. */
#include "api/message_channels.h"

#include "api/body.h"
#include "base/limits.h"
#include "store/company.h"
#include "store/record.h"

static enum status make_one(struct tx *tx, struct channel *wish);
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
    return channel_list_of(tx, client->seq, &watch->at, &watch->count);
}

enum status channel_tell(struct tx *tx, const struct channel_watch *watch)
{
    for (size_t i = 0; i < watch->count && tx_status(tx) == ST_OK; i++) {
        const struct channel *before = &watch->at[i];
        struct channel after;

        if (!channel_find_by_seq(tx, before->seq, &after)) {
            tell(tx, "message_channel.deleted", before, NULL);
        } else if (!ids_eq(before->member_ids, after.member_ids)) {
            channel_touch(tx, &after);
            tell(tx, "message_channel.updated", before, &after);
        }
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
