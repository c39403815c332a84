/* Companies: /v1/companies. Who is in one is memberships.c. */
#include "api/companies.h"

#include "api/body.h"
#include "api/custom_values.h"
#include "api/list.h"
#include "api/operations.h"
#include "store/fold.h"
#include "store/record.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <stddef.h>

static route_target target, target_new, target_list;
static route_phase list, read_one, create, patch, put, delete_one;

static const char *const object[] = { "company", NULL };

enum { NAME_MIN = 2 };

#define AT(member) offsetof(struct company, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"company\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT, AT(name),
      NAME_MIN, 255, NULL, "name",
      "Unique in the workspace whatever its case and accents; a placeholder's is not." },
    { "isPlaceholder", FIELD_BOOL, FIELD_FILTER, AT(is_placeholder), 0, 0, NULL, "is_placeholder",
      "Made for a client without a company. One that is renamed is none any more; one that nobody "
      "changed goes when its last client leaves, without an event of its own." },
    { "iconImageUrl", FIELD_URL, FIELD_WRITE, AT(icon_url), 0, 0, NULL, "icon_url",
      "Picture: a public address of an image." },
    { "fallbackColor", FIELD_COLOR, FIELD_WRITE | FIELD_KEEP, AT(fallback_color), 0, 0, NULL,
      "fallback_color", "Shown without a picture; cleared: chosen by the id." },
    { "description", FIELD_TEXT, FIELD_WRITE | FIELD_LINES, AT(description), 0, 5000, NULL,
      "description", "What it does; for staff and for the company's own people." },
    { "website", FIELD_URL, FIELD_WRITE, AT(website), 0, 0, NULL, "website", "Home page." },
    { "address", FIELD_TEXT, FIELD_WRITE | FIELD_LINES, AT(address), 0, 500, NULL, "address",
      "Postal address, as on a letter." },
    { "tags", FIELD_TEXTS, FIELD_WRITE, AT(tags), 0, 50, NULL, "tags",
      "Words of your own, for rules and scopes." },
    { "accountManagerId", FIELD_ID, FIELD_WRITE | FIELD_FILTER, AT(account_manager), 0, 0, NULL,
      "account_manager", "The member of staff who looks after the company." },
    { "customFields", FIELD_JSON, FIELD_WRITE, AT(custom_fields), 0, 0, NULL, "custom_fields",
      "Values by the key of each custom field; an object, or its JSON text." },
    { 0 },
};
const struct entity company_entity = { "company", fields, sizeof(struct company) };

const struct route company_routes[] = {
    { GET, "/v1/companies", .entity = &company_entity, .may = "company.list", .target = target_list,
      .read = list, .flags = ROUTE_LIST, .summary = "List companies" },
    { POST, "/v1/companies", .entity = &company_entity, .may = "company.create",
      .target = target_new, .write = create, .summary = "Create a company" },
    { GET, "/v1/companies/{id}", .entity = &company_entity, .may = "company.read", .target = target,
      .read = read_one, .summary = "Retrieve a company" },
    { PATCH, "/v1/companies/{id}", .entity = &company_entity, .may = "company.update",
      .target = target, .write = patch, .summary = "Change what is named of a company" },
    { PUT, "/v1/companies/{id}", .entity = &company_entity, .may = "company.update",
      .target = target, .write = put, .summary = "Change a company and clear what is not named" },
    { DELETE, "/v1/companies/{id}", .entity = &company_entity, .may = "company.delete",
      .target = target, .write = delete_one, .flags = ROUTE_OPERATION,
      .summary = "Delete a company; its clients stay" },
    { 0 },
};

static enum status change(struct tx *tx, struct reply *rp, enum json_mode mode);
static enum status settle(struct tx *tx, const struct company *before, struct company *company,
                          uint64_t given, bool replace);
