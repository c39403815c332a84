/* Company bulk: what is done to all clients of a company: deleting them, moving them, and taking them
 * out of one that is deleted. At once where they are few, as an operation where they are many.
 */
#include "api/companies.h"

#include "api/body.h"
#include "api/clients.h"
#include "api/list.h"
#include "api/message_channels.h"
#include "api/operations.h"
#include "base/limits.h"
#include "http/json.h"
#include "http/reply.h"
#include "store/record.h"
#include "store/workspace.h"

#include <stddef.h>

static route_target target, target_move;
static route_phase delete_clients, move_clients;

/* Body of move-clients. */
struct move_request {
    struct uuid company_id;
};
static const struct field move_fields[] = {
    { "companyId", FIELD_ID, FIELD_WRITE | FIELD_REQUIRED,
      offsetof(struct move_request, company_id), 0, 0, NULL, NULL,
      "The company that they come into." },
    { 0 },
};
static const struct entity move_entity = { "company_move", move_fields,
                                           sizeof(struct move_request) };

const struct route company_bulk_routes[] = {
    { POST, "/v1/companies/{id}/delete-clients", .entity = &company_entity,
      .may = "company.delete_clients", .target = target, .write = delete_clients,
      .answer = &verdict_entity, .flags = ROUTE_OPTIONAL_BODY | ROUTE_OPERATION | ROUTE_ALL,
      .summary = "Delete all clients of a company, each as DELETE /v1/clients/{id} would" },
    { POST, "/v1/companies/{id}/move-clients", .entity = &company_entity, .body = &move_entity,
      .may = "company.move_clients", .target = target_move, .write = move_clients,
      .answer = &verdict_entity, .flags = ROUTE_OPERATION | ROUTE_ALL,
      .summary = "Move all clients of a company into another one, as members" },
    { 0 },
};

/* Clients that a step takes which is not an item. */
enum { FINISH_STEP = 20 };

static struct ids clients_of(struct tx *tx, const struct company *company);
static enum status load_member(struct tx *tx, struct uuid id, struct uuid company,
                               struct client *client);
static void check_destination(struct tx *tx, const struct company *from,
                              const struct move_request *move);
static bool find_destination(struct tx *tx, struct uuid id, struct company *to);
static struct ids without(struct tx *tx, struct ids ids, struct uuid id);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct company *company = arena_new(tx->arena, struct company);

    if (companies_are_on(tx) != ST_OK || company_visible(tx, rq->target_id, company) != ST_OK)
        return tx_status(tx);
    *subject = (struct subject){ .entity = &company_entity, .row = company, .id = company->id };
    return tx_status(tx);
}

static enum status target_move(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct move_request move = { .company_id = UUID_NONE };
    uint64_t given;

    if (target(tx, rq, subject) != ST_OK)
        return tx_status(tx);
    body_read(tx, rq, &move_entity, JSON_CREATE, &move, &given);
    check_destination(tx, subject->row, &move);
    return tx_status(tx);
}

static enum status delete_clients(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct company *company = tx->subject->row;
    struct operation operation = { .kind = STR("company.delete_clients"),
                                   .subject = company->id,
                                   .input = STR("{}") };

    if (body_none(tx, rq) != ST_OK)
        return tx_status(tx);
    return operation_do(tx, &operation, clients_of(tx, company), rp);
}

static enum status move_clients(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct company *company = tx->subject->row;
    struct operation operation = { .kind = STR("company.move_clients"), .subject = company->id };
    struct move_request move;
    uint64_t given;
    char id[UUID_TEXT];

    if (body_read(tx, rq, &move_entity, JSON_CREATE, &move, &given) != ST_OK)
        return tx_status(tx);
    uuid_format(move.company_id, id);
    operation.input = str_printf(tx->arena, "{\"companyId\":\"%s\"}", id);
    return operation_do(tx, &operation, clients_of(tx, company), rp);
}

enum status company_delete_many(struct tx *tx, const struct company *company, struct reply *rp)
{
    struct operation operation = { .kind = STR("company.delete"),
                                   .subject = company->id,
                                   .input = STR("{}") };

    return operation_start(tx, &operation, clients_of(tx, company), rp);
}

/* ---- Items ------------------------------------------------------------------------------------- */

enum status operation_delete_client(struct tx *tx, const struct operation *operation,
                                    struct uuid id)
{
    struct client client;
    const struct subject subject = { .entity = &client_entity, .row = &client, .id = id };

    if (load_member(tx, id, operation->subject, &client) != ST_OK ||
        policy_may(tx, "client.delete", &subject) != ST_OK)
        return tx_status(tx);
    return client_remove(tx, &client);
}

/* As PATCH with companyIds would, by who sees what he sees: the new company stands where the old one stood. */
enum status operation_move_client(struct tx *tx, const struct operation *operation, struct uuid id)
{
    struct client before, wish = { 0 }, after;
    struct move_request move = { .company_id = UUID_NONE };
    struct company to;
    struct subject subject = {
        .entity = &client_entity, .row = &before, .change = &wish, .id = id
    };

