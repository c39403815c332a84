/* Invite: rows of `invites`, their tokens and mails. */
#include "store/invite.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/query.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.client, c.id, t.email, t.message, t.inviter_kind, t.inviter_id,"        \
    " t.inviter_name, t.created_at, t.expires_at, t.accepted_at, t.cancelled_at, m.state,"         \
    " m.answer_code, m.answer_text, m.sent_at, m.render_fallback,"                                 \
    " t.internal_user, u.id, m.attempts, m.next_attempt_at"
#define FROM                                                                                       \
    "FROM invites t LEFT JOIN clients c ON c.seq = t.client"                                       \
    " LEFT JOIN internal_users u ON u.seq = t.internal_user LEFT JOIN mails m ON m.seq = t.mail"

/* Whom an invite is for. */
struct invited {
    int64_t client, internal_user; /* seq of one of them */
    struct uuid id;
    struct str given_name, family_name, email;
    struct str role; /* of staff */
    bool is_active;  /* has signed in */
};

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };

static const struct filter filters[] = {
    { "clientId", FILTER_ID, "c.id = %s", NULL },
    { "internalUserId", FILTER_ID, "u.id = %s", NULL },
    { 0 },
};

/* An invite is seen by whoever sees its client, or its member of staff. */
static const struct list_kinds kinds = {
    .first = "t.client IS NOT NULL",
    .second = "t.internal_user IS NOT NULL",
    .scope = { .row = { .own = "u.id = %s", .ids = "has_id(%s, u.id)" } },
};

const struct list_columns invite_columns = {
    .select = SELECT,
    .from = FROM,
    .where = "t.workspace = $1 AND c.archived_at IS NULL AND u.removed_at IS NULL",
    .filters = filters,
    .sorts = sorts,
    .kinds = &kinds,
    .scope = {
        .row = {
            .own = "c.id = %s",
            .companies = "EXISTS (SELECT 1 FROM memberships m CROSS JOIN companies o"
                         " ON o.seq = m.company WHERE m.workspace = $1 AND m.client = c.seq"
                         " AND has_id(%s, o.id))",
            .account_manager = "c.account_manager = %s",
            .tags = "EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value IN"
                    " (SELECT value FROM json_each(%s)))",
            .ids = "has_id(%s, c.id)",
        },
        .rows = {
            .own = "SELECT v.seq FROM clients o CROSS JOIN invites v ON v.workspace = $1"
                   " AND v.client = o.seq WHERE o.workspace = $1 AND o.id = %s",
            .companies = "SELECT v.seq FROM ids(%s) i CROSS JOIN companies o ON o.workspace = $1"
                         " AND o.id = i.id CROSS JOIN memberships m ON m.workspace = $1"
                         " AND m.company = o.seq CROSS JOIN invites v ON v.workspace = $1"
                         " AND v.client = m.client",
            .account_manager = "SELECT v.seq FROM clients o CROSS JOIN invites v"
                               " ON v.workspace = $1 AND v.client = o.seq"
                               " WHERE o.workspace = $1 AND o.account_manager = %s",
            .ids = "SELECT v.seq FROM ids(%s) i CROSS JOIN clients o ON o.workspace = $1"
                   " AND o.id = i.id CROSS JOIN invites v ON v.workspace = $1"
                   " AND v.client = o.seq",
        },
    },
};

static struct invited of_client(const struct client *client);
static struct invited of_staff(const struct internal_user *user);
static bool find_invited(struct tx *tx, const struct invite *invite, struct invited *invited);
static enum status make(struct tx *tx, const struct invited *invited,
                        const struct invite_options *options, int64_t default_days,
                        struct invite *invite);
static bool find_open(struct tx *tx, const struct invited *invited, struct invite *invite);
static void insert(struct tx *tx, const struct invited *invited,
                   const struct invite_options *options, int64_t expires_at, struct invite *invite);
