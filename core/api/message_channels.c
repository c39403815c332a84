/* Message channels: /v1/message-channels. What a body means is channel_change.c, what clients bring about
 * is channel_follow.c. */
#include "api/message_channels.h"

#include "api/body.h"
#include "api/list.h"
#include "base/limits.h"
#include "http/reply.h"
#include "store/record.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, patch, delete_one;

static const char *const object[] = { "messageChannel", NULL };
static const char *const kinds[] = { "individual", "group", "company", NULL };

#define AT(member) offsetof(struct channel, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"messageChannel\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "membershipType", FIELD_ENUM, FIELD_CREATE | FIELD_REQUIRED | FIELD_FILTER, AT(kind), 0, 0,
      kinds, "kind",
      "individual: of one client; group: of some clients of one company; company: of all clients "
      "of a company, whoever they are." },
    { "membershipEntityId", FIELD_ID, FIELD_CREATE | FIELD_FILTER, AT(entity_id), 0, 0, NULL, NULL,
      "The old name: clientId of an individual channel, companyId of the others." },
    { "clientId", FIELD_ID, FIELD_CREATE | FIELD_FILTER, AT(client_id), 0, 0, NULL, NULL,
      "The client of an individual channel." },
    { "companyId", FIELD_ID, FIELD_CREATE | FIELD_FILTER, AT(company_id), 0, 0, NULL, NULL,
      "The company of a group or company channel. A group needs it only where its members share "
      "several." },
    { "memberIds", FIELD_IDS, FIELD_WRITE, AT(member_ids), 0, LIMIT_GROUP_MEMBERS, NULL, NULL,
      "The clients in it. Given for a group only, two or more; of a company channel the first "
      "10,000." },
    { "memberCount", FIELD_INT, 0, AT(member_count), 0, 0, NULL, NULL, "How many are in it." },
    { "lastMessageDate", FIELD_TIME, FIELD_SORT, AT(last_message_at), 0, 0, NULL, "last_message_at",
      "When the newest message was sent; null: none yet." },
    { 0 },
};
const struct entity message_channel_entity = { "message_channel", fields, sizeof(struct channel) };

static const struct route_query by_member[] = {
    { "memberId", "Only channels that this client is in." },
    { 0 },
};

const struct route message_channel_routes[] = {
    { GET, "/v1/message-channels", .entity = &message_channel_entity, .may = "message_channel.list",
      .read = list, .query = by_member, .flags = ROUTE_LIST, .summary = "List message channels" },
    { POST, "/v1/message-channels", .entity = &message_channel_entity,
      .may = "message_channel.create", .target = target_new, .write = create,
      .summary = "Create a message channel, or retrieve the one that is the same" },
    { GET, "/v1/message-channels/{id}", .entity = &message_channel_entity,
      .may = "message_channel.read", .target = target, .read = read_one,
      .summary = "Retrieve a message channel" },
    { PATCH, "/v1/message-channels/{id}", .entity = &message_channel_entity,
      .may = "message_channel.update", .target = target, .write = patch,
      .summary = "Change the members of a group" },
    { DELETE, "/v1/message-channels/{id}", .entity = &message_channel_entity,
      .may = "message_channel.delete", .target = target, .write = delete_one,
      .summary = "Delete a group" },
    { 0 },
};

