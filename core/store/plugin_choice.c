/* Plugin choice: rows of `plugin_settings` and `plugin_setting_revisions`. */
#include "store/plugin_choice.h"

#include "store/query.h"

static struct plugin_choice nothing_chosen(struct str plugin);
static struct plugin_choice read_version(struct query *q);

enum status plugin_choice_load(struct tx *tx, struct str plugin, struct plugin_choice *choice)
{
    struct query q = query_open(tx,
                                "SELECT is_enabled, settings, version, updated_at FROM"
                                " plugin_settings WHERE workspace = $1 AND plugin = $2",
                                ARGS(arg_int(tx->workspace), arg_text(plugin)));

    *choice = nothing_chosen(plugin);
    if (query_next(&q)) {
        choice->is_enabled = query_bool(&q, 0);
        choice->settings = query_text(&q, 1);
        choice->version = query_int(&q, 2);
        choice->at = query_int(&q, 3);
    }
    query_close(&q);
    return tx_status(tx);
}

enum status plugin_choice_save(struct tx *tx, struct plugin_choice *choice)
{
    choice->at = tx_now(tx);
    choice->version++;
    query_run(tx,
              "INSERT INTO plugin_settings (workspace, plugin, is_enabled, settings, version,"
              " updated_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, plugin) DO"
              " UPDATE SET is_enabled = $3, settings = $4, version = $5, updated_at = $6",
              ARGS(arg_int(tx->workspace), arg_text(choice->plugin), arg_bool(choice->is_enabled),
                   arg_text(choice->settings), arg_int(choice->version), arg_int(choice->at)));
    query_run(tx,
              "INSERT INTO plugin_setting_revisions (workspace, plugin, version, is_enabled,"
              " settings, back_to, actor_kind, actor_id, created_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
              ARGS(arg_int(tx->workspace), arg_text(choice->plugin), arg_int(choice->version),
                   arg_bool(choice->is_enabled), arg_text(choice->settings),
                   choice->back_to < 0 ? arg_text(STR_NONE) : arg_int(choice->back_to),
                   arg_text(str_from(actor_kind_name(tx->actor.kind))), arg_id(tx->actor.id),
                   arg_int(choice->at)));
    query_run(tx,
              "DELETE FROM plugin_setting_revisions WHERE workspace = $1 AND plugin = $2"
              " AND version <= $3",
              ARGS(arg_int(tx->workspace), arg_text(choice->plugin),
                   arg_int(choice->version - PLUGIN_CHOICES_KEPT)));
    tx->effects.deliveries = 1; /* those of handlers that are on again go on */
    tx->plugins_of = 0;         /* what was read of them before is no longer so */
    return tx_status(tx);
}

enum status plugin_choice_list(struct tx *tx, struct plugin_choice **choices, size_t *count)
{
    struct query q = query_open(tx,
                                "SELECT plugin, is_enabled, settings, version, updated_at FROM"
                                " plugin_settings WHERE workspace = $1 ORDER BY plugin LIMIT $2",
                                ARGS(arg_int(tx->workspace), arg_int(PLUGIN_CHOICES_MOST)));

    *choices = arena_array(tx->arena, struct plugin_choice, PLUGIN_CHOICES_MOST);
    for (*count = 0; query_next(&q); (*count)++)
        (*choices)[*count] = (struct plugin_choice){ .plugin = query_text(&q, 0),
                                                     .is_enabled = query_bool(&q, 1),
                                                     .settings = query_text(&q, 2),
                                                     .version = query_int(&q, 3),
                                                     .back_to = -1,
                                                     .at = query_int(&q, 4) };
    query_close(&q);
    return tx_status(tx);
}

static struct plugin_choice nothing_chosen(struct str plugin)
{
    return (struct plugin_choice){
        .plugin = plugin, .is_enabled = true, .settings = STR("{}"), .back_to = -1
    };
}

/* ---- Versions ----------------------------------------------------------------------------------- */

#define SELECT                                                                                     \
    "SELECT r.plugin, r.version, r.is_enabled, r.settings, coalesce(r.back_to, -1), r.actor_kind," \
    " r.actor_id, r.created_at, coalesce("                                                         \
    "(SELECT email FROM internal_users WHERE workspace = r.workspace AND id = r.actor_id),"        \
    " (SELECT name FROM api_keys WHERE workspace = r.workspace AND id = r.actor_id))"              \
    " FROM plugin_setting_revisions r WHERE r.workspace = $1 "

enum status plugin_choice_versions(struct tx *tx, struct str plugin, struct plugin_choice **choices,
                                   size_t *count)
{
    struct query q =
        query_open(tx,
                   SELECT "AND ($2 IS NULL OR r.plugin = $2)"
                          " ORDER BY r.created_at DESC, r.version DESC LIMIT $3",
                   ARGS(arg_int(tx->workspace), arg_text(plugin), arg_int(PLUGIN_CHOICES_KEPT)));

    *choices = arena_array(tx->arena, struct plugin_choice, PLUGIN_CHOICES_KEPT);
    for (*count = 0; query_next(&q); (*count)++)
        (*choices)[*count] = read_version(&q);
    query_close(&q);
    return tx_status(tx);
}

enum status plugin_choice_version(struct tx *tx, struct str plugin, int64_t version,
                                  struct plugin_choice *choice)
{
    struct query q;
    bool is_there;

    *choice = nothing_chosen(plugin);
    if (version == 0)
        return tx_status(tx);
    q = query_open(tx, SELECT "AND r.plugin = $2 AND r.version = $3",
                   ARGS(arg_int(tx->workspace), arg_text(plugin), arg_int(version)));
    is_there = query_next(&q);
    if (is_there)
        *choice = read_version(&q);
    query_close(&q);
    return is_there ? tx_status(tx) : tx_not_found(tx);
}

int64_t plugin_choice_before(struct tx *tx, const struct plugin_choice *choice)
{
    int64_t back_to = query_one_int(
        tx, -1,
        "SELECT back_to FROM plugin_setting_revisions"
        " WHERE workspace = $1 AND plugin = $2 AND version = $3"
        " AND back_to IS NOT NULL",
        ARGS(arg_int(tx->workspace), arg_text(choice->plugin), arg_int(choice->version)));

    /* What was put back may itself have put something back. */
    for (int i = 0; back_to > 0 && i < PLUGIN_CHOICES_KEPT; i++) {
        int64_t further =
            query_one_int(tx, -1,
                          "SELECT back_to FROM plugin_setting_revisions"
                          " WHERE workspace = $1 AND plugin = $2 AND version = $3"
                          " AND back_to IS NOT NULL",
                          ARGS(arg_int(tx->workspace), arg_text(choice->plugin), arg_int(back_to)));

        if (further < 0)
            break;
        back_to = further;
    }
    return back_to >= 0 ? back_to - 1 : choice->version - 1;
}

static struct plugin_choice read_version(struct query *q)
{
    return (struct plugin_choice){
        .plugin = query_text(q, 0),
        .version = query_int(q, 1),
        .is_enabled = query_bool(q, 2),
        .settings = query_text(q, 3),
        .back_to = query_int(q, 4),
        .actor_kind = query_text(q, 5),
        .actor_id = query_id(q, 6),
        .at = query_int(q, 7),
        .actor = query_text(q, 8),
    };
}