static void vouch(struct tx *tx, struct invite *invite);
static void extend(struct tx *tx, struct invite *invite, int64_t expires_at);
static enum status mail_it(struct tx *tx, struct invite *invite, const struct invited *invited);
static struct str mail_data(struct tx *tx, const struct invite *invite,
                            const struct invited *invited, const struct workspace *workspace);
static void set_invited(struct tx *tx, const struct invite *invite, bool is_invited);
static void token_for(struct tx *tx, const struct invite *invite, enum token_purpose purpose,
                      struct token *token);
static int64_t life(struct tx *tx, int64_t days, int64_t default_days);
static void read_row(struct query *q, struct invite *invite);
static bool read_one(struct query q, struct invite *invite);

enum status invite_make(struct tx *tx, const struct client *client,
                        const struct invite_options *options, int64_t default_days,
                        struct invite *invite)
{
    const struct invited invited = of_client(client);

    return make(tx, &invited, options, default_days, invite);
}

enum status invite_make_staff(struct tx *tx, const struct internal_user *user,
                              const struct invite_options *options, int64_t default_days,
                              struct invite *invite)
{
    const struct invited invited = of_staff(user);

    return make(tx, &invited, options, default_days, invite);
}

enum status invite_load(struct tx *tx, struct uuid id, struct invite *invite)
{
    return invite_find(tx, id, invite) ? tx_status(tx) : tx_not_found(tx);
}

bool invite_find(struct tx *tx, struct uuid id, struct invite *invite)
{
    return read_one(query_open(tx, SELECT " " FROM " WHERE t.workspace = $1 AND t.id = $2",
                               ARGS(arg_int(tx->workspace), arg_id(id))),
                    invite);
}

bool invite_find_for(struct tx *tx, int64_t client, struct invite *invite)
{
    return read_one(query_open(tx,
                               SELECT " " FROM " WHERE t.workspace = $1 AND t.client = $2"
                                      " ORDER BY t.seq DESC LIMIT 1",
                               ARGS(arg_int(tx->workspace), arg_int(client))),
                    invite);
}

enum status invite_list(struct tx *tx, const struct list *list, struct invite **invites,
                        size_t *count)
{
    struct query q = list_open(tx, &invite_columns, list);

    *invites = arena_array(tx->arena, struct invite, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        read_row(&q, &(*invites)[*count]);
    query_close(&q);
    return tx_status(tx);
}

bool invite_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &invite_columns, scope, id);
}

enum status invite_cancel(struct tx *tx, struct invite *invite)
{
    if (query_run(tx,
                  "UPDATE invites SET cancelled_at = $2 WHERE seq = $1 AND accepted_at IS NULL"
                  " AND cancelled_at IS NULL",
                  ARGS(arg_int(invite->seq), arg_int(tx_now(tx)))) == 0)
        return tx_fail(tx, ST_CONFLICT, "invite_closed",
                       "This invite was accepted or cancelled already.");
    token_cancel_for(tx, invite->id);
    mail_cancel_for(tx, invite->id);
    if (mail_sent_count(tx, invite->id) == 0) /* nobody ever got it */
        set_invited(tx, invite, false);
    return invite_load(tx, invite->id, invite);
}

enum status invite_resend(struct tx *tx, struct invite *invite, int64_t days, int64_t default_days)
{
    struct invited invited;

    if (invite->status == INVITE_ACCEPTED || invite->status == INVITE_CANCELLED)
        return tx_fail(tx, ST_CONFLICT, "invite_closed",
                       "This invite was accepted or cancelled already.");
    if (!find_invited(tx, invite, &invited))
        return tx_not_found(tx);
    vouch(tx, invite);
    if (days || invite->status == INVITE_EXPIRED)
        extend(tx, invite, tx_now(tx) + life(tx, days, default_days));
    query_run(tx, "UPDATE invites SET message = $2 WHERE seq = $1",
              ARGS(arg_int(invite->seq), arg_text(invite->message)));
    mail_it(tx, invite, &invited);
    return invite_load(tx, invite->id, invite);
}

