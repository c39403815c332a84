/* Accept: invites are accepted, and renewed by the invited person. Passwords are reset in reset.c. */
#include "api/accept.h"

#include "api/body.h"
#include "api/clients.h"
#include "api/internal_users.h"
#include "api/invites.h"
#include "api/me.h"
#include "api/site.h"
#include "store/record.h"
#include "store/staff.h"
#include "store/throttle.h"
#include "store/workspace.h"

#include <stddef.h>

static route_phase accept_read, accept_write, renew_write;

struct accept_request {
    struct str token, password;
};
#define AT(member) offsetof(struct accept_request, member)
static const struct field accept_fields[] = {
    { "token", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, AT(token), 1, 200, NULL,
      NULL, "From the link." },
    { "password", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, AT(password), 1, 256,
      NULL, NULL, "At least 12 characters." },
    { 0 },
};
static const struct entity accept_entity = { "invite_acceptance", accept_fields,
                                             sizeof(struct accept_request) };
static const struct field renew_fields[] = {
    { "token", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED | FIELD_NO_OUTPUT, AT(token), 1, 200, NULL,
      NULL, "From the old link." },
    { 0 },
};
static const struct entity renew_entity = { "invite_renewal", renew_fields,
                                            sizeof(struct accept_request) };

const struct route accept_routes[] = {
    { POST, "/v1/invites/accept", .body = &accept_entity, .open = "the token is the permission",
      .read = accept_read, .work = password_work_run, .write = accept_write,
      .flags = ROUTE_PASSWORD, .summary = "Accept an invite: set a password and be signed in" },
    { POST, "/v1/invites/renew", .body = &renew_entity,
      .open = "a link goes to the invited address only", .write = renew_write,
      .summary = "Ask for a fresh link by an expired or used one" },
    { 0 },
};

#define FORGED "There is no such link: open it again from the mail, whole."

const char *const token_state_names[] = { "open", "expired", "used", "cancelled", "unknown", NULL };

static bool load_invited(struct tx *tx, struct accepting *accepting);
static enum token_state state_of(const struct tx *tx, const struct token *token);
static struct person invited_person(const struct accepting *accepting);
static enum status inviter_still_may(struct tx *tx, const struct accepting *accepting);
static enum status settle_login(struct tx *tx, const struct accepting *accepting,
                                const struct password_work *work, struct login *login);
static bool is_of_another(struct tx *tx, const struct accepting *accepting,
                          const struct login *login);
static bool operates_here(const struct login *login);
static enum status tell_inviter(struct tx *tx, const struct accepting *accepting);

