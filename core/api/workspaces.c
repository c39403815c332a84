/* Workspaces: /v1/workspaces, the one that the actor is in: its name, settings, branding. */
#include "api/workspaces.h"

#include "api/body.h"
#include "api/companies.h"
#include "api/site.h"
#include "base/limits.h"
#include "http/reply.h"
#include "store/record.h"

#include <stddef.h>

static route_target target;
static route_phase read_one, patch;

static const char *const channels[] = { "none", "individual", "company", NULL };

#define AT(member) offsetof(struct workspace, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, NULL, "Unique on the server, a UUID." },
    { "brandName", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(name), 1, 100, NULL, NULL,
      "Name of the firm." },
    { "industry", FIELD_TEXT, FIELD_UPDATE, AT(industry), 0, 100, NULL, NULL,
      "What the firm does." },
    { "portalUrl", FIELD_URL, 0, AT(portal_url), 0, 0, NULL, NULL, "Where clients sign in." },
    { "locale", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(locale), 2, 35, NULL, NULL,
      "Language of mails and pages, a BCP 47 tag: en, de, pt-BR." },
    { "timeZone", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(time_zone), 1, 64, NULL, NULL,
      "IANA time zone." },
    { "isCompaniesEnabled", FIELD_BOOL, FIELD_UPDATE, AT(companies_enabled), 0, 0, NULL, NULL,
      "Whether clients are grouped into companies. Off: nobody is in one, nothing is deleted, and "
      "once it is on again all are where they were; who has none gets a placeholder." },
    { "isCompanyRequired", FIELD_BOOL, FIELD_UPDATE, AT(company_required), 0, 0, NULL, NULL,
      "Whether a client must have a company that is no placeholder. Who has none stays so until "
      "its companies are next changed." },
    { "isOneCompanyPerClient", FIELD_BOOL, FIELD_UPDATE, AT(one_company), 0, 0, NULL, NULL,
      "Whether a client may be in one company only. Who is in several stays so until its companies "
      "are next changed." },
    { "isEmailRequired", FIELD_BOOL, FIELD_UPDATE, AT(email_required), 0, 0, NULL, NULL,
      "Whether every client must have an address." },
    { "isClientDirectSignUpEnabled", FIELD_BOOL, FIELD_UPDATE, AT(sign_up_enabled), 0, 0, NULL,
      NULL, "Whether people may sign themselves up." },
    { "clientsMayInvite", FIELD_BOOL, FIELD_UPDATE, AT(clients_may_invite), 0, 0, NULL, NULL,
      "Whether company admins among the clients may invite colleagues." },
    { "isDeletePermanent", FIELD_BOOL, FIELD_UPDATE, AT(delete_permanently), 0, 0, NULL, NULL,
      "Whether deleting a client removes its history as well." },
    { "defaultChannelType", FIELD_ENUM, FIELD_UPDATE | FIELD_REQUIRED, AT(default_channel), 0, 0,
      channels, NULL,
      "Which message channel is made with a new client: none, individual or company. Clients that "
      "are there keep what they have." },
    { "inviteDays", FIELD_INT, FIELD_UPDATE, AT(invite_days), 0, 365, NULL, NULL,
      "Days that an invite lives; 0: the server's default." },
    { "clientLimit", FIELD_INT, 0, AT(client_limit), 0, 0, NULL, NULL,
      "Most clients of the plan; -1: no limit." },
    { "clientCount", FIELD_INT, FIELD_NO_ETAG, AT(client_count), 0, 0, NULL, NULL,
      "Clients that are not archived." },
    { "colorAccent", FIELD_COLOR, FIELD_UPDATE | FIELD_REQUIRED, AT(color_accent), 0, 0, NULL, NULL,
      "Colour of buttons and links." },
    { "colorSidebarBackground", FIELD_COLOR, FIELD_UPDATE | FIELD_REQUIRED, AT(color_sidebar), 0, 0,
      NULL, NULL, "Background of the side bar." },
    { "colorSidebarText", FIELD_COLOR, FIELD_UPDATE | FIELD_REQUIRED, AT(color_sidebar_text), 0, 0,
      NULL, NULL, "Text of the side bar." },
    { "individualTerm", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(individual_term), 1, 40, NULL,
      NULL, "What a client is called." },
    { "individualTermPlural", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(individual_terms), 1,
      40, NULL, NULL, "What clients are called." },
    { "groupTerm", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(group_term), 1, 40, NULL, NULL,
      "What a company is called." },
    { "groupTermPlural", FIELD_TEXT, FIELD_UPDATE | FIELD_REQUIRED, AT(group_terms), 1, 40, NULL,
      NULL, "What companies are called." },
    { "labels", FIELD_JSON, 0, AT(labels), 0, 0, NULL, NULL,
      "The four terms together, as the SDK names them." },
    { "mailFromName", FIELD_TEXT, FIELD_UPDATE, AT(mail_from_name), 0, 100, NULL, NULL,
      "Name that mails come from; without: brandName." },
    { "createdAt", FIELD_TIME, 0, AT(created_at), 0, 0, NULL, NULL, "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, NULL, "When it was last changed." },
    { 0 },
};
const struct entity workspace_entity = { "workspace", fields, sizeof(struct workspace) };