static enum status answer(struct tx *tx, struct reply *rp, const struct company *company);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct company *company = arena_new(tx->arena, struct company),
                   *wish = arena_new(tx->arena, struct company);

    if (companies_are_on(tx) != ST_OK || company_visible(tx, rq->target_id, company) != ST_OK)
        return tx_status(tx);
    *subject = (struct subject){ .entity = &company_entity, .row = company, .id = company->id };
    if (rq->method == PATCH || rq->method == PUT) {
        body_read(tx, rq, &company_entity, rq->method == PUT ? JSON_PUT : JSON_PATCH, wish,
                  &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct company *wish = arena_new(tx->arena, struct company);

    if (companies_are_on(tx) != ST_OK)
        return tx_status(tx);
    body_read(tx, rq, &company_entity, JSON_CREATE, wish, &subject->given);
    subject->entity = &company_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status target_list(struct tx *tx, const struct request *rq, struct subject *subject)
{
    (void)rq;
    (void)subject;
    return companies_are_on(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &company_entity,
                              .columns = &company_columns,
                              .total = company_count };
    struct list wanted;
    struct company *companies;

    if (list_read(tx, rq, &company_entity, &company_columns, &wanted) != ST_OK ||
        company_list(tx, &wanted, &companies, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = companies;
    if (list_has_more(&wanted, page.count)) {
        struct arg values[3];
        size_t count = company_sort_values(tx, &wanted, &companies[wanted.limit - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return answer(tx, rp, tx->subject->row);
}

/* ST_INVALID: faulty fields; ST_CONFLICT: the name is taken; ST_UNPROCESSABLE: a filter forbids it. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct company company = *(const struct company *)tx->subject->change;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "company.create", &company_entity, NULL, &company, &given) != ST_OK ||
        settle(tx, NULL, &company, given, false) != ST_OK || company_create(tx, &company) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "company.created", "company", company.id,
             record_payload(tx, &company_entity, NULL, &company));
    tx_audit(tx, "company.create", "company", company.id,
             record_detail(tx, &company_entity, NULL, &company));
    rp->entity_id = company.id;
    return answer(tx, rp, &company);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return change(tx, rp, JSON_PATCH);
}

static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return change(tx, rp, JSON_PUT);
}

static enum status change(struct tx *tx, struct reply *rp, enum json_mode mode)
{
    const struct company *before = tx->subject->row;
    struct company wish = *(const struct company *)tx->subject->change, company = *before;
    uint64_t given = tx->subject->given;

    if (policy_filter(tx, "company.update", &company_entity, before, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&company_entity, &wish, given, &company);
    if (settle(tx, before, &company, given, mode == JSON_PUT) != ST_OK ||
        company_update(tx, &company) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "company.updated", "company", company.id,
             record_payload(tx, &company_entity, before, &company));
    tx_audit(tx, "company.update", "company", company.id,
             record_detail(tx, &company_entity, before, &company));
    return answer(tx, rp, &company);
}

/* Its clients stay: who has no other gets a placeholder, unless a company is required. Many take an
 * operation. */
static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct company *company = tx->subject->row;
    struct workspace workspace;
    uint64_t given = 0;

    (void)rq;
    if (policy_filter(tx, "company.delete", &company_entity, company, &(struct company){ 0 },
                      &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    if (workspace.company_required && company_is_only_one(tx, company))
        return tx_fail(tx, ST_UNPROCESSABLE, "company_required",
                       "Clients of this workspace need a company, and some have only this one: "
                       "put them into another first.");
    if (company_has_more_than(tx, company, OPERATION_AT_ONCE))
        return company_delete_many(tx, company, rp);
    tx_event(tx, "company.deleted", "company", company->id,
             record_payload(tx, &company_entity, company, NULL));
    tx_audit(tx, "company.delete", "company", company->id,
             record_detail(tx, &company_entity, company, NULL));
    while (company_delete_step(tx, company, COMPANY_STEP) == COMPANY_STEP)
        ;
    return reply_deleted(tx, rp, "company", company->id);
}

/* What a change means beyond its fields. before NULL: is being made. */
static enum status settle(struct tx *tx, const struct company *before, struct company *company,
                          uint64_t given, bool replace)
{
    struct internal_user manager;

    if (!before || !str_eq(before->name, company->name)) {
        if (str_utf8_length(fold_text(tx->arena, company->name)) < NAME_MIN)
            tx_fail_field(tx, ST_INVALID, "name", "too_short",
                          "Give a name of at least %d visible characters.", NAME_MIN);
        company->is_placeholder = false;
    }
    if (body_gave(&company_entity, given, "customFields") || replace)
        company->custom_fields =
            custom_values_merge(tx, "company", before ? before->custom_fields : STR("{}"),
                                company->custom_fields, replace);
    if (body_gave(&company_entity, given, "accountManagerId") &&
        !uuid_is_none(company->account_manager) && tx_status(tx) == ST_OK &&
        !internal_user_find(tx, company->account_manager, &manager))
        tx_fail_field(tx, ST_INVALID, "accountManagerId", "not_found",
                      "There is no such member of staff.");
    return tx_status(tx);
}

static enum status answer(struct tx *tx, struct reply *rp, const struct company *company)
{
    if (tx_status(tx) == ST_OK)
        json_write(&company_entity, company, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}