static enum status accept_read(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct accept_request asked = { 0 };
    uint64_t given;

    (void)rp;
    if (body_read(tx, rq, &accept_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    return accept_prepare(tx, asked.token, asked.password);
}

static enum status accept_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct accept_request asked = { 0 };
    uint64_t given;

    if (body_read(tx, rq, &accept_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    if (accepting_is_forged(tx, asked.token, INVITE_TOKENS))
        return accepting_reply_forged(tx, rq, rp);
    if (accept_finish(tx, rq, rp, asked.token) != ST_OK)
        return tx_status(tx);
    return reply_me(tx, rp);
}

static enum status renew_write(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct accept_request asked = { 0 };
    uint64_t given;

    if (body_read(tx, rq, &renew_entity, JSON_CREATE, &asked, &given) != ST_OK ||
        renew(tx, asked.token) != ST_OK)
        return tx_status(tx);
    buf_text(reply_json(rp, 202),
             "{\"object\":\"invite_renewal\",\"message\":\"If the link was good once, a fresh one "
             "is on its way to the invited address.\"}");
    return ST_OK;
}

enum status accepting_load(struct tx *tx, struct str token_text, unsigned purposes,
                           struct accepting *accepting)
{
    struct token *token = &accepting->token;

    *accepting = (struct accepting){ .state = TOKEN_UNKNOWN };
    if (!token_find(tx, token_text, purposes, token))
        return tx_status(tx);
    accepting->state = state_of(tx, token);
    if (token->purpose == TOKEN_INVITE_MAIL || token->purpose == TOKEN_INVITE_LINK) {
        if (!invite_find(tx, token->subject, &accepting->invite) || !load_invited(tx, accepting)) {
            accepting->state = TOKEN_CANCELLED; /* the client was archived, or the person removed */
            return tx_status(tx);
        }
        if (accepting->invite.accepted_at)
            accepting->state = TOKEN_USED; /* perhaps by its other link */
        if (token->purpose == TOKEN_INVITE_MAIL)
            accepting->email = accepting->invite.email;
    } else if (login_load_by_id(tx, token->subject, &accepting->login)) {
        struct person person;

        accepting->email = accepting->login.email;
        if (person_of_login(tx, accepting->login.seq, &person))
            accepting->given_name = person.given_name;
        else
            accepting->state = TOKEN_CANCELLED;
    } else {
        accepting->state = TOKEN_CANCELLED; /* merged into a proven login, or gone */
    }
    return tx_status(tx);
}

enum status accepting_refuse(struct tx *tx, enum token_state state)
{
    switch (state) {
    case TOKEN_OPEN:
        return tx_status(tx);
    case TOKEN_EXPIRED:
        return tx_fail(tx, ST_GONE, "token_expired", "This link has expired: ask for a fresh one.");
    case TOKEN_USED:
        return tx_fail(tx, ST_GONE, "token_used",
                       "This link was used already: sign in, or ask for a fresh one.");
    case TOKEN_CANCELLED:
        return tx_fail(tx, ST_GONE, "token_cancelled",
                       "This link was withdrawn: ask whoever sent it.");
    case TOKEN_UNKNOWN:
        break;
    }
    return tx_fail(tx, ST_NOT_FOUND, "token_unknown", FORGED);
}

bool accepting_is_forged(struct tx *tx, struct str token_text, unsigned purposes)
{
    struct token token;

    if (tx_status(tx) != ST_OK || token_find(tx, token_text, purposes, &token))
        return false;
    throttle_fail(tx, STR_NONE);
    return true;
}

/* A reply, for a failed transaction would forget that it was counted. */
enum status accepting_reply_forged(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct failure failure;

    failure_clear(&failure);
    failure_set(&failure, tx->arena, ST_NOT_FOUND, "token_unknown", FORGED);
    reply_problem(rp, &failure, rq->id, tx->arena);
    return tx_status(tx);
}

enum status accept_prepare(struct tx *tx, struct str token_text, struct str password)
{
    struct accepting accepting;
    struct password_work *work;

    if (throttle_check(tx, STR_NONE) != ST_OK ||
        accepting_load(tx, token_text, INVITE_TOKENS, &accepting) != ST_OK)
        return tx_status(tx);
    work = password_work_new(tx);
    if (accepting.state == TOKEN_UNKNOWN) /* .write counts and refuses it */
        return tx_status(tx);
    if (accepting_refuse(tx, accepting.state) != ST_OK ||
        password_check(tx, "password", password, accepting.email) != ST_OK)
        return tx_status(tx);
    work->given = work->fresh = password;
    /* The same password as elsewhere needs no change of it. Without a login a dummy is checked: how long
     * it takes tells nobody who was invited whether there is one. */
    work->verifies = work->hashes = true;
    if (login_find(tx, accepting.email, &accepting.login))
        work->known = accepting.login.password_hash;
    return tx_status(tx);
}

enum status accept_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                          struct str token_text)
{
    const struct password_work *work = tx->scratch;
    struct accepting accepting;
    struct invite before;
    struct login login;
    struct person person;

    if (accepting_load(tx, token_text, INVITE_TOKENS, &accepting) != ST_OK ||
        accepting_refuse(tx, accepting.state) != ST_OK ||
        inviter_still_may(tx, &accepting) != ST_OK)
        return tx_status(tx);
    if (!token_use(tx, &accepting.token))
        return accepting_refuse(tx, TOKEN_USED);
    before = accepting.invite;
    if (invite_accept(tx, &accepting.invite) != ST_OK ||
        settle_login(tx, &accepting, work, &login) != ST_OK)
        return tx_status(tx);
    person = invited_person(&accepting);
    if (sign_in(tx, rq, rp, login.seq, &person) != ST_OK)
        return tx_status(tx);
    invite_record(tx, "invite.accepted", "invite.accept", &before, &accepting.invite);
    return tell_inviter(tx, &accepting);
}

enum status renew(struct tx *tx, struct str token_text)
{
    struct accepting accepting;
    struct person person;

    if (accepting_load(tx, token_text, INVITE_TOKENS, &accepting) != ST_OK ||
        throttle_check(tx, accepting.email) != ST_OK)
        return tx_status(tx);
    /* each asking counts: nobody's mailbox is flooded through us */
    throttle_fail(tx, accepting.email);
    if (accepting.state == TOKEN_UNKNOWN || accepting.state == TOKEN_CANCELLED)
        return tx_status(tx);
    if (accepting.is_active) {
        struct str email = accepting.is_staff ? accepting.user.email : accepting.client.email;

        return person_of_email(tx, email, &person) ? forgot(tx, email) : tx_status(tx);
    }
    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM,
                                .name = accepting.invite.inviter_name,
                                .road = "link" };
    if (invite_resend(tx, &accepting.invite, 0, site.invite_days) != ST_OK)
        return tx_status(tx);
    return invite_record(tx, "invite.resent", "invite.renew", NULL, &accepting.invite);
}

/* False: whom the invite is for is here no more. */
static bool load_invited(struct tx *tx, struct accepting *accepting)
{
    struct internal_user *user = &accepting->user;
    struct client *client = &accepting->client;

    accepting->is_staff = accepting->invite.internal_user != 0;
    if (accepting->is_staff ? !internal_user_find_by_seq(tx, accepting->invite.internal_user, user)
                            : !client_find(tx, accepting->invite.client, client))
        return false;
    accepting->given_name = accepting->is_staff ? user->given_name : client->given_name;
    accepting->email = accepting->is_staff ? user->email : client->email;
    accepting->is_active =
        accepting->is_staff ? user->status == STAFF_ACTIVE : client->status == CLIENT_ACTIVE;
    return true;
}

static struct person invited_person(const struct accepting *accepting)
{
    if (accepting->is_staff)
        return (struct person){ .kind = ACTOR_STAFF,
                                .id = accepting->user.id,
                                .seq = accepting->user.seq,
                                .given_name = accepting->user.given_name,
                                .family_name = accepting->user.family_name };
    return (struct person){ .kind = ACTOR_CLIENT,
                            .id = accepting->client.id,
                            .seq = accepting->client.seq,
                            .given_name = accepting->client.given_name,
                            .family_name = accepting->client.family_name };
}

static enum token_state state_of(const struct tx *tx, const struct token *token)
{
    if (token->used_at)
        return TOKEN_USED;
    if (token->cancelled_at)
        return TOKEN_CANCELLED;
    return token->expires_at <= tx_now(tx) ? TOKEN_EXPIRED : TOKEN_OPEN;
}

/* An invite never grants more than the inviter holds: asked again as the inviter is now. */
static enum status inviter_still_may(struct tx *tx, const struct accepting *accepting)
{
    const struct subject client = { .entity = &client_entity,
                                    .row = &accepting->client,
                                    .id = accepting->client.id };
    const struct subject staff = { .entity = &internal_user_entity,
                                   .row = &accepting->user,
                                   .id = accepting->user.id };
    const struct invite *invite = &accepting->invite;
    struct decision decision;
    bool still_there = true;
    enum verdict verdict;

    if (str_is(invite->inviter_kind, "internalUser"))
        still_there = actor_find_staff(tx, invite->inviter_id);
    else if (str_is(invite->inviter_kind, "client"))
        still_there = actor_find_client(tx, invite->inviter_id);
    else if (str_is(invite->inviter_kind, "apiKey"))
        still_there = actor_find_key(tx, invite->inviter_id);
    else
        return tx_status(tx); /* a command of the operator */
    verdict = !still_there ? VERDICT_DENY
              : accepting->is_staff
                  ? policy_ask(tx, "internal_user.invite", &staff, false, &decision)
                  : policy_ask(tx, "invite.create", &client, false, &decision);
    tx->actor = (struct actor){ .kind = ACTOR_NOBODY, .road = "link" };
    if (verdict == VERDICT_ERROR)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
    if (verdict != VERDICT_ALLOW)
        return tx_fail(
            tx, ST_GONE, "inviter_may_not",
            "Whoever invited you may no longer do so: ask the firm for a fresh invitation.");
    return tx_status(tx);
}

/* A mailed link proves the address: its login is shared by every workspace of the address. A copied one
 * proves nothing: it sets a password for this workspace, whether or not a login exists elsewhere, and is
 * refused where somebody else signs in here with the address, or operates the server by it: whoever may
 * invite would take him over, or lock him out. */
static enum status settle_login(struct tx *tx, const struct accepting *accepting,
                                const struct password_work *work, struct login *login)
{
    bool proves = accepting->token.purpose == TOKEN_INVITE_MAIL;
    bool is_there = login_find(tx, accepting->email, login);
    struct login proven;

    if (!proves && ((is_there && (operates_here(login) || is_of_another(tx, accepting, login))) ||
                    (login_find_proven(tx, accepting->email, &proven) &&
                     is_of_another(tx, accepting, &proven))))
        return tx_fail(
            tx, ST_CONFLICT, "address_in_use",
            "Somebody signs in here with this address already: use the link in the mail, "
            "which proves that it is yours.");
    if (is_there && !proves && !login->workspace)
        is_there = false; /* a proven one of elsewhere is not ours to touch */
    if (!is_there) {
        *login = (struct login){ .workspace = proves ? 0 : tx->workspace,
                                 .email = accepting->email,
                                 .password_hash = str_from(work->hash) };
        return login_create(tx, login);
    }
    if (proves)
        login_prove(tx, login);
    if (!(work->fits && str_eq(login->password_hash, work->known)))
        login_set_password(tx, login->seq, work->hash, UUID_NONE);
    return tx_status(tx);
}

static bool is_of_another(struct tx *tx, const struct accepting *accepting,
                          const struct login *login)
{
    struct person person;

    return person_of_login(tx, login->seq, &person) &&
           !uuid_eq(person.id, invited_person(accepting).id);
}

/* Of an operator who never proved his address, and is gone: the next person of the address is another. */
static bool operates_here(const struct login *login)
{
    return login->workspace && login->may_operate;
}

static enum status tell_inviter(struct tx *tx, const struct accepting *accepting)
{
    struct internal_user inviter;
    struct workspace workspace;
    const struct person who = invited_person(accepting);
    struct mail mail = { .render = STR("invite_accepted"),
                         .subject_kind = str_from(actor_kind_name(who.kind)),
                         .subject_id = who.id };

    if (!str_is(accepting->invite.inviter_kind, "internalUser") ||
        !internal_user_find(tx, accepting->invite.inviter_id, &inviter) ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    mail.recipient = inviter.email;
    mail.locale = workspace.locale;
    mail.data = mail_data_of(
        tx, &workspace, inviter.given_name,
        str_printf(tx->arena, "%.*s %.*s", STR_ARG(who.given_name), STR_ARG(who.family_name)));
    return mail_queue(tx, &mail);
}
