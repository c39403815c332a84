/* Sign-in pages: /, /sign-in, /sign-out, /forgot, (what they look like: assets.c). Data beside page.h's:
 *
 *   page.sign_in  email, workspaceId, and what page_failure gives
 *   page.forgot   email, workspaceId, sent, and the same
 *   page.home     kind, givenName, familyName, email, isStaff, hasSeveral (workspaces, to choose from)
 */
#include "api/pages.h"

#include "api/accept.h"
#include "api/page.h"
#include "store/client.h"
#include "store/staff.h"

static route_phase home, sign_in_get, sign_in_read, sign_in_write, sign_out_post, forgot_get,
    forgot_post;

#define PAGE (ROUTE_PAGE | ROUTE_HIDDEN)

const struct route sign_in_page_routes[] = {
    { GET, "/", .open = "whoever is not signed in is sent to the sign-in page", .read = home,
      .flags = PAGE },
    { GET, "/sign-in", .open = "this is where one signs in", .read = sign_in_get, .flags = PAGE },
    { POST, "/sign-in", .open = "address and password are the permission", .read = sign_in_read,
      .work = password_work_run, .write = sign_in_write, .flags = PAGE | ROUTE_PASSWORD },
    { POST, "/sign-out", .open = "ends the session that it comes with", .write = sign_out_post,
      .flags = PAGE },
    { GET, "/forgot", .open = "a link goes to the address only", .read = forgot_get,
      .flags = PAGE },
    { POST, "/forgot", .open = "a link goes to the address only", .write = forgot_post,
      .flags = PAGE },
    { 0 },
};

static enum status show_sign_in(struct tx *tx, const struct request *rq, struct reply *rp,
                                const struct failure *failure);
static void try_workspace(struct tx *tx, struct str id);
static bool names_another(const struct tx *tx, const struct request *rq);

static enum status home(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool is_client = tx->actor.kind == ACTOR_CLIENT, is_staff = tx->actor.kind == ACTOR_STAFF;
    struct internal_user user;
    struct place places[LOGIN_PLACES];
    struct client client;
    struct page page;

    (void)rq;
    if (!is_client && !is_staff) {
        reply_redirect(rp, tx->arena, STR("/sign-in"));
        return tx_status(tx);
    }
    if (is_client ? client_load(tx, tx->actor.id, &client)
                  : internal_user_load(tx, tx->actor.id, &user))
        return tx_status(tx);
    page_begin(&page, tx);
    page_text(&page, "kind", str_from(actor_kind_name(tx->actor.kind)));
    page_text(&page, "givenName", is_client ? client.given_name : user.given_name);
    page_text(&page, "familyName", is_client ? client.family_name : user.family_name);
    page_text(&page, "email", is_client ? client.email : user.email);
    page_flag(&page, "isStaff", is_staff);
    page_flag(&page, "hasSeveral", session_places(tx, places) > 1);
    return page_end(&page, "page.home", 200, rp);
}

static enum status sign_in_get(struct tx *tx, const struct request *rq, struct reply *rp)
{
    if (tx->actor.kind == ACTOR_CLIENT || tx->actor.kind == ACTOR_STAFF) {
        reply_redirect(rp, tx->arena, names_another(tx, rq) ? STR("/workspaces") : STR("/"));
        return tx_status(tx);
    }
    return show_sign_in(tx, rq, rp, NULL);
}

static enum status sign_in_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    tx_item_begin(tx);
    if (login_choose(tx, request_form(rq, "workspaceId")) == ST_OK)
        login_prepare(tx, request_form(rq, "email"), request_form(rq, "password"));
    if (tx_item_end(tx, &failure) != ST_OK && tx_status(tx) == ST_OK)
        return show_sign_in(tx, rq, rp, &failure);
    return tx_status(tx);
}

static enum status sign_in_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct place places[LOGIN_PLACES];
    struct failure failure;
    bool is_open;

    if (login_choose(tx, request_form(rq, "workspaceId")) != ST_OK)
        return tx_status(tx);
    is_open = !tx->workspace;
    if (login_finish(tx, rq, rp, request_form(rq, "email"))) {
        bool has_choice = is_open && session_places(tx, places) > 1;

        reply_redirect(rp, tx->arena, has_choice ? STR("/workspaces") : STR("/"));
        return tx_status(tx);
    }
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    failure_clear(&failure);
    failure_set(&failure, tx->arena, ST_UNAUTHENTICATED, "wrong_credentials", LOGIN_REFUSED);
    return show_sign_in(tx, rq, rp, &failure);
}

static enum status sign_out_post(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (sign_out(tx, rp) == ST_OK)
        reply_redirect(rp, tx->arena, STR("/sign-in"));
    return tx_status(tx);
}

static enum status forgot_get(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct page page;

    try_workspace(tx, request_query(rq, "workspaceId"));
    page_begin(&page, tx);
    page_text(&page, "email", STR_NONE);
    page_text(&page, "workspaceId", request_query(rq, "workspaceId"));
    page_flag(&page, "sent", false);
    page_failure(&page, NULL);
    return page_end(&page, "page.forgot", 200, rp);
}

static enum status forgot_post(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;
    struct page page;

    tx_item_begin(tx);
    if (login_choose(tx, request_form(rq, "workspaceId")) == ST_OK)
        forgot(tx, request_form(rq, "email"));
    if (tx_item_end(tx, &failure) != ST_OK && tx_status(tx) != ST_OK)
        return tx_status(tx);
    page_begin(&page, tx);
    page_text(&page, "email", request_form(rq, "email"));
    page_text(&page, "workspaceId", request_form(rq, "workspaceId"));
    page_flag(&page, "sent", failure.status == ST_OK);
    page_failure(&page, &failure);
    return page_end(&page, "page.forgot",
                    failure.status == ST_OK ? 200 : status_http(failure.status), rp);
}

static enum status show_sign_in(struct tx *tx, const struct request *rq, struct reply *rp,
                                const struct failure *failure)
{
    struct str workspace =
        rq->is_form ? request_form(rq, "workspaceId") : request_query(rq, "workspaceId");
    struct page page;

    try_workspace(tx, workspace);
    page_begin(&page, tx);
    page_text(&page, "email", rq->is_form ? request_form(rq, "email") : STR_NONE);
    page_text(&page, "workspaceId", workspace);
    page_failure(&page, failure);
    return page_end(&page, "page.sign_in", failure ? status_http(failure->status) : 200, rp);
}

/* For the look of the page alone: none, or several, is no fault here. */
static void try_workspace(struct tx *tx, struct str id)
{
    struct failure failure;
    int64_t before = tx->workspace;

    tx_item_begin(tx);
    choose_workspace(tx, id);
    if (tx_item_end(tx, &failure) != ST_OK)
        tx->workspace = before;
}

/* Whether the address of the page is that of a workspace in which one is not signed in. */
static bool names_another(const struct tx *tx, const struct request *rq)
{
    struct uuid id;

    return uuid_parse(request_query(rq, "workspaceId"), &id) && !uuid_eq(id, tx->workspace_id);
}
