/* Pages: what a link from a mail opens: /invite/{token}, /reset/{token}, /sign-in/{token}.
 *
 * The forms call the same functions as the JSON routes. GET and HEAD use nothing up: mail scanners
 * open links; only the POST of the form does. Data beside what page.h names:
 *
 *   page.invite        state (open, expired, used, cancelled, unknown, renewed), token, givenName,
 *                      email, kind (client, internalUser), errors, message
 *   page.set_password  state, token, action (path of the form), givenName, email, signsIn, done, errors, message
 */
#include "api/pages.h"

#include "api/accept.h"
#include "api/page.h"

static route_phase invite_get, invite_read, invite_write, renew_post;
static route_phase reset_get, reset_read, reset_write;

#define TOKEN_PAGE (ROUTE_PAGE | ROUTE_NO_TARGET | ROUTE_SECRET_PATH | ROUTE_HIDDEN)
#define BY_TOKEN   "the token is the permission"

const struct route page_routes[] = {
    { GET, "/invite/{token}", .open = BY_TOKEN, .read = invite_get, .flags = TOKEN_PAGE },
    { POST, "/invite/{token}", .open = BY_TOKEN, .read = invite_read, .work = password_work_run,
      .write = invite_write, .flags = TOKEN_PAGE | ROUTE_PASSWORD },
    { POST, "/invite/{token}/renew", .open = "a link goes to the invited address only",
      .write = renew_post, .flags = TOKEN_PAGE },
    { GET, "/reset/{token}", .open = BY_TOKEN, .read = reset_get, .flags = TOKEN_PAGE },
    { POST, "/reset/{token}", .open = BY_TOKEN, .read = reset_read, .work = password_work_run,
      .write = reset_write, .flags = TOKEN_PAGE | ROUTE_PASSWORD },
    { GET, "/sign-in/{token}", .open = BY_TOKEN, .read = reset_get, .flags = TOKEN_PAGE },
    { POST, "/sign-in/{token}", .open = BY_TOKEN, .read = reset_read, .work = password_work_run,
      .write = reset_write, .flags = TOKEN_PAGE | ROUTE_PASSWORD },
    { 0 },
};

static enum status show_invite(struct tx *tx, const struct request *rq, struct reply *rp,
                               const struct failure *failure, bool renewed);
static enum status show_reset(struct tx *tx, const struct request *rq, struct reply *rp,
                              const struct failure *failure, bool done);
static int status_of(enum token_state state, const struct failure *failure);

/* People come back by the link of their mail: whoever came in by it and is signed in goes on. */
static enum status invite_get(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct accepting accepting;

    if (tx->actor.kind == ACTOR_CLIENT &&
        accepting_load(tx, request_param(rq, "token"), INVITE_TOKENS, &accepting) == ST_OK &&
        accepting.state == TOKEN_USED && uuid_eq(accepting.client.id, tx->actor.id)) {
        reply_redirect(rp, tx->arena, STR("/"));
        return tx_status(tx);
    }
    return show_invite(tx, rq, rp, NULL, false);
}

static enum status invite_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    tx_item_begin(tx);
    accept_prepare(tx, request_param(rq, "token"), request_form(rq, "password"));
    if (tx_item_end(tx, &failure) != ST_OK)
        return tx_status(tx) == ST_OK ? show_invite(tx, rq, rp, &failure, false) : tx_status(tx);
    return tx_status(tx);
}

static enum status invite_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    if (accepting_is_forged(tx, request_param(rq, "token"), INVITE_TOKENS))
        return show_invite(tx, rq, rp, NULL, false);
    tx_item_begin(tx);
    accept_finish(tx, rq, rp, request_param(rq, "token"));
    if (tx_item_end(tx, &failure) != ST_OK) {
        if (tx_status(tx) != ST_OK)
            return tx_status(tx);
        reply_clear(rp);
        return show_invite(tx, rq, rp, &failure, false);
    }
    reply_redirect(rp, tx->arena, STR("/"));
    return tx_status(tx);
}