enum status invite_link(struct tx *tx, const struct invite *invite, struct token *token)
{
    if (invite->status != INVITE_PENDING)
        return tx_fail(tx, ST_CONFLICT, "invite_closed",
                       "This invite has no good link: invite again, or resend it.");
    token_for(tx, invite, TOKEN_INVITE_LINK, token);
    return tx_status(tx);
}

enum status invite_accept(struct tx *tx, struct invite *invite)
{
    if (query_run(tx,
                  "UPDATE invites SET accepted_at = $2 WHERE seq = $1 AND accepted_at IS NULL"
                  " AND cancelled_at IS NULL",
                  ARGS(arg_int(invite->seq), arg_int(tx_now(tx)))) == 0)
        return tx_fail(tx, ST_CONFLICT, "invite_closed",
                       "This invite was accepted or cancelled already.");
    token_cancel_for(tx, invite->id); /* the other link of the same invite */
    mail_cancel_for(tx, invite->id);
    return invite_load(tx, invite->id, invite);
}

void invite_mail_refused(struct tx *tx, struct uuid id)
{
    struct invite invite;

    if (invite_find(tx, id, &invite) && mail_sent_count(tx, id) == 0 && !mail_is_owed_for(tx, id))
        set_invited(tx, &invite, false);
}

static struct invited of_client(const struct client *client)
{
    return (struct invited){ .client = client->seq,
                             .id = client->id,
                             .given_name = client->given_name,
                             .family_name = client->family_name,
                             .email = client->email,
                             .is_active = client->status == CLIENT_ACTIVE };
}

static struct invited of_staff(const struct internal_user *user)
{
    return (struct invited){ .internal_user = user->seq,
                             .id = user->id,
                             .given_name = user->given_name,
                             .family_name = user->family_name,
                             .email = user->email,
                             .role = user->role,
                             .is_active = user->status == STAFF_ACTIVE };
}

static bool find_invited(struct tx *tx, const struct invite *invite, struct invited *invited)
{
    struct internal_user user;
    struct client client;

    if (invite->client && client_find(tx, invite->client, &client))
        *invited = of_client(&client);
    else if (invite->internal_user && internal_user_find_by_seq(tx, invite->internal_user, &user))
        *invited = of_staff(&user);
    else
        return false;
    return true;
}

static enum status make(struct tx *tx, const struct invited *invited,
                        const struct invite_options *options, int64_t default_days,
                        struct invite *invite)
{
    int64_t expires_at = tx_now(tx) + life(tx, options->days, default_days);

    if (str_is_empty(invited->email))
        return tx_fail(tx, ST_UNPROCESSABLE, "no_address",
                       "This client has no address yet: give one, then invite.");
    if (invited->is_active)
        return tx_fail(tx, ST_UNPROCESSABLE, "already_active", "This %s has signed in already.",
                       invited->client ? "client" : "member of staff");
    if (!find_open(tx, invited, invite)) {
        insert(tx, invited, options, expires_at, invite);
    } else {
        vouch(tx, invite);
        if (options->days || invite->expires_at <= tx_now(tx))
            extend(tx, invite, expires_at);
    }
    if (options->mail)
        mail_it(tx, invite, invited);
    return invite_load(tx, invite->id, invite);
}

static bool find_open(struct tx *tx, const struct invited *invited, struct invite *invite)
{
    struct query q =
        invited->client
            ? query_open(tx,
                         SELECT " " FROM " WHERE t.workspace = $1 AND t.client = $2"
                                " AND t.accepted_at IS NULL AND t.cancelled_at IS NULL",
                         ARGS(arg_int(tx->workspace), arg_int(invited->client)))
            : query_open(tx,
                         SELECT " " FROM " WHERE t.workspace = $1 AND t.internal_user = $2"
                                " AND t.accepted_at IS NULL AND t.cancelled_at IS NULL",
                         ARGS(arg_int(tx->workspace), arg_int(invited->internal_user)));

    return read_one(q, invite);
}

