/* Workspace: rows of `workspaces`. */
#include "store/workspace.h"

#include "store/query.h"
#include "store/role.h"

enum status workspace_create(struct tx *tx, struct str name, struct workspace *workspace)
{
    struct uuid id = tx_id(tx);

    query_run(tx,
              "INSERT INTO workspaces (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)",
              ARGS(arg_id(id), arg_text(name), arg_int(tx_now(tx))));
    tx->workspace = query_last_seq(tx);
    tx->workspace_id = id;
    role_create_presets(tx);
    return workspace_load(tx, workspace);
}

enum status workspace_load(struct tx *tx, struct workspace *workspace)
{
    struct query q = query_open(
        tx,
        "SELECT seq, id, name, industry, locale, time_zone, companies_enabled, company_required,"
        " one_company, email_required, sign_up_enabled, clients_may_invite, delete_permanently,"
        " invite_days, coalesce(client_limit, -1), client_count, individual_term,"
        " individual_terms, group_term, group_terms, color_accent, color_sidebar,"
        " color_sidebar_text, mail_from_name, created_at, updated_at, default_channel"
        " FROM workspaces WHERE seq = $1",
        ARGS(arg_int(tx->workspace)));

    if (!query_next(&q)) {
        query_close(&q);
        return tx_fail(tx, ST_NOT_FOUND, NULL, "There is no such workspace.");
    }
    *workspace = (struct workspace){
        .seq = query_int(&q, 0),
        .id = query_id(&q, 1),
        .name = query_text(&q, 2),
        .industry = query_text(&q, 3),
        .locale = query_text(&q, 4),
        .time_zone = query_text(&q, 5),
        .companies_enabled = query_bool(&q, 6),
        .company_required = query_bool(&q, 7),
        .one_company = query_bool(&q, 8),
        .email_required = query_bool(&q, 9),
        .sign_up_enabled = query_bool(&q, 10),
        .clients_may_invite = query_bool(&q, 11),
        .delete_permanently = query_bool(&q, 12),
        .invite_days = query_int(&q, 13),
        .client_limit = query_int(&q, 14),
        .client_count = query_int(&q, 15),
        .individual_term = query_text(&q, 16),
        .individual_terms = query_text(&q, 17),
        .group_term = query_text(&q, 18),
        .group_terms = query_text(&q, 19),
        .color_accent = query_text(&q, 20),
        .color_sidebar = query_text(&q, 21),
        .color_sidebar_text = query_text(&q, 22),
        .mail_from_name = query_text(&q, 23),
        .created_at = query_int(&q, 24),
        .updated_at = query_int(&q, 25),
        .default_channel = (int)query_int(&q, 26),
    };
    query_close(&q);
    return tx_status(tx);
}

enum status workspace_update(struct tx *tx, const struct workspace *w)
{
    query_run(tx,
              "UPDATE workspaces SET name = $2, industry = $3, locale = $4, time_zone = $5,"
              " companies_enabled = $6, company_required = $7, one_company = $8,"
              " email_required = $9, sign_up_enabled = $10, clients_may_invite = $11,"
              " delete_permanently = $12, invite_days = $13, individual_term = $14,"
              " individual_terms = $15, group_term = $16, group_terms = $17, color_accent = $18,"
              " color_sidebar = $19, color_sidebar_text = $20, mail_from_name = $21,"
              " updated_at = $22, default_channel = $23 WHERE seq = $1",
              ARGS(arg_int(tx->workspace), arg_text(w->name), arg_text(w->industry),
                   arg_text(w->locale), arg_text(w->time_zone), arg_bool(w->companies_enabled),
                   arg_bool(w->company_required), arg_bool(w->one_company),
                   arg_bool(w->email_required), arg_bool(w->sign_up_enabled),
                   arg_bool(w->clients_may_invite), arg_bool(w->delete_permanently),
                   w->invite_days ? arg_int(w->invite_days) : arg_text(STR_NONE),
                   arg_text(w->individual_term), arg_text(w->individual_terms),
                   arg_text(w->group_term), arg_text(w->group_terms), arg_text(w->color_accent),
                   arg_text(w->color_sidebar), arg_text(w->color_sidebar_text),
                   arg_text(w->mail_from_name), arg_int(tx_now(tx)), arg_int(w->default_channel)));
    return tx_status(tx);
}

enum status workspace_choose(struct tx *tx, struct uuid id)
{
    struct query q = query_open(
        tx, "SELECT seq, id FROM workspaces WHERE $1 IS NULL OR id = $1 LIMIT 2", ARGS(arg_id(id)));
    int found = 0;

    while (query_next(&q)) {
        found++;
        tx->workspace = query_int(&q, 0);
        tx->workspace_id = query_id(&q, 1);
    }
    query_close(&q);
    if (found == 0)
        return tx_fail(tx, ST_NOT_FOUND, NULL, "There is no such workspace.");
    if (found > 1)
        return tx_fail(tx, ST_UNPROCESSABLE, "workspace_ambiguous",
                       "This server holds several workspaces: name one by its id.");
    return tx_status(tx);
}

struct str fallback_color(struct uuid id)
{
    static const char *const colors[] = { "#2f5d50", "#7a4b94", "#b5533c", "#2d6a9f", "#8a6d1d",
                                          "#4a6b2a", "#a13d63", "#3f5873", "#6b4f3a", "#1f7a7a" };

    /* the last byte of a version 7 id is random */
    return str_from(colors[id.bytes[15] % (sizeof(colors) / sizeof(colors[0]))]);
}