    if (operation_input(tx, operation, &move_entity, &move) != ST_OK ||
        load_member(tx, id, operation->subject, &before) != ST_OK)
        return tx_status(tx);
    if (!find_destination(tx, move.company_id, &to))
        return tx_fail(tx, ST_CONFLICT, "destination_gone",
                       "The company to move to is gone: move the clients to another one.");
    wish.company_ids = without(tx, before.company_ids, to.id);
    for (size_t i = 0; i < wish.company_ids.count; i++)
        if (uuid_eq(wish.company_ids.at[i], operation->subject))
            wish.company_ids.at[i] = to.id;
    wish.company_ids = list_seen_companies(tx, wish.company_ids);
    subject.given = UINT64_C(1) << field_find(&client_entity, STR("companyIds"));
    if (policy_may(tx, "client.update", &subject) != ST_OK)
        return tx_status(tx);
    return client_apply(tx, &before, &wish, subject.given, false, &after);
}

/* Leaves a company that is being deleted: who has no other gets a placeholder. */
enum status operation_leave_company(struct tx *tx, const struct operation *operation,
                                    struct uuid id)
{
    struct client before, after;
    struct channel_watch channels;
    struct company company;
    struct workspace workspace;
    const struct subject subject = { .entity = &company_entity,
                                     .row = &company,
                                     .id = operation->subject };

    if (companies_are_on(tx) != ST_OK ||
        company_visible(tx, operation->subject, &company) != ST_OK ||
        policy_may(tx, "company.delete", &subject) != ST_OK ||
        load_member(tx, id, operation->subject, &before) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    after = before;
    after.company_ids = without(tx, before.company_ids, operation->subject);
    if (after.company_ids.count == 0 && workspace.company_required)
        return tx_fail(tx, ST_UNPROCESSABLE, "company_required",
                       "A client of this workspace needs a company: put it into another first.");
    after.company_id = after.company_ids.count ? after.company_ids.at[0] : UUID_NONE;
    if (after.company_ids.count == 0)
        client_choose_company(tx, &workspace, &after);
    if (channel_watch(tx, &before, &channels) != ST_OK || client_update(tx, &after) != ST_OK)
        return tx_status(tx);
    client_record(tx, &before, &after);
    return channel_tell(tx, &channels, &after);
}

/* Takes out those who are left (they came while it ran, or are archived, or not for the actor to see), and
 * deletes the company with the last of them. It may have gone by itself, or by another. */
bool operation_delete_company(struct tx *tx, const struct operation *operation)
{
    struct company company;
    struct workspace workspace;
    const struct subject subject = { .entity = &company_entity,
                                     .row = &company,
                                     .id = operation->subject };
    uint64_t given = 0;

    if (companies_are_on(tx) != ST_OK || !company_find(tx, operation->subject, &company))
        return true;
    if (policy_may(tx, "company.delete", &subject) != ST_OK ||
        policy_filter(tx, "company.delete", &company_entity, &company, &(struct company){ 0 },
                      &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return true;
    if (workspace.company_required && company_is_only_one(tx, &company)) {
        tx_fail(tx, ST_UNPROCESSABLE, "company_required",
                "Some clients have only this company, and this workspace asks for one: it stays.");
        return true;
    }
    if (company_delete_step(tx, &company, FINISH_STEP) == FINISH_STEP)
        return false;
    tx_event(tx, "company.deleted", "company", company.id,
             record_payload(tx, &company_entity, &company, NULL));
    tx_audit(tx, "company.delete", "company", company.id,
             record_detail(tx, &company_entity, &company, NULL));
    return true;
}

/* Those whom the actor sees, at most LIMIT_OPERATION_ITEMS: who has more asks again. */
static struct ids clients_of(struct tx *tx, const struct company *company)
{
    struct ids ids = { 0 };
    struct scope scope;

    if (policy_scope(tx, "client", &scope) == ST_OK)
        client_ids_in(tx, company->seq, &scope, LIMIT_OPERATION_ITEMS, &ids);
    return ids;
}

/* ST_NOT_FOUND: gone, or not for the actor to see; ST_CONFLICT: it has left the company meanwhile. */
static enum status load_member(struct tx *tx, struct uuid id, struct uuid company,
                               struct client *client)
{
    struct scope scope;

    if (client_load(tx, id, client) != ST_OK || policy_scope(tx, "client", &scope) != ST_OK)
        return tx_status(tx);
    if (!client_is_in_scope(tx, id, &scope))
        return tx_not_found(tx);
    if (!ids_has(client->company_ids, company))
        return tx_fail(tx, ST_CONFLICT, "left_company",
                       "This client has left the company since: it stays as it is.");
    return tx_status(tx);
}

static void check_destination(struct tx *tx, const struct company *from,
                              const struct move_request *move)
{
    struct company to;

    if (tx_status(tx) != ST_OK)
        return;
    if (uuid_eq(from->id, move->company_id)) {
        tx_fail_field(tx, ST_INVALID, "companyId", "same_company",
                      "Its clients are in this company already: name another one.");
        return;
    }
    if (!find_destination(tx, move->company_id, &to))
        tx_fail_field(tx, ST_INVALID, "companyId", "not_found", "There is no such company.");
}

/* Whether it is there, for the actor. A scope that failed is not a company that is gone: that sticks. */
static bool find_destination(struct tx *tx, struct uuid id, struct company *to)
{
    struct scope scope;

    return company_find(tx, id, to) &&
           (policy_scope(tx, "company", &scope) != ST_OK || company_is_in_scope(tx, id, &scope));
}

static struct ids without(struct tx *tx, struct ids ids, struct uuid id)
{
    struct ids rest = { arena_array(tx->arena, struct uuid, ids.count), 0 };

    for (size_t i = 0; i < ids.count; i++)
        if (!uuid_eq(ids.at[i], id))
            rest.at[rest.count++] = ids.at[i];
    return rest;
}