static enum status renew_post(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    tx_item_begin(tx);
    renew(tx, request_param(rq, "token"));
    if (tx_item_end(tx, &failure) != ST_OK && tx_status(tx) != ST_OK)
        return tx_status(tx);
    return show_invite(tx, rq, rp, failure.status == ST_OK ? NULL : &failure,
                       failure.status == ST_OK);
}

static enum status reset_get(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return show_reset(tx, rq, rp, NULL, false);
}

static enum status reset_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    tx_item_begin(tx);
    reset_prepare(tx, request_param(rq, "token"), request_form(rq, "password"));
    if (tx_item_end(tx, &failure) != ST_OK)
        return tx_status(tx) == ST_OK ? show_reset(tx, rq, rp, &failure, false) : tx_status(tx);
    return tx_status(tx);
}

/* A reset does not sign in; the one-time link of a new owner does. */
static enum status reset_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    if (accepting_is_forged(tx, request_param(rq, "token"), RESET_TOKENS))
        return show_reset(tx, rq, rp, NULL, false);
    tx_item_begin(tx);
    reset_finish(tx, rq, rp, request_param(rq, "token"));
    if (tx_item_end(tx, &failure) != ST_OK) {
        if (tx_status(tx) != ST_OK)
            return tx_status(tx);
        reply_clear(rp);
        return show_reset(tx, rq, rp, &failure, false);
    }
    if (tx->actor.kind == ACTOR_CLIENT || tx->actor.kind == ACTOR_STAFF) {
        reply_redirect(rp, tx->arena, STR("/"));
        return tx_status(tx);
    }
    return show_reset(tx, rq, rp, NULL, true);
}

static enum status show_invite(struct tx *tx, const struct request *rq, struct reply *rp,
                               const struct failure *failure, bool renewed)
{
    struct accepting accepting;
    struct page page;

    if (accepting_load(tx, request_param(rq, "token"), INVITE_TOKENS, &accepting) != ST_OK)
        return tx_status(tx);
    page_begin(&page, tx);
    page_text(&page, "state",
              renewed ? STR("renewed") : str_from(token_state_names[accepting.state]));
    page_text(&page, "token", request_param(rq, "token"));
    page_text(&page, "givenName", accepting.given_name);
    page_text(&page, "email", accepting.email);
    page_text(&page, "kind",
              str_from(actor_kind_name(accepting.is_staff ? ACTOR_STAFF : ACTOR_CLIENT)));
    page_failure(&page, failure);
    return page_end(&page, "page.invite", renewed ? 200 : status_of(accepting.state, failure), rp);
}

static enum status show_reset(struct tx *tx, const struct request *rq, struct reply *rp,
                              const struct failure *failure, bool done)
{
    struct accepting accepting;
    struct page page;

    if (accepting_load(tx, request_param(rq, "token"), RESET_TOKENS, &accepting) != ST_OK)
        return tx_status(tx);
    page_begin(&page, tx);
    page_text(&page, "state", str_from(token_state_names[accepting.state]));
    page_text(&page, "token", request_param(rq, "token"));
    page_text(&page, "action", rq->path);
    page_text(&page, "givenName", accepting.given_name);
    page_text(&page, "email", accepting.email);
    page_flag(&page, "signsIn", accepting.token.purpose == TOKEN_SIGN_IN);
    page_flag(&page, "done", done);
    page_failure(&page, failure);
    return page_end(&page, "page.set_password", done ? 200 : status_of(accepting.state, failure),
                    rp);
}

static int status_of(enum token_state state, const struct failure *failure)
{
    if (failure && failure->status != ST_OK)
        return status_http(failure->status);
    return state == TOKEN_OPEN ? 200 : state == TOKEN_UNKNOWN ? 404 : 410;
}
