/* Audit: GET /v1/audit. Entries are made by the changes that they tell of (store/record.h). */
#include "api/audit.h"

#include "api/list.h"
#include "store/audit.h"

#include <stddef.h>

static route_phase list;

static const char *const object[] = { "auditEntry", NULL };

#define AT(member) offsetof(struct audit_entry, member)
static const struct field fields[] = {
    { "number", FIELD_INT, 0, AT(seq), 0, 0, NULL, NULL,
      "Place in the workspace's chain, from 1 without gaps." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"auditEntry\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, NULL, "When." },
    { "action", FIELD_TEXT, FIELD_FILTER, AT(action), 0, 0, NULL, NULL, "What: client.create." },
    { "entity", FIELD_TEXT, 0, AT(entity), 0, 0, NULL, NULL, "Kind of what it was done to." },
    { "entityId", FIELD_ID, FIELD_FILTER, AT(entity_id), 0, 0, NULL, NULL, "What it was done to." },
    { "actorType", FIELD_TEXT, 0, AT(actor_kind), 0, 0, NULL, NULL, "Kind of who did it." },
    { "actorId", FIELD_ID, 0, AT(actor_id), 0, 0, NULL, NULL, "Who did it." },
    { "onBehalfOfType", FIELD_TEXT, 0, AT(behalf_kind), 0, 0, NULL, NULL,
      "For a key: kind of its owner." },
    { "onBehalfOfId", FIELD_ID, 0, AT(behalf_id), 0, 0, NULL, NULL, "For a key: its owner." },
    { "road", FIELD_TEXT, 0, AT(road), 0, 0, NULL, NULL, "api, session, link, command or system." },
    { "address", FIELD_TEXT, 0, AT(peer), 0, 0, NULL, NULL, "Network address." },
    { "requestId", FIELD_TEXT, 0, AT(request_id), 0, 0, NULL, NULL,
      "As in the answer and the log." },
    { "detail", FIELD_JSON, 0, AT(detail), 0, 0, NULL, NULL, "What it was before and after." },
    { "seal", FIELD_TEXT, 0, AT(seal), 0, 0, NULL, NULL,
      "Hash over this entry and the seal before; null: sealed in a moment." },
    { 0 },
};
const struct entity audit_entity = { "audit", fields, sizeof(struct audit_entry) };

const struct route audit_routes[] = {
    { GET, "/v1/audit", .entity = &audit_entity, .may = "audit.list", .read = list,
      .flags = ROUTE_LIST, .summary = "Who did what, when, from where" },
    { 0 },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &audit_entity, .columns = &audit_columns };
    struct list wanted;
    struct audit_entry *entries;

    if (list_read(tx, rq, &audit_entity, &audit_columns, &wanted) != ST_OK ||
        audit_list(tx, &wanted, &entries, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = entries;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(entries[wanted.limit - 1].seq)));
    return list_reply(tx, rq, &wanted, &page, rp);
}
