/* Sign-in: person, session, cookie. */
#include "api/signin.h"

#include "api/site.h"
#include "base/clock.h"
#include "store/client.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/record.h"
#include "store/session.h"
#include "store/staff.h"
#include "store/workspace.h"

static int64_t session_login(struct tx *tx);
static bool read_person(struct query q, struct person *person);
static void set_cookie(struct tx *tx, struct reply *rp, struct str value, int64_t seconds);

#define PEOPLE(condition)                                                                          \
    "SELECT 0, id, seq, given_name, family_name, email FROM internal_users"                        \
    " WHERE workspace = $1 AND removed_at IS NULL AND " condition                                  \
    " UNION ALL SELECT 1, id, seq, given_name, family_name, email FROM clients"                    \
    " WHERE workspace = $1 AND archived_at IS NULL AND " condition " LIMIT 1"

bool person_of_login(struct tx *tx, int64_t login, struct person *person)
{
    return read_person(
        query_open(tx, PEOPLE("login = $2"), ARGS(arg_int(tx->workspace), arg_int(login))), person);
}

bool person_of_email(struct tx *tx, struct str email, struct person *person)
{
    return read_person(
        query_open(tx, PEOPLE("email_key = $2"),
                   ARGS(arg_int(tx->workspace), arg_text(fold_email(tx->arena, email)))),
        person);
}

enum status sign_in(struct tx *tx, const struct request *rq, struct reply *rp, int64_t login,
                    const struct person *person)
{
    const char *entity = person->kind == ACTOR_CLIENT ? "client" : "internal_user";
    struct session session = {
        .login = login,
        .kind = person->kind,
        .person = person->id,
        .peer = tx->peer,
        .user_agent = request_header(rq, "user-agent"),
        .idle = site.session_idle,
        .expires_at = tx_now(tx) + site.session_life,
    };
    struct str text;
    bool is_first = false;

    if (session.user_agent.len > 256)
        session.user_agent.len = 256;
    if (session_create(tx, &session, &text) != ST_OK)
        return tx_status(tx);
    if (person->kind == ACTOR_CLIENT) {
        is_first = client_signed_in(tx, person->seq, login);
        actor_load_client(tx, person->id);
    } else {
        is_first = internal_user_signed_in(tx, person->seq, login);
        actor_load_staff(tx, person->id);
    }
    tx->actor.session = session.id;
    tx->actor.road = "session";
    if (is_first)
        tx_event(tx, person->kind == ACTOR_CLIENT ? "client.activated" : "internal_user.activated",
                 entity, person->id, STR("{}"));
    tx_audit(tx, "session.create", entity, person->id, STR_NONE);
    rp->has_secret = true;
    set_cookie(tx, rp, text, site.session_life / CLOCK_SECOND);
    return tx_status(tx);
}

enum status sign_in_again(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct internal_user user;
    int64_t login =
        query_one_int(tx, 0, "SELECT login FROM sessions WHERE workspace = $1 AND id = $2",
                      ARGS(arg_int(tx->workspace), arg_id(tx->actor.session)));
    struct person person = { .kind = ACTOR_STAFF, .id = tx->actor.id };

    if (!login || internal_user_load(tx, tx->actor.id, &user) != ST_OK ||
        session_end(tx, tx->actor.session) != ST_OK)
        return tx_status(tx);
    person.seq = user.seq;
    return sign_in(tx, rq, rp, login, &person);
}

enum status sign_out(struct tx *tx, struct reply *rp)
{
    const char *entity = tx->actor.kind == ACTOR_CLIENT ? "client" : "internal_user";

    if (!uuid_is_none(tx->actor.session)) {
        session_end(tx, tx->actor.session);
        tx_audit(tx, "session.delete", entity, tx->actor.id, STR_NONE);
    }
    set_cookie(tx, rp, STR(""), 0);
    return tx_status(tx);
}

size_t session_places(struct tx *tx, struct place places[LOGIN_PLACES])
{
    int64_t login = session_login(tx);

    return login ? login_places(tx, login, places) : 0;
}

enum status session_move(struct tx *tx, const struct request *rq, struct reply *rp,
                         struct uuid workspace)
{
    const char *entity = tx->actor.kind == ACTOR_CLIENT ? "client" : "internal_user";
    struct place places[LOGIN_PLACES];
    int64_t login = session_login(tx);
    size_t count = login ? login_places(tx, login, places) : 0;
    struct person person;

    for (size_t i = 0; i < count; i++) {
        if (!uuid_eq(places[i].id, workspace))
            continue;
        session_end(tx, tx->actor.session);
        tx_audit(tx, "session.delete", entity, tx->actor.id, STR_NONE);
        tx->workspace = places[i].workspace;
        tx->workspace_id = places[i].id;
        return person_of_login(tx, login, &person) ? sign_in(tx, rq, rp, login, &person)
                                                   : tx_not_found(tx);
    }
    return tx_not_found(tx);
}

enum status choose_workspace(struct tx *tx, struct str workspace_id)
{
    struct uuid id = UUID_NONE;

    if (tx->workspace)
        return tx_status(tx);
    if (!str_is_empty(workspace_id) && !uuid_parse(workspace_id, &id))
        return tx_not_found(tx);
    return workspace_choose(tx, id);
}

const char *session_cookie_name(void)
{
    return site.is_secure ? "__Host-foyer_session" : "foyer_session";
}

static int64_t session_login(struct tx *tx)
{
    return query_one_int(tx, 0, "SELECT login FROM sessions WHERE workspace = $1 AND id = $2",
                         ARGS(arg_int(tx->workspace), arg_id(tx->actor.session)));
}

static bool read_person(struct query q, struct person *person)
{
    bool found = query_next(&q);

    *person = (struct person){ 0 };
    if (found)
        *person = (struct person){
            .kind = query_int(&q, 0) ? ACTOR_CLIENT : ACTOR_STAFF,
            .id = query_id(&q, 1),
            .seq = query_int(&q, 2),
            .given_name = query_text(&q, 3),
            .family_name = query_text(&q, 4),
            .email = query_text(&q, 5),
        };
    query_close(&q);
    return found;
}

static void set_cookie(struct tx *tx, struct reply *rp, struct str value, int64_t seconds)
{
    reply_header_more(rp, "Set-Cookie",
                      str_printf(tx->arena,
                                 "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
                                 session_cookie_name(), STR_ARG(value), (long long)seconds,
                                 site.is_secure ? "; Secure" : ""));
}
