/* Workspace: one firm's portal and its settings. */
#ifndef FOYER_STORE_WORKSPACE_H
#define FOYER_STORE_WORKSPACE_H

#include "base/field.h"
#include "store/tx.h"

/* Which channel is made with a new client. */
enum default_channel { DEFAULT_CHANNEL_NONE, DEFAULT_CHANNEL_INDIVIDUAL, DEFAULT_CHANNEL_COMPANY };

struct workspace {
    int64_t seq;
    struct uuid id;
    struct str name; /* brandName outside */
    struct str industry;
    struct str locale;
    struct str time_zone;
    bool companies_enabled;
    bool company_required;
    bool one_company;
    bool email_required;
    bool sign_up_enabled;
    bool clients_may_invite;
    bool delete_permanently;
    int default_channel;  /* enum default_channel */
    int64_t invite_days;  /* 0: the server's default */
    int64_t client_limit; /* -1: none */
    int64_t client_count;
    struct str individual_term, individual_terms, group_term, group_terms;
    struct str color_accent, color_sidebar, color_sidebar_text;
    struct str mail_from_name;     /* absent: the name */
    struct str portal_url, labels; /* filled in by api */
    int64_t created_at, updated_at;
};

/* Makes the workspace and its preset roles, and makes it the transaction's. */
enum status workspace_create(struct tx *tx, struct str name, struct workspace *workspace);
/* The transaction's own. Loaded once a transaction: cheap to ask again. ST_NOT_FOUND. */
enum status workspace_load(struct tx *tx, struct workspace *workspace);
/* Writes every setting of *workspace back. */
enum status workspace_update(struct tx *tx, const struct workspace *workspace);
/* Makes workspace `id` (or the only one there is, with none) the transaction's. ST_NOT_FOUND;
 * ST_UNPROCESSABLE: there are several, name one. */
enum status workspace_choose(struct tx *tx, struct uuid id);

/* A colour for somebody without a picture, the same for the same id. */
struct str fallback_color(struct uuid id);

#endif
