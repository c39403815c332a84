/* Accept: what a token from a mail or a copied link opens: accepting an invite, setting a password.
 *
 * The JSON routes and the pages call the same three phases with the same struct accepting.
 */
#ifndef FOYER_API_ACCEPT_H
#define FOYER_API_ACCEPT_H

#include "api/password.h"
#include "api/signin.h"
#include "store/invite.h"

extern const struct route accept_routes[];

/* Why a token opens nothing any more; TOKEN_OPEN: it does. */
enum token_state { TOKEN_OPEN, TOKEN_EXPIRED, TOKEN_USED, TOKEN_CANCELLED, TOKEN_UNKNOWN };
extern const char *const token_state_names[];

/* Which tokens a door takes: 1 << TOKEN_… */
enum {
    INVITE_TOKENS = 1u << TOKEN_INVITE_MAIL | 1u << TOKEN_INVITE_LINK,
    RESET_TOKENS = 1u << TOKEN_RESET | 1u << TOKEN_SIGN_IN,
};

struct accepting {
    enum token_state state;
    struct token token;
    struct invite invite; /* of invite tokens */
    struct client client; /* of an invite of a client; of staff it is user */
    struct internal_user user;
    bool is_staff;
    bool is_active;     /* whom the invite is for has signed in */
    struct login login; /* of reset and sign_in tokens */
    struct str email;   /* the address that is shown and proved */
    struct str given_name;
};

/* Loads what the token is for, and makes its workspace the transaction's. Never fails tx for a token
 * that opens nothing: state tells. purposes: INVITE_TOKENS or RESET_TOKENS. */
enum status accepting_load(struct tx *tx, struct str token_text, unsigned purposes,
                           struct accepting *accepting);
/* Fails tx with the clear answer of a token that opens nothing. */
enum status accepting_refuse(struct tx *tx, enum token_state state);

/* Writing: whether the token was never given out. Then it counts as a failure of the address that tries
 * it; accepting_reply_forged is the answer that does not undo this. */
bool accepting_is_forged(struct tx *tx, struct str token_text, unsigned purposes);
enum status accepting_reply_forged(struct tx *tx, const struct request *rq, struct reply *rp);

/* .read of accepting: checks token and password, prepares the work. */
enum status accept_prepare(struct tx *tx, struct str token_text, struct str password);
/* .write of accepting an invite: uses the token, proves or makes the login, signs in. */
enum status accept_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                          struct str token_text);

/* .read and .write of setting a password by a reset or sign_in token; only the latter signs in. */
enum status reset_prepare(struct tx *tx, struct str token_text, struct str password);
enum status reset_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                         struct str token_text);

/* .read and .write of signing in by address and password. login_finish: false without a failed tx means
 * refused; the failure is counted, and the answer is the same for the unknown and the known. */
#define LOGIN_REFUSED "Address and password do not fit together."
enum status login_prepare(struct tx *tx, struct str email, struct str password);
bool login_finish(struct tx *tx, const struct request *rq, struct reply *rp, struct str email);
/* Before both: the workspace that is named, or the only one. Where there are several and none is named,
 * it stays open until the password fits: then it is the one that the person was in last. */
enum status login_choose(struct tx *tx, struct str workspace_id);

/* .read and .write of changing one's own password while signed in. *failure says that the current one is
 * wrong, which is counted: the transaction has not failed, and the answer is the caller's. */
enum status change_prepare(struct tx *tx, struct str current, struct str fresh);
enum status change_finish(struct tx *tx, const struct request *rq, struct reply *rp,
                          struct failure *failure);

/* A fresh link, only ever to the invited address; says nothing of whether one was sent. */
enum status renew(struct tx *tx, struct str token_text);
/* A mail with a link to set a password, if the address has a person here. */
enum status forgot(struct tx *tx, struct str email);

#endif