static void insert(struct tx *tx, const struct invited *invited,
                   const struct invite_options *options, int64_t expires_at, struct invite *invite)
{
    struct token token;

    *invite = (struct invite){ .id = tx_id(tx),
                               .client = invited->client,
                               .client_id = invited->client ? invited->id : UUID_NONE,
                               .internal_user = invited->internal_user,
                               .internal_user_id = invited->client ? UUID_NONE : invited->id,
                               .email = invited->email,
                               .message = options->message,
                               .inviter_name = tx->actor.name,
                               .expires_at = expires_at,
                               .created_at = tx_now(tx) };
    query_run(tx,
              "INSERT INTO invites (workspace, id, client, internal_user, email, message,"
              " inviter_kind, inviter_id, inviter_name, created_at, expires_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
              ARGS(arg_int(tx->workspace), arg_id(invite->id),
                   invited->client ? arg_int(invited->client) : arg_text(STR_NONE),
                   invited->client ? arg_text(STR_NONE) : arg_int(invited->internal_user),
                   arg_text(invited->email), arg_text(options->message),
                   arg_text(str_from(actor_kind_name(tx->actor.kind))), arg_id(tx->actor.id),
                   arg_text(tx->actor.name), arg_int(invite->created_at), arg_int(expires_at)));
    invite->seq = query_last_seq(tx);
    token_for(tx, invite, TOKEN_INVITE_MAIL, &token); /* both at once: a read may show the link */
    token_for(tx, invite, TOKEN_INVITE_LINK, &token);
}

/* Who invited at first may have left since, and his invitation with him: who invites again stands for it
 * now. */
static void vouch(struct tx *tx, struct invite *invite)
{
    const struct actor *actor = &tx->actor;

    if ((actor->kind != ACTOR_STAFF && actor->kind != ACTOR_CLIENT && actor->kind != ACTOR_KEY) ||
        uuid_eq(actor->id, invite->inviter_id))
        return;
    invite->inviter_name = actor->name;
    query_run(tx,
              "UPDATE invites SET inviter_kind = $2, inviter_id = $3, inviter_name = $4"
              " WHERE seq = $1",
              ARGS(arg_int(invite->seq), arg_text(str_from(actor_kind_name(actor->kind))),
                   arg_id(actor->id), arg_text(actor->name)));
}

static void extend(struct tx *tx, struct invite *invite, int64_t expires_at)
{
    struct token token;

    query_run(tx, "UPDATE invites SET expires_at = $2 WHERE seq = $1",
              ARGS(arg_int(invite->seq), arg_int(expires_at)));
    invite->expires_at = expires_at;
    invite->status = INVITE_PENDING;
    for (int purpose = TOKEN_INVITE_MAIL; purpose <= TOKEN_INVITE_LINK; purpose++)
        if (token_find_for(tx, invite->id, (enum token_purpose)purpose, &token))
            token_extend(tx, &token, expires_at);
}

static enum status mail_it(struct tx *tx, struct invite *invite, const struct invited *invited)
{
    struct workspace workspace;
    struct token token;
    struct mail mail = { .render = STR("invite"),
                         .subject_kind = STR("invite"),
                         .subject_id = invite->id };