static enum status refuse_kind(struct tx *tx, const struct channel *channel, const char *what);
static enum status answer(struct tx *tx, struct reply *rp, const struct channel *channel);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct channel *channel = arena_new(tx->arena, struct channel),
                   *wish = arena_new(tx->arena, struct channel);
    struct scope scope;

    if (channel_load(tx, rq->target_id, channel) != ST_OK ||
        policy_scope(tx, "message_channel", &scope) != ST_OK)
        return tx_status(tx);
    if (!channel_is_in_scope(tx, channel->id, &scope))
        return tx_not_found(tx);
    *subject =
        (struct subject){ .entity = &message_channel_entity, .row = channel, .id = channel->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &message_channel_entity, JSON_PATCH, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct channel *wish = arena_new(tx->arena, struct channel);

    body_read(tx, rq, &message_channel_entity, JSON_CREATE, wish, &subject->given);
    subject->entity = &message_channel_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &message_channel_entity, .columns = &channel_columns };
    uint64_t only = list_fields(rq, &message_channel_entity);
    bool with_members = body_gave(&message_channel_entity, only, "memberIds") ||
                        body_gave(&message_channel_entity, only, "memberCount");
    struct list wanted;
    struct channel *channels;
    bool more;

    if (list_read(tx, rq, &message_channel_entity, &channel_columns, &wanted) != ST_OK ||
        channel_list(tx, &wanted, with_members, &channels, &page.count, &more) != ST_OK)
        return tx_status(tx);
    page.rows = channels;
    if (more) {
        struct arg values[2];
        size_t count = channel_sort_values(&wanted, &channels[page.count - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return answer(tx, rp, tx->subject->row);
}

/* One that is there is answered as it is: nothing is made, so no filter is asked. ST_INVALID: faulty
 * fields; ST_UNPROCESSABLE: the rules of channels, or a filter. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct channel wish = *(const struct channel *)tx->subject->change, channel;
    uint64_t given = tx->subject->given;
    int64_t *members = NULL;
    struct scope scope;

    (void)rq;
    if (channel_settle(tx, &wish, &members) != ST_OK)
        return tx_status(tx);
    if (!channel_find_same(tx, &wish, &channel)) {
        if (policy_filter(tx, "message_channel.create", &message_channel_entity, NULL, &wish,
                          &given) != ST_OK ||
            channel_settle(tx, &wish, &members) != ST_OK)
            return tx_status(tx);
        if (!channel_find_same(tx, &wish, &channel)) {
            channel = wish;
            if (channel_own_members(tx, &wish) == ST_OK &&
                channel_create(tx, &channel, members) == ST_OK)
                channel_record_new(tx, &channel);
        }
    }
    if (policy_scope(tx, "message_channel", &scope) != ST_OK)
        return tx_status(tx);
    if (!channel_is_in_scope(tx, channel.id, &scope))
        return tx_fail(tx, ST_UNPROCESSABLE, "not_yours",
                       "You would not see this channel: ask somebody who does.");
    rp->entity_id = channel.id;
    return answer(tx, rp, &channel);
}

/* ST_CONFLICT: another group has these members. */
static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct channel *before = tx->subject->row;
    struct channel wish = *(const struct channel *)tx->subject->change, channel = *before;
    uint64_t given = tx->subject->given;
    int64_t *members;

    (void)rq;
    if (before->kind != CHANNEL_GROUP)
        return refuse_kind(tx, before, "changed");
    if (policy_filter(tx, "message_channel.update", &message_channel_entity, before, &wish,
                      &given) != ST_OK)
        return tx_status(tx);
    if (!body_gave(&message_channel_entity, given, "memberIds"))
        return answer(tx, rp, before);
    if (channel_settle_members(tx, before, &wish, &members) != ST_OK)
        return tx_status(tx);
    if (ids_eq(wish.member_ids, before->member_ids))
        return answer(tx, rp, before);
    if (channel_set_members(tx, &channel, wish.member_ids, members) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "message_channel.updated", "message_channel", channel.id,
             record_payload(tx, &message_channel_entity, before, &channel));
    tx_audit(tx, "message_channel.update", "message_channel", channel.id,
             record_detail(tx, &message_channel_entity, before, &channel));
    return answer(tx, rp, &channel);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct channel *channel = tx->subject->row;
    uint64_t given = 0;

    (void)rq;
    if (channel->kind != CHANNEL_GROUP)
        return refuse_kind(tx, channel, "deleted");
    if (channel_own_members(tx, channel) != ST_OK)
        return tx_status(tx);
    if (policy_filter(tx, "message_channel.delete", &message_channel_entity, channel,
                      &(struct channel){ 0 }, &given) != ST_OK ||
        channel_delete(tx, channel) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "message_channel.deleted", "message_channel", channel->id,
             record_payload(tx, &message_channel_entity, channel, NULL));
    tx_audit(tx, "message_channel.delete", "message_channel", channel->id,
             record_detail(tx, &message_channel_entity, channel, NULL));
    return reply_deleted(tx, rp, object[0], channel->id);
}

void channel_record_new(struct tx *tx, const struct channel *channel)
{
    tx_event(tx, "message_channel.created", "message_channel", channel->id,
             record_payload(tx, &message_channel_entity, NULL, channel));
    tx_audit(tx, "message_channel.create", "message_channel", channel->id,
             record_detail(tx, &message_channel_entity, NULL, channel));
}

static enum status refuse_kind(struct tx *tx, const struct channel *channel, const char *what)
{
    if (channel->kind == CHANNEL_INDIVIDUAL)
        return tx_fail(tx, ST_UNPROCESSABLE, "not_a_group",
                       "Only groups can be %s: an individual channel is there as long as its "
                       "client.",
                       what);
    return tx_fail(tx, ST_UNPROCESSABLE, "not_a_group",
                   "Only groups can be %s: a company channel follows its company; add clients to "
                   "the company, or remove them from it.",
                   what);
}

static enum status answer(struct tx *tx, struct reply *rp, const struct channel *channel)
{
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    json_write(&message_channel_entity, channel, ~UINT64_C(0), reply_json(rp, 200));
    return ST_OK;
}
