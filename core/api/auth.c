/* Auth: /v1/auth/login and /logout. */
#include "api/accept.h"
#include "api/body.h"
#include "api/me.h"
#include "api/reset.h"
#include "store/fold.h"
#include "store/record.h"
#include "store/throttle.h"
#include "store/workspace.h"

#include <stddef.h>

static route_phase login_read, login_write, logout;

struct login_request {
    struct str email, password, workspace;
};
#define AT(member) offsetof(struct login_request, member)
static const struct field login_fields[] = {
    { "email", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED, AT(email), 1, 254, NULL, NULL,
      "Address of the login." },
    { "password", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, AT(password), 1, 256,
      NULL, NULL, "Its password." },
    { "workspaceId", FIELD_TEXT, FIELD_CREATE, AT(workspace), 0, 36, NULL, NULL,
      "Where a server holds several." },
    { 0 },
};
static const struct entity login_entity = { "login", login_fields, sizeof(struct login_request) };

const struct route auth_routes[] = {
    { POST, "/v1/auth/login", .body = &login_entity,
      .open = "address and password are the permission", .read = login_read,
      .work = password_work_run, .write = login_write, .flags = ROUTE_PASSWORD,
      .summary = "Sign in by address and password" },
    { POST, "/v1/auth/logout", .open = "ends the session that it comes with", .write = logout,
      .flags = ROUTE_OPTIONAL_BODY, .summary = "Sign out" },
    { 0 },
};

static bool enter_last(struct tx *tx, const struct login *login, struct person *person);

static enum status login_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct login_request asked = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &login_entity, JSON_CREATE, &asked, &given) != ST_OK ||
        login_choose(tx, asked.workspace) != ST_OK)
        return tx_status(tx);
    return login_prepare(tx, asked.email, asked.password);
}

static enum status login_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct login_request asked = { 0 };
    struct failure failure;
    uint64_t given;

    if (body_read(tx, rq, &login_entity, JSON_CREATE, &asked, &given) != ST_OK ||
        login_choose(tx, asked.workspace) != ST_OK)
        return tx_status(tx);
    if (login_finish(tx, rq, rp, asked.email))
        return reply_me(tx, rp);
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    failure_clear(&failure);
    failure_set(&failure, tx->arena, ST_UNAUTHENTICATED, "wrong_credentials", LOGIN_REFUSED);
    reply_problem(rp, &failure, rq->id, tx->arena);
    return ST_OK;
}

static enum status logout(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (sign_out(tx, rp) != ST_OK)
        return tx_status(tx);
    buf_text(reply_json(rp, 200), "{\"object\":\"logout\",\"message\":\"You are signed out.\"}");
    return ST_OK;
}

enum status login_choose(struct tx *tx, struct str workspace_id)
{
    struct failure failure;

    if (!str_is_empty(workspace_id)) {
        tx->workspace = 0; /* not that of the session that the browser has */
        return choose_workspace(tx, workspace_id);
    }
    if (tx->workspace)
        return tx_status(tx);
    tx_item_begin(tx);
    workspace_choose(tx, UUID_NONE);
    if (tx_item_end(tx, &failure) == ST_OK)
        return tx_status(tx);
    tx->workspace = 0;
    tx->workspace_id = UUID_NONE;
    return failure.status == ST_UNPROCESSABLE ? tx_status(tx) : tx_not_found(tx);
}

enum status login_prepare(struct tx *tx, struct str email, struct str password)
{
    struct str key = fold_email(tx->arena, email);
    struct password_work *work;
    struct person person;
    struct login login;

    if (throttle_check(tx, str_is_absent(key) ? email : key) != ST_OK)
        return tx_status(tx);
    work = password_work_new(tx);
    work->verifies = true;
    work->given = password;
    if (tx->workspace ? login_find(tx, email, &login) && person_of_login(tx, login.seq, &person)
                      : login_find_anywhere(tx, email, &login))
        work->known = login.password_hash; /* else a dummy is checked: the same cost */
    return tx_status(tx);
}

bool login_finish(struct tx *tx, const struct request *rq, struct reply *rp, struct str email)
{
    const struct password_work *work = tx->scratch;
    struct str key = fold_email(tx->arena, email), account = str_is_absent(key) ? email : key;
    struct person person;
    struct login login;

    if (throttle_check(tx, account) != ST_OK) /* others may have failed since .read */
        return false;
    if (!work->fits ||
        !(tx->workspace ? login_find(tx, email, &login) : login_find_anywhere(tx, email, &login)) ||
        !str_eq(login.password_hash, work->known) ||
        (tx->workspace && !person_of_login(tx, login.seq, &person))) {
        throttle_fail(tx, account);
        return false;
    }
    throttle_clear(tx, account);
    if (!tx->workspace && !enter_last(tx, &login, &person))
        return false;
    return sign_in(tx, rq, rp, login.seq, &person) == ST_OK;
}

/* Throttled was the door of no workspace: from here on it is that of the place. */
static bool enter_last(struct tx *tx, const struct login *login, struct person *person)
{
    struct place places[LOGIN_PLACES];

    if (login_places(tx, login->seq, places) == 0)
        return false;
    tx->workspace = places[0].workspace;
    tx->workspace_id = places[0].id;
    return person_of_login(tx, login->seq, person);
}
