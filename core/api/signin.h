/* Sign-in: what every road to a session shares: the person behind a login, the session, the cookie. */
#ifndef FOYER_API_SIGNIN_H
#define FOYER_API_SIGNIN_H

#include "http/reply.h"
#include "http/request.h"
#include "store/login.h"
#include "store/tx.h"

struct person {
    enum actor_kind kind; /* ACTOR_STAFF, ACTOR_CLIENT; ACTOR_NOBODY: none here */
    struct uuid id;
    int64_t seq;
    struct str given_name, family_name, email;
};

/* Who the login is in the transaction's workspace; staff before client. False: nobody. */
bool person_of_login(struct tx *tx, int64_t login, struct person *person);
/* Who has the address here, with a login or not. */
bool person_of_email(struct tx *tx, struct str email, struct person *person);

/* Makes the session and its cookie, marks the person as signed in, makes him the actor, leaves event
 * and audit. The reply's body is the caller's. */
enum status sign_in(struct tx *tx, const struct request *rq, struct reply *rp, int64_t login,
                    const struct person *person);
/* The rights of a member of staff who asks have changed: his session ends, and he goes on under a new one. */
enum status sign_in_again(struct tx *tx, const struct request *rq, struct reply *rp);
/* Ends the actor's session and clears the cookie. */
enum status sign_out(struct tx *tx, struct reply *rp);

/* The workspaces in which the login of the actor's session is somebody, and moving the session to
 * another of them: ST_NOT_FOUND. */
size_t session_places(struct tx *tx, struct place places[LOGIN_PLACES]);
enum status session_move(struct tx *tx, const struct request *rq, struct reply *rp,
                         struct uuid workspace);

/* The transaction's workspace where nobody is signed in yet: the one that is named, or the only one. */
enum status choose_workspace(struct tx *tx, struct str workspace_id);

/* "__Host-foyer_session" where the base URL is https, else "foyer_session". */
const char *session_cookie_name(void);

#endif
