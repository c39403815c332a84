/* Reset: /v1/auth/password: forgot, reset by a mailed token, change while signed in. */
#include "api/reset.h"

#include "api/accept.h"
#include "api/body.h"
#include "api/me.h"
#include "api/site.h"
#include "base/clock.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/record.h"
#include "store/throttle.h"
#include "store/workspace.h"

#include <stddef.h>

static route_phase forgot_write, reset_read, reset_write, change_read, change_write;

struct forgot_request {
    struct str email, workspace;
};
#define FORGOT(member) offsetof(struct forgot_request, member)
static const struct field forgot_fields[] = {
    { "email", FIELD_EMAIL, FIELD_CREATE | FIELD_REQUIRED, FORGOT(email), 3, 254, NULL, NULL,
      "Address of the login." },
    { "workspaceId", FIELD_TEXT, FIELD_CREATE, FORGOT(workspace), 0, 36, NULL, NULL,
      "Where a server holds several." },
    { 0 },
};
static const struct entity forgot_entity = { "password_forgotten", forgot_fields,
                                             sizeof(struct forgot_request) };

struct reset_request {
    struct str token, password;
};
#define RESET(member) offsetof(struct reset_request, member)
static const struct field reset_fields[] = {
    { "token", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, RESET(token), 1, 200,
      NULL, NULL, "From the mail." },
    { "password", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, RESET(password), 1,
      256, NULL, NULL, "At least 12 characters." },
    { 0 },
};
static const struct entity reset_entity = { "password_reset", reset_fields,
                                            sizeof(struct reset_request) };

struct change_request {
    struct str current, fresh;
};
#define CHANGE(member) offsetof(struct change_request, member)
static const struct field change_fields[] = {
    { "currentPassword", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT,
      CHANGE(current), 1, 256, NULL, NULL, "As it is now." },
    { "newPassword", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, CHANGE(fresh), 1,
      256, NULL, NULL, "At least 12 characters." },
    { 0 },
};
static const struct entity change_entity = { "password_change", change_fields,
                                             sizeof(struct change_request) };

const struct route reset_routes[] = {
    { POST, "/v1/auth/password/forgot", .body = &forgot_entity,
      .open = "a link goes to the address only", .write = forgot_write,
      .summary = "Ask for a mail with a link to set a password" },
    { POST, "/v1/auth/password/reset", .body = &reset_entity, .open = "the token is the permission",
      .read = reset_read, .work = password_work_run, .write = reset_write, .flags = ROUTE_PASSWORD,
      .summary = "Set a password by the mailed token; signs nobody in" },
    { POST, "/v1/auth/password/change", .body = &change_entity, .may = "me.update",
      .read = change_read, .work = password_work_run, .write = change_write,
      .flags = ROUTE_PASSWORD, .summary = "Change the password; every other session ends" },
    { 0 },
};

static bool own_login(struct tx *tx, struct login *login);
static enum status mail_about(struct tx *tx, const char *render, const struct person *person,
                              struct str email, struct uuid token);

static enum status forgot_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct forgot_request asked = { 0 };
    uint64_t given;

    if (body_read(tx, rq, &forgot_entity, JSON_CREATE, &asked, &given) != ST_OK ||
        login_choose(tx, asked.workspace) != ST_OK || forgot(tx, asked.email) != ST_OK)
        return tx_status(tx);
    buf_text(reply_json(rp, 202), "{\"object\":\"password_forgotten\",\"message\":\"If somebody "
                                  "here has this address, a mail is on its way to it.\"}");
    return ST_OK;
}

enum status forgot(struct tx *tx, struct str email)
{
    struct str key = fold_email(tx->arena, email);
    struct token token = { .purpose = TOKEN_RESET, .expires_at = tx_now(tx) + CLOCK_HOUR };
    struct place places[LOGIN_PLACES];
    struct person person;
    struct login login;

    if (str_is_absent(key)) {
        tx_fail_field(tx, ST_INVALID, "email", "not_an_address",
                      "Give an address such as ann@example.com.");
        return tx_status(tx);
    }
    if (throttle_check(tx, key) != ST_OK)
        return tx_status(tx);
    throttle_fail(tx, key); /* whether or not anybody has the address */
    if (!tx->workspace && login_find_anywhere(tx, email, &login) &&
        login_places(tx, login.seq, places) > 0) {
        tx->workspace = places[0].workspace;
        tx->workspace_id = places[0].id;
    }
    if (!tx->workspace || !login_find(tx, email, &login) ||
        !person_of_login(tx, login.seq, &person))
        return tx_status(tx);
    token.subject = login.id;
    token_create(tx, &token);
    return mail_about(tx, "reset", &person, login.email, token.id);
}

static enum status reset_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct reset_request asked = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &reset_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    return reset_prepare(tx, asked.token, asked.password);
}