const struct route workspace_routes[] = {
    { GET, "/v1/workspaces", .entity = &workspace_entity, .may = "workspace.read", .target = target,
      .read = read_one, .summary = "Retrieve the workspace" },
    { PATCH, "/v1/workspaces", .entity = &workspace_entity, .may = "workspace.update",
      .target = target, .write = patch, .summary = "Change settings of the workspace" },
    { 0 },
};

static void finish(struct tx *tx, struct workspace *workspace);
static void term(struct buf *out, const char *name, struct str value);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct workspace *workspace = arena_new(tx->arena, struct workspace);
    struct workspace *wish = arena_new(tx->arena, struct workspace);

    if (workspace_load(tx, workspace) != ST_OK)
        return tx_status(tx);
    finish(tx, workspace);
    *subject =
        (struct subject){ .entity = &workspace_entity, .row = workspace, .id = workspace->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &workspace_entity, JSON_PATCH, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return reply_row(tx, rp, 200, &workspace_entity, tx->subject->row);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct workspace *before = tx->subject->row;
    struct workspace wish = *(const struct workspace *)tx->subject->change, workspace = *before;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "workspace.update", &workspace_entity, before, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&workspace_entity, &wish, given, &workspace);
    if (workspace_update(tx, &workspace) != ST_OK ||
        companies_switched(tx, before->companies_enabled, workspace.companies_enabled) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    finish(tx, &workspace);
    tx_event(tx, "workspace.updated", "workspace", workspace.id,
             record_payload(tx, &workspace_entity, before, &workspace));
    tx_audit(tx, "workspace.update", "workspace", workspace.id,
             record_detail(tx, &workspace_entity, before, &workspace));
    return reply_row(tx, rp, 200, &workspace_entity, &workspace);
}

/* What is not in the row. */
static void finish(struct tx *tx, struct workspace *workspace)
{
    struct buf labels;

    buf_init(&labels, KIB(4));
    term(&labels, "{\"individualTerm\":", workspace->individual_term);
    term(&labels, ",\"individualTermPlural\":", workspace->individual_terms);
    term(&labels, ",\"groupTerm\":", workspace->group_term);
    term(&labels, ",\"groupTermPlural\":", workspace->group_terms);
    buf_char(&labels, '}');
    workspace->labels = str_copy(tx->arena, buf_view(&labels));
    buf_fini(&labels);
    workspace->portal_url = str_concat(tx->arena, site.base_url, STR("/"));
}

static void term(struct buf *out, const char *name, struct str value)
{
    buf_text(out, name);
    buf_json(out, value);
}
