/* Account: the page on which a person changes his own profile and password, and ends his sessions.
 *
 * The forms ask what the JSON routes ask (me.c, reset.c), with their input. Data beside page.h's:
 *
 *   page.account  kind, givenName, familyName, email, isStaff, phone, position, sessions (as of
 *                 GET /v1/sessions), saved (profile, password, session, or nothing), about (the form that
 *                 was refused: profile, password), and what page_failure gives
 */
#include "api/pages.h"

#include "api/accept.h"
#include "api/me.h"
#include "api/page.h"
#include "store/client.h"
#include "store/staff.h"

#include <string.h>

static route_phase show, profile_write, password_read, password_write, session_write;

#define PAGE (ROUTE_PAGE | ROUTE_HIDDEN)

const struct route account_page_routes[] = {
    { GET, "/account", .may = "me.read", .read = show, .flags = PAGE },
    { POST, "/account", .may = "me.update", .write = profile_write, .flags = PAGE },
    { POST, "/account/password", .may = "me.update", .read = password_read,
      .work = password_work_run, .write = password_write, .flags = PAGE | ROUTE_PASSWORD },
    { POST, "/account/sessions/{id}/end", .may = "session.delete", .target = me_session_target,
      .write = session_write, .flags = PAGE },
    { 0 },
};

static enum status show_account(struct tx *tx, const struct request *rq, struct reply *rp,
                                const char *about, const struct failure *failure);
static void page_wish(struct page *page, const struct request *rq, const char *name,
                      struct str value);

static enum status show(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return show_account(tx, rq, rp, NULL, NULL);
}

/* Asked again with what the form gives, so that a rule which looks at it holds here, too. */
static enum status profile_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct subject subject = { 0 };
    struct failure failure;

    tx_item_begin(tx);
    if (me_read_wish(tx, rq, &subject) == ST_OK && policy_may(tx, "me.update", &subject) == ST_OK)
        me_change(tx, &subject);
    if (tx_item_end(tx, &failure) != ST_OK)
        return tx_status(tx) == ST_OK ? show_account(tx, rq, rp, "profile", &failure)
                                      : tx_status(tx);
    reply_redirect(rp, tx->arena, STR("/account?saved=profile"));
    return tx_status(tx);
}

static enum status password_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    tx_item_begin(tx);
    change_prepare(tx, request_form(rq, "currentPassword"), request_form(rq, "newPassword"));
    if (tx_item_end(tx, &failure) != ST_OK && tx_status(tx) == ST_OK)
        return show_account(tx, rq, rp, "password", &failure);
    return tx_status(tx);
}

static enum status password_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    if (change_finish(tx, rq, rp, &failure) != ST_OK)
        return tx_status(tx);
    if (failure.status != ST_OK)
        return show_account(tx, rq, rp, "password", &failure);
    reply_redirect(rp, tx->arena, STR("/account?saved=password"));
    return tx_status(tx);
}

static enum status session_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (me_end_session(tx) == ST_OK)
        reply_redirect(rp, tx->arena, STR("/account?saved=session"));
    return tx_status(tx);
}

static enum status show_account(struct tx *tx, const struct request *rq, struct reply *rp,
                                const char *about, const struct failure *failure)
{
    bool is_client = tx->actor.kind == ACTOR_CLIENT, is_staff = tx->actor.kind == ACTOR_STAFF;
    struct internal_user user = { 0 };
    struct client client = { 0 };
    struct str saved = request_query(rq, "saved");
    struct page page;

    if (!is_client && !is_staff)
        return tx_fail(tx, ST_UNAUTHENTICATED, NULL, "A key has no account: sign in as a person.");
    if (is_client ? client_load(tx, tx->actor.id, &client)
                  : internal_user_load(tx, tx->actor.id, &user))
        return tx_status(tx);
    page_begin(&page, tx);
    page_text(&page, "kind", str_from(actor_kind_name(tx->actor.kind)));
    page_text(&page, "email", is_client ? client.email : user.email);
    page_flag(&page, "isStaff", is_staff);
    /* the refused form is shown as it was sent */
    if (!about || strcmp(about, "profile") != 0)
        rq = NULL;
    page_wish(&page, rq, "givenName", is_client ? client.given_name : user.given_name);
    page_wish(&page, rq, "familyName", is_client ? client.family_name : user.family_name);
    page_wish(&page, rq, "phone", client.phone);
    page_wish(&page, rq, "position", client.position);
    page_text(&page, "about", str_from(about));
    page_text(&page, "saved", about ? STR_NONE : saved);
    buf_text(&page.data, ",\"sessions\":");
    me_write_sessions(tx, &page.data);
    page_failure(&page, failure);
    return page_end(&page, "page.account", failure ? status_http(failure->status) : 200, rp);
}

/* What the form gives (rq), or what there is (NULL). */
static void page_wish(struct page *page, const struct request *rq, const char *name,
                      struct str value)
{
    page_text(page, name, rq ? request_form(rq, name) : value);
}