static enum status reset_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct reset_request asked = { 0 };
    uint64_t given;

    if (body_read(tx, rq, &reset_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    if (accepting_is_forged(tx, asked.token, RESET_TOKENS))
        return accepting_reply_forged(tx, rq, rp);
    if (reset_finish(tx, rq, rp, asked.token) != ST_OK)
        return tx_status(tx);
    buf_text(
        reply_json(rp, 200),
        "{\"object\":\"password_reset\",\"message\":\"The password is set: sign in with it.\"}");
    return ST_OK;
}

enum status reset_prepare(struct tx *tx, struct str token_text, struct str password)
{
    struct accepting accepting;
    struct password_work *work;

    if (throttle_check(tx, STR_NONE) != ST_OK ||
        accepting_load(tx, token_text, RESET_TOKENS, &accepting) != ST_OK)
        return tx_status(tx);
    work = password_work_new(tx);
    if (accepting.state == TOKEN_UNKNOWN) /* .write counts and refuses it */
        return tx_status(tx);
    if (accepting_refuse(tx, accepting.state) != ST_OK ||
        password_check(tx, "password", password, accepting.email) != ST_OK)
        return tx_status(tx);
    work->fresh = password;
    work->hashes = true;
    return tx_status(tx);
}

/* Both kinds were mailed, or given by the operator: the address is proved. */
enum status reset_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                         struct str token_text)
{
    const struct password_work *work = tx->scratch;
    struct accepting accepting;
    struct person person;

    if (accepting_load(tx, token_text, RESET_TOKENS, &accepting) != ST_OK ||
        accepting_refuse(tx, accepting.state) != ST_OK)
        return tx_status(tx);
    if (!token_use(tx, &accepting.token))
        return accepting_refuse(tx, TOKEN_USED);
    token_cancel_for(tx, accepting.login.id); /* every other link to this password */
    login_prove(tx, &accepting.login);
    login_set_password(tx, accepting.login.seq, work->hash, UUID_NONE);
    throttle_clear(tx, fold_email(tx->arena, accepting.login.email));
    if (!person_of_login(tx, accepting.login.seq, &person))
        return accepting_refuse(tx, TOKEN_CANCELLED);
    if (accepting.token.purpose == TOKEN_SIGN_IN &&
        sign_in(tx, rq, rp, accepting.login.seq, &person) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "password.reset", person.kind == ACTOR_CLIENT ? "client" : "internal_user",
             person.id, STR_NONE);
    return mail_about(tx, "password_changed", &person, accepting.login.email, UUID_NONE);
}

static enum status change_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct change_request asked = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &change_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    return change_prepare(tx, asked.current, asked.fresh);
}

enum status change_prepare(struct tx *tx, struct str current, struct str fresh)
{
    struct password_work *work;
    struct login login;

    if (!own_login(tx, &login))
        return tx_fail(tx, ST_UNPROCESSABLE, "not_a_person",
                       "A key has no password: sign in as a person.");
    if (throttle_check(tx, login.email_key) != ST_OK ||
        password_check(tx, "newPassword", fresh, login.email) != ST_OK)
        return tx_status(tx);
    work = password_work_new(tx);
    work->verifies = work->hashes = true;
    work->given = current;
    work->fresh = fresh;
    work->known = login.password_hash;
    return tx_status(tx);
}

static enum status change_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    if (change_finish(tx, rq, rp, &failure) != ST_OK)
        return tx_status(tx);
    if (failure.status == ST_OK)
        return reply_me(tx, rp);
    reply_problem(rp, &failure, rq->id, tx->arena);
    return tx_status(tx);
}

/* Every other session ends, and this one gets a new id. */
enum status change_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                          struct failure *failure)
{
    const struct password_work *work = tx->scratch;
    struct person person;
    struct login login;

    failure_clear(failure);
    if (!own_login(tx, &login))
        return tx_not_found(tx);
    if (!work->fits ||
        !str_eq(work->known, login.password_hash)) { /* or it was changed meanwhile */
        throttle_fail(tx, login.email_key);
        failure_field(failure, tx->arena, ST_UNPROCESSABLE, STR("currentPassword"),
                      "wrong_password", "This is not your password.");
        return tx_status(tx);
    }
    login_set_password(tx, login.seq, work->hash, UUID_NONE);
    token_cancel_for(tx, login.id);
    throttle_clear(tx, login.email_key);
    if (!person_of_login(tx, login.seq, &person) ||
        sign_in(tx, rq, rp, login.seq, &person) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "password.change", person.kind == ACTOR_CLIENT ? "client" : "internal_user",
             person.id, STR_NONE);
    return mail_about(tx, "password_changed", &person, login.email, UUID_NONE);
}

static bool own_login(struct tx *tx, struct login *login)
{
    return login_load(tx,
                      query_one_int(tx, 0,
                                    "SELECT login FROM sessions WHERE workspace = $1 AND id = $2",
                                    ARGS(arg_int(tx->workspace), arg_id(tx->actor.session))),
                      login);
}

static enum status mail_about(struct tx *tx, const char *render, const struct person *person,
                              struct str email, struct uuid token)
{
    struct workspace workspace;
    struct mail mail = { .render = str_from(render),
                         .recipient = email,
                         .token = token,
                         .subject_kind = STR("login"),
                         .subject_id = person->id };

    if (workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    mail.locale = workspace.locale;
    mail.data = mail_data_of(tx, &workspace, person->given_name, STR_NONE);
    return mail_queue(tx, &mail);
}
