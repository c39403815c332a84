/* Founding: rows of a new workspace, in the order in which they refer to each other. */
#include "api/founding.h"

#include "api/message_channels.h"
#include "base/clock.h"
#include "store/client.h"
#include "store/company.h"
#include "store/fold.h"
#include "store/key.h"
#include "store/login.h"
#include "store/record.h"
#include "store/token.h"

#include <string.h>

enum { NAME_LENGTH = 100, LINK_DAYS = 7 }; /* as PATCH /v1/workspaces takes */

static enum status make_owner(struct tx *tx, struct founding *founding);
static enum status settle_login(struct tx *tx, struct founding *founding, struct login *login);
static enum status make_way_in(struct tx *tx, struct founding *founding, const struct login *login);
static enum status make_demo(struct tx *tx, const struct founding *founding);

enum status founding_check(const struct founding *founding, struct arena *arena,
                           struct failure *failure)
{
    struct str name = str_trim(founding->name);

    if (str_is_empty(name) || !str_is_utf8(name) || !str_is_one_line(name) ||
        str_utf8_length(name) > NAME_LENGTH)
        failure_field(failure, arena, ST_INVALID, STR("workspace"), "bad_name",
                      "Give a name of 1 to %d characters on one line.", NAME_LENGTH);
    if (str_is_absent(fold_email(arena, founding->email)))
        failure_field(failure, arena, ST_INVALID, STR("email"), "not_an_address",
                      "`%.*s` is no address: give one such as ann@example.com.",
                      STR_ARG(founding->email));
    return failure->status;
}

enum status founding_make(struct tx *tx, struct founding *founding)
{
    workspace_create(tx, str_trim(founding->name), &founding->workspace);
    make_owner(tx, founding);
    if (founding->has_demo)
        make_demo(tx, founding);
    tx_audit(tx, "workspace.create", "workspace", founding->workspace.id, STR_NONE);
    return tx_status(tx);
}

void founding_put(const struct founding *founding, bool as_text, struct buf *out)
{
    char id[UUID_TEXT];

    uuid_format(founding->workspace.id, id);
    if (as_text) {
        buf_printf(out, "workspace: %s\nowner: %.*s\napi_key: %.*s\n", id,
                   STR_ARG(founding->owner.email), STR_ARG(founding->api_key));
        if (!str_is_absent(founding->link))
            buf_printf(out, "sign_in: %.*s\n", STR_ARG(founding->link));
        return;
    }
    buf_printf(out, "{\"workspace\":\"%s\",\"owner\":", id);
    buf_json(out, founding->owner.email);
    buf_text(out, ",\"apiKey\":");
    buf_json(out, founding->api_key);
    buf_text(out, ",\"signIn\":");
    buf_json(out, founding->link);
    buf_text(out, "}\n");
}

static enum status make_owner(struct tx *tx, struct founding *founding)
{
    struct str email = founding->email;
    struct api_key key = { .name = STR("init") };
    struct login login;

    if (settle_login(tx, founding, &login) != ST_OK)
        return tx_status(tx);
    founding->owner = (struct internal_user){
        .login = login.seq,
        .email = email,
        .role = STR("Owner"),
        .given_name = str_slice(email.at, strcspn(email.at, "@")),
        .family_name = STR(""),
    };
    if (internal_user_create(tx, &founding->owner) != ST_OK)
        return tx_status(tx);
    key.internal_user = founding->owner.seq;
    key_create(tx, &key, &founding->api_key);
    return make_way_in(tx, founding, &login);
}

/* A proven login is one person's everywhere: neither the password of the command nor a link that sets
 * one may change how he enters other workspaces. */
static enum status settle_login(struct tx *tx, struct founding *founding, struct login *login)
{
    if (!login_find_proven(tx, founding->email, login)) {
        *login = (struct login){ .workspace = tx->workspace,
                                 .email = founding->email,
                                 .may_operate = founding->may_operate,
                                 .password_hash = founding->password_hash };
        return login_create(tx, login);
    }
    if (!str_is_absent(founding->password_hash))
        tx_fail_field(
            tx, ST_CONFLICT, "password-file", "login_exists",
            "%.*s signs in on this server already, with a password of its own: leave this "
            "out.",
            STR_ARG(founding->email));
    return tx_status(tx);
}

static enum status make_way_in(struct tx *tx, struct founding *founding, const struct login *login)
{
    struct token token = { .purpose = TOKEN_SIGN_IN,
                           .subject = login->id,
                           .person = founding->owner.id,
                           .expires_at = tx_now(tx) + LINK_DAYS * CLOCK_DAY };
    struct str base = founding->base_url;
    char id[UUID_TEXT];

    if (!str_is_absent(founding->password_hash))
        return tx_status(tx);
    if (!login->workspace) {
        uuid_format(tx->workspace_id, id);
        founding->link = str_printf(tx->arena, "%.*s/sign-in?workspaceId=%s", STR_ARG(base), id);
        return tx_status(tx);
    }
    if (token_create(tx, &token) != ST_OK)
        return tx_status(tx);
    founding->link = str_printf(tx->arena, "%.*s%s%.*s", STR_ARG(base), token_path(token.purpose),
                                STR_ARG(token_text(tx, &token)));
    return tx_status(tx);
}

static enum status make_demo(struct tx *tx, const struct founding *founding)
{
    static const char *const given[] = { "John", "Jane" };
    struct company company = { .name = STR("Rocket Rides") };
    struct ids companies = { &company.id, 1 };

    if (founding->workspace.companies_enabled && company_create(tx, &company) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < 2; i++) {
        struct str name = str_from(given[i]);
        struct client client = {
            .given_name = name,
            .family_name = STR("Doe"),
            .email = str_printf(tx->arena, "%.*s@example.com", STR_ARG(str_lower(tx->arena, name))),
            .creation_method = BY_INTERNAL_USER,
        };

        if (founding->workspace.companies_enabled)
            client.company_ids = companies;
        if (client_create(tx, &client) != ST_OK ||
            channel_make_for(tx, &founding->workspace, &client) != ST_OK)
            return tx_status(tx);
    }
    return tx_status(tx);
}
