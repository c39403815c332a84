/* Archive: /v1/clients/{id}/restore. Archiving is DELETE, listing is ?archived=true: clients.c. */
#include "api/body.h"
#include "api/clients.h"
#include "api/message_channels.h"
#include "store/record.h"

#include <stddef.h>

static route_target target;
static route_phase restore;

/* What may stand in the way, and be given anew. */
#define AT(member) offsetof(struct client, member)
static const struct field fields[] = {
    { "email", FIELD_EMAIL, FIELD_CREATE, AT(email), 3, 254, NULL, NULL,
      "An address that is free; without: the one that it had." },
    { "companyId", FIELD_ID, FIELD_CREATE, AT(company_id), 0, 0, NULL, NULL,
      "Its company from now on; without: those that it had." },
    { 0 },
};
static const struct entity restore_entity = { "client", fields, sizeof(struct client) };

const struct route archive_routes[] = {
    { POST, "/v1/clients/{id}/restore", .entity = &client_entity, .body = &restore_entity,
      .may = "client.restore", .target = target, .write = restore, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Take a client out of the archive" },
    { 0 },
};

static uint64_t as_fields_of_client(uint64_t given);

/* Archived or not: who may see it is told that it is not. */
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct client *client = arena_new(tx->arena, struct client),
                  *wish = arena_new(tx->arena, struct client);
    struct scope scope;
    uint64_t given;

    if (client_load_any(tx, rq->target_id, client) != ST_OK ||
        policy_scope(tx, "client", &scope) != ST_OK)
        return tx_status(tx);
    if (!(client->archived_at ? client_archived_is_in_scope : client_is_in_scope)(tx, client->id,
                                                                                  &scope))
        return tx_not_found(tx);
    body_read(tx, rq, &restore_entity, JSON_CREATE, wish, &given);
    *subject = (struct subject){ .entity = &client_entity,
                                 .row = client,
                                 .change = wish,
                                 .given = as_fields_of_client(given),
                                 .id = client->id };
    return tx_status(tx);
}

/* ST_CONFLICT: it is not archived, or its address is somebody else's; ST_UNPROCESSABLE: a setting, a
 * filter or the limit of clients forbids it. */
static enum status restore(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct client *before = tx->subject->row;
    struct client wish = *(const struct client *)tx->subject->change, client = *before;
    uint64_t given = tx->subject->given;
    struct workspace workspace;

    (void)rq;
    if (policy_filter(tx, "client.restore", &client_entity, before, &wish, &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    body_apply(&client_entity, &wish, given, &client);
    if (client.company_ids.count == 0) /* gone meanwhile: what is new has none either */
        given |= UINT64_C(1) << field_find(&client_entity, STR("companyId"));
    if (client_settle(tx, &workspace, before, &client, given, false) != ST_OK ||
        client_restore(tx, &client) != ST_OK || client_load(tx, client.id, &client) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "client.restored", "client", client.id,
             record_payload(tx, &client_entity, before, &client));
    tx_audit(tx, "client.restore", "client", client.id,
             record_detail(tx, &client_entity, before, &client));
    channel_tell(tx, &(struct channel_watch){ 0 }, &client);
    channel_make_for(tx, &workspace, &client); /* that of before comes back, where there was one */
    return client_answer(tx, rp, &client);
}

static uint64_t as_fields_of_client(uint64_t given)
{
    uint64_t mask = 0;

    for (int i = 0; fields[i].name; i++)
        if (given >> i & 1u)
            mask |= UINT64_C(1) << field_find(&client_entity, str_from(fields[i].name));
    return mask;
}