    if (workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    token_for(tx, invite, TOKEN_INVITE_MAIL, &token);
    mail.recipient = invited->email;
    mail.locale = workspace.locale;
    mail.token = token.id;
    mail.data = mail_data(tx, invite, invited, &workspace);
    mail_queue(tx, &mail);
    query_run(tx, "UPDATE invites SET mail = $2, mailed = mailed + 1, email = $3 WHERE seq = $1",
              ARGS(arg_int(invite->seq), arg_int(mail.seq), arg_text(invited->email)));
    set_invited(tx, invite, true);
    return tx_status(tx);
}

static void set_invited(struct tx *tx, const struct invite *invite, bool is_invited)
{
    if (invite->client)
        client_set_invited(tx, invite->client, is_invited);
    else
        internal_user_set_invited(tx, invite->internal_user, is_invited);
}

static struct str mail_data(struct tx *tx, const struct invite *invite,
                            const struct invited *invited, const struct workspace *workspace)
{
    struct buf json;
    struct str text;
    char expires[CLOCK_TEXT];

    clock_format(invite->expires_at, expires);
    buf_init(&json, KIB(64));
    buf_text(&json, "{\"workspaceName\":");
    buf_json(&json, workspace->name);
    buf_text(&json, ",\"accent\":");
    buf_json(&json, workspace->color_accent);
    buf_printf(&json, ",\"kind\":\"%s\",\"role\":",
               actor_kind_name(invited->client ? ACTOR_CLIENT : ACTOR_STAFF));
    buf_json(&json, invited->role);
    buf_text(&json, ",\"givenName\":");
    buf_json(&json, invited->given_name);
    buf_text(&json, ",\"familyName\":");
    buf_json(&json, invited->family_name);
    buf_text(&json, ",\"email\":");
    buf_json(&json, invited->email);
    buf_text(&json, ",\"inviterName\":");
    buf_json(&json, invite->inviter_name);
    buf_text(&json, ",\"message\":");
    buf_json(&json, invite->message);
    buf_printf(&json, ",\"expiresAt\":\"%s\",\"days\":%lld}", expires,
               (long long)((invite->expires_at - tx_now(tx) + CLOCK_DAY - 1) / CLOCK_DAY));
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

static void token_for(struct tx *tx, const struct invite *invite, enum token_purpose purpose,
                      struct token *token)
{
    if (token_find_for(tx, invite->id, purpose, token) && !token->cancelled_at)
        return;
    *token = (struct token){ .purpose = purpose,
                             .subject = invite->id,
                             .expires_at = invite->expires_at };
    token_create(tx, token);
}

static int64_t life(struct tx *tx, int64_t days, int64_t default_days)
{
    struct workspace workspace;

    if (!days && workspace_load(tx, &workspace) == ST_OK)
        days = workspace.invite_days;
    return (days ? days : default_days) * CLOCK_DAY;
}

static bool read_one(struct query q, struct invite *invite)
{
    bool found = query_next(&q);

    if (found)
        read_row(&q, invite);
    query_close(&q);
    return found;
}

static void read_row(struct query *q, struct invite *invite)
{
    struct str state = query_text(q, 13);

    *invite = (struct invite){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .client = query_int(q, 2),
        .client_id = query_id(q, 3),
        .email = query_text(q, 4),
        .message = query_text(q, 5),
        .inviter_kind = query_text(q, 6),
        .inviter_id = query_id(q, 7),
        .inviter_name = query_text(q, 8),
        .created_at = query_int(q, 9),
        .expires_at = query_int(q, 10),
        .accepted_at = query_int(q, 11),
        .cancelled_at = query_int(q, 12),
        .delivery = -1,
        .delivery_name = state,
        .delivery_code = query_int(q, 14),
        .delivery_text = query_text(q, 15),
        .delivered_at = query_int(q, 16),
        .delivery_fallback = query_text(q, 17),
        .internal_user = query_int(q, 18),
        .internal_user_id = query_id(q, 19),
        .delivery_attempts = query_int(q, 20),
        .next_delivery_at = query_int(q, 21),
    };
    for (int i = 0; i < MAIL_STATES; i++)
        if (str_is(state, mail_state_names[i]))
            invite->delivery = i;
    invite->status = invite->cancelled_at                  ? INVITE_CANCELLED
                     : invite->accepted_at                 ? INVITE_ACCEPTED
                     : invite->expires_at <= tx_now(q->tx) ? INVITE_EXPIRED
                                                           : INVITE_PENDING;
}
