/* Token: what stands in mailed and copied links. Derived, never stored.
 *
 * text = base64url(id ‖ HMAC-SHA256(server key, purpose ‖ id)), 64 characters. The row holds purpose,
 * expiry and used_at. So a link can be mailed again, and shown, without being kept.
 */
#ifndef FOYER_STORE_TOKEN_H
#define FOYER_STORE_TOKEN_H

#include "base/uuid.h"
#include "store/tx.h"

enum token_purpose {
    TOKEN_INVITE_MAIL,
    TOKEN_INVITE_LINK,
    TOKEN_RESET,
    TOKEN_SIGN_IN,
    TOKEN_PURPOSES
};

struct token {
    int64_t seq;
    int64_t workspace;
    struct uuid id;
    enum token_purpose purpose;
    struct uuid subject; /* invite; login for RESET and SIGN_IN */
    struct uuid person;  /* SIGN_IN: who */
    int64_t created_at, expires_at, used_at, cancelled_at;
};

/* Makes a row; id and created_at are filled in. Needs tx->workspace. */
enum status token_create(struct tx *tx, struct token *token);
struct str token_text(struct tx *tx, const struct token *token);
/* The path of the page that takes such a token, which is appended: "/invite/", "/reset/", "/sign-in/". */
const char *token_path(enum token_purpose purpose);
/* Checks the HMAC (constant time, for every purpose) and loads the row into *token, whatever its
 * state. False: forged, unknown, or of a purpose not in the mask (1 << purpose). Makes the token's
 * workspace the transaction's when it has none. */
bool token_find(struct tx *tx, struct str text, unsigned purposes, struct token *token);
bool token_find_for(struct tx *tx, struct uuid subject, enum token_purpose purpose,
                    struct token *token);
bool token_load(struct tx *tx, struct uuid id, struct token *token);
bool token_is_good(const struct tx *tx,
                   const struct token *token); /* unused, not cancelled, not expired */
/* One UPDATE … WHERE used_at IS NULL and its row count: false when somebody was faster. */
bool token_use(struct tx *tx, const struct token *token);
void token_cancel_for(struct tx *tx, struct uuid subject);
void token_extend(struct tx *tx, const struct token *token, int64_t expires_at);
/* Chore: deletes what expired over 90 days ago, at most 500. */
size_t token_sweep(struct tx *tx);

#endif
