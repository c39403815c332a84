/* Token: rows of `tokens`, and the text that is derived from them. */
#include "store/token.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/query.h"

#include <string.h>

#define SELECT                                                                                     \
    "SELECT seq, workspace, id, purpose, subject, person, created_at, expires_at, used_at,"        \
    " cancelled_at FROM tokens "

static const char *const purpose_names[TOKEN_PURPOSES] = { "invite.mail", "invite.link", "reset",
                                                           "sign_in" };

struct token_bytes {
    struct uuid id;
    uint8_t mac[CRYPTO_HASH];
};

static void derive(const struct tx *tx, enum token_purpose purpose, struct uuid id,
                   uint8_t mac[CRYPTO_HASH]);
static bool read_one(struct query q, struct token *token);

enum status token_create(struct tx *tx, struct token *token)
{
    token->id = tx_id(tx);
    token->workspace = tx->workspace;
    token->created_at = tx_now(tx);
    query_run(tx,
              "INSERT INTO tokens (workspace, id, purpose, subject, person, created_at, expires_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7)",
              ARGS(arg_int(tx->workspace), arg_id(token->id),
                   arg_text(str_from(purpose_names[token->purpose])), arg_id(token->subject),
                   arg_id(token->person), arg_int(token->created_at), arg_int(token->expires_at)));
    token->seq = query_last_seq(tx);
    return tx_status(tx);
}

struct str token_text(struct tx *tx, const struct token *token)
{
    struct token_bytes bytes = { .id = token->id };

    derive(tx, token->purpose, token->id, bytes.mac);
    return bytes_to_base64url(tx->arena, &bytes, sizeof(bytes));
}

const char *token_path(enum token_purpose purpose)
{
    static const char *const paths[TOKEN_PURPOSES] = {
        [TOKEN_INVITE_MAIL] = "/invite/",
        [TOKEN_INVITE_LINK] = "/invite/",
        [TOKEN_RESET] = "/reset/",
        [TOKEN_SIGN_IN] = "/sign-in/",
    };

    return paths[purpose];
}

bool token_find(struct tx *tx, struct str text, unsigned purposes, struct token *token)
{
    struct token_bytes bytes;
    uint8_t mac[CRYPTO_HASH];
    int found = -1;

    if (!bytes_from_base64url(text, &bytes, sizeof(bytes)))
        return false;
    for (int purpose = 0; purpose < TOKEN_PURPOSES; purpose++) { /* all of them, for equal time */
        derive(tx, (enum token_purpose)purpose, bytes.id, mac);
        if (crypto_equal(mac, bytes.mac, sizeof(mac)))
            found = purpose;
    }
    if (found < 0 || !(purposes & (1u << found)) || !token_load(tx, bytes.id, token) ||
        token->purpose != (enum token_purpose)found)
        return false;
    if (tx->workspace && tx->workspace != token->workspace)
        return false;
    if (!tx->workspace) {
        struct query q = query_open(tx, "SELECT id FROM workspaces WHERE seq = $1",
                                    ARGS(arg_int(token->workspace)));

        tx->workspace = token->workspace;
        if (query_next(&q))
            tx->workspace_id = query_id(&q, 0);
        query_close(&q);
    }
    return true;
}

bool token_find_for(struct tx *tx, struct uuid subject, enum token_purpose purpose,
                    struct token *token)
{
    return read_one(query_open(tx,
                               SELECT "WHERE subject = $1 AND purpose = $2 AND workspace = $3"
                                      " ORDER BY seq DESC LIMIT 1",
                               ARGS(arg_id(subject), arg_text(str_from(purpose_names[purpose])),
                                    arg_int(tx->workspace))),
                    token);
}

bool token_load(struct tx *tx, struct uuid id, struct token *token)
{
    return read_one(query_open(tx, SELECT "WHERE id = $1", ARGS(arg_id(id))), token);
}

bool token_is_good(const struct tx *tx, const struct token *token)
{
    return !token->used_at && !token->cancelled_at && token->expires_at > tx_now(tx);
}

bool token_use(struct tx *tx, const struct token *token)
{
    return query_run(tx,
                     "UPDATE tokens SET used_at = $2 WHERE seq = $1 AND used_at IS NULL"
                     " AND cancelled_at IS NULL AND expires_at > $2",
                     ARGS(arg_int(token->seq), arg_int(tx_now(tx)))) == 1;
}

void token_cancel_for(struct tx *tx, struct uuid subject)
{
    query_run(tx,
              "UPDATE tokens SET cancelled_at = $2 WHERE subject = $1 AND used_at IS NULL AND "
              "cancelled_at IS NULL",
              ARGS(arg_id(subject), arg_int(tx_now(tx))));
}

void token_extend(struct tx *tx, const struct token *token, int64_t expires_at)
{
    query_run(
        tx,
        "UPDATE tokens SET expires_at = $2 WHERE seq = $1 AND used_at IS NULL AND expires_at < $2",
        ARGS(arg_int(token->seq), arg_int(expires_at)));
}

size_t token_sweep(struct tx *tx)
{
    return (size_t)query_run(tx,
                             "DELETE FROM tokens WHERE seq IN (SELECT seq FROM tokens"
                             " WHERE expires_at < $1 LIMIT 500)",
                             ARGS(arg_int(tx_now(tx) - 90 * CLOCK_DAY)));
}

static void derive(const struct tx *tx, enum token_purpose purpose, struct uuid id,
                   uint8_t mac[CRYPTO_HASH])
{
    char message[64];
    size_t len = strlen(purpose_names[purpose]);

    PRE(tx->server_key);
    memcpy(message, purpose_names[purpose], len);
    message[len++] = '\0';
    memcpy(message + len, id.bytes, sizeof(id.bytes));
    crypto_hmac_sha256(tx->server_key, str_slice(message, len + sizeof(id.bytes)), mac);
}

static bool read_one(struct query q, struct token *token)
{
    bool found = query_next(&q);

    if (found) {
        struct str purpose = query_text(&q, 3);

        *token = (struct token){
            .seq = query_int(&q, 0),
            .workspace = query_int(&q, 1),
            .id = query_id(&q, 2),
            .subject = query_id(&q, 4),
            .person = query_id(&q, 5),
            .created_at = query_int(&q, 6),
            .expires_at = query_int(&q, 7),
            .used_at = query_int(&q, 8),
            .cancelled_at = query_int(&q, 9),
        };
        for (int i = 0; i < TOKEN_PURPOSES; i++)
            if (str_is(purpose, purpose_names[i]))
                token->purpose = (enum token_purpose)i;
    }
    query_close(&q);
    return found;
}
