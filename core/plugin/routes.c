/* Routes: rows out of registrations, and what is asked before their rule. */
#include "plugin/routes.h"

#include "plugin/choices.h"
#include "plugin/seat.h"
#include "store/workspace.h"

#include <string.h>

enum { PATH_MOST = 200 };

static bool check_rules(const struct generation *g, const struct plugin *plugin,
                        struct buf *report);
static bool is_asked(const struct plugin *plugin, struct str action);
static size_t add_plugin(struct generation *g, size_t at, const struct route **tables,
                         size_t count);
static void fill(struct plugin_route *made, struct generation *g, size_t at, size_t function,
                 enum method method);
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject);
static enum status choose_workspace(struct tx *tx, const struct request *rq);
static const char *segment_fault(struct str segment, bool is_last);
static bool is_param(struct str segment);

/* ---- Making them ------------------------------------------------------------------------------- */

bool routes_compile(struct generation *g, struct buf *report)
{
    const struct route **tables;
    size_t most = 0, count = 0;
    bool is_good = true;

    for (size_t i = 0; i < g->plugin_count; i++) {
        is_good &= check_rules(g, &g->plugins[i], report);
        most += 1 + 2 * g->plugins[i].registration_count;
    }
    if (!is_good)
        return false;
    tables = arena_array(&g->arena, const struct route *, most + 1);
    for (size_t i = 0; i < g->plugin_count; i++)
        count = add_plugin(g, i, tables, count);
    if (count == 0)
        return true;
    if (arena_is_exhausted(&g->arena)) {
        buf_text(report, "the scripts together are too large\n");
        return false;
    }
    return router_new(tables, &g->router, report) == ST_OK;
}

static size_t add_plugin(struct generation *g, size_t at, const struct route **tables, size_t count)
{
    const struct plugin *plugin = &g->plugins[at];
    struct plugin_route *made;
    bool has_assets = false;

    for (size_t k = 0; k < plugin->file_count; k++)
        has_assets |= asset_is_one(&plugin->files[k]);
    if (has_assets) {
        made = arena_new(&g->arena, struct plugin_route);
        made->plugin = plugin;
        asset_fill(made->rows, plugin_own_name(plugin->id), &g->arena);
        tables[count++] = made->rows;
    }
    for (size_t k = 0; k < plugin->registration_count; k++) {
        const struct registration *r = &plugin->registrations[k];
        bool is_page = r->kind == HOOK_PAGE;

        if (r->kind != HOOK_ROUTE && !is_page)
            continue;
        for (int i = 0; i <= is_page; i++) {
            made = arena_new(&g->arena, struct plugin_route);
            fill(made, g, at, k, is_page ? (i ? POST : GET) : r->route.method);
            tables[count++] = made->rows;
        }
    }
    return count;
}

/* A rule for an action of the plugin's own that none of its routes asks is a slip. Those of other plugins are
 * not looked up: they may come later. */
static bool check_rules(const struct generation *g, const struct plugin *plugin, struct buf *report)
{
    struct str own = plugin_own_name(plugin->id);
    bool is_good = true;

    for (size_t k = 0; g->known && k < plugin->registration_count; k++) {
        const struct registration *r = &plugin->registrations[k];
        struct str rest = r->subject, first;

        if (r->kind != HOOK_RULE || known_find(g->known, HOOK_RULE, r->subject) ||
            !str_cut(&rest, '.', &first) || !str_eq(first, own) || is_asked(plugin, r->subject))
            continue;
        buf_printf(report,
                   "%.*s: none of its routes and pages asks \"%.*s\": one says may = \"%.*s\"\n",
                   STR_ARG(r->where), STR_ARG(r->subject), STR_ARG(r->subject));
        is_good = false;
    }
    return is_good;
}

static bool is_asked(const struct plugin *plugin, struct str action)
{
    for (size_t k = 0; k < plugin->registration_count; k++)
        if ((plugin->registrations[k].kind == HOOK_ROUTE ||
             plugin->registrations[k].kind == HOOK_PAGE) &&
            str_eq(plugin->registrations[k].route.may, action))
            return true;
    return false;
}

/* The texts end with a NUL: str_copy gives one. */
static void fill(struct plugin_route *made, struct generation *g, size_t at, size_t function,
                 enum method method)
{
    const struct plugin *plugin = &g->plugins[at];
    const struct registration *r = &plugin->registrations[function];
    struct str own = plugin_own_name(plugin->id), path = r->route.path;
    bool is_page = r->kind == HOOK_PAGE, takes_all = !is_page && !r->route.body;

    made->registration = r;
    made->plugin = plugin;
    made->has_settings = plugin->setting_count > 0;
    made->handler = (struct handler){ .plugin = plugin->id,
                                      .name = r->subject,
                                      .where = r->where,
                                      .at_plugin = at,
                                      .function = function };
    made->rows[0] = (struct route){
        .method = method,
        .pattern = str_printf(&g->arena, "/p/%.*s%.*s", STR_ARG(own),
                              (int)(path.len > 1 ? path.len : 0), path.at)
                       .at,
        .may = r->route.may.at,
        .open = r->route.open.at,
        .target = target,
        .flags = ROUTE_SCRIPT | ROUTE_NO_TARGET | (takes_all ? ROUTE_ANY_BODY : 0) |
                 (is_page ? ROUTE_PAGE | ROUTE_HIDDEN : 0),
        .summary = str_is_empty(r->describe) ? r->subject.at : r->describe.at,
    };
}

const struct plugin_route *plugin_route_of(const struct route *row)
{
    return (const struct plugin_route *)(const void *)row;
}

const struct router *routes_of(const struct policy *policy)
{
    const struct seat *seat = (const struct seat *)policy;

    return seat && seat->generation ? seat->generation->router : NULL;
}

bool routes_has(struct str path)
{
    return str_starts(path, STR("/p/"));
}

/* ---- Before the rule --------------------------------------------------------------------------- */

/* What a workspace has switched off is not there. */
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    (void)subject;
    if (rq->route->open && choose_workspace(tx, rq) != ST_OK)
        return tx_status(tx);
    if (choices_has_disabled(tx, plugin_route_of(rq->route)->handler.plugin))
        return tx_not_found(tx);
    return tx_status(tx);
}

/* Where nobody is asked who he is, the address says which workspace is meant, where there are several. Whoever
 * belongs to another one is nobody in it. */
static enum status choose_workspace(struct tx *tx, const struct request *rq)
{
    struct str named = request_query(rq, "workspace");
    struct uuid id = UUID_NONE;

    if (str_is_absent(named) && tx->workspace != 0)
        return tx_status(tx);
    if (!str_is_absent(named) && !uuid_parse(named, &id)) {
        tx_fail_field(tx, ST_INVALID, "workspace", "not_an_id", "This is no id of a workspace.");
        return tx_status(tx);
    }
    if (!str_is_absent(named) && uuid_eq(id, tx->workspace_id))
        return tx_status(tx);
    tx->actor = (struct actor){ .road = "api" };
    if (workspace_choose(tx, id) == ST_UNPROCESSABLE)
        tx->failure.message =
            STR("This server holds several workspaces: say which one by ?workspace=ID.");
    return tx_status(tx);
}

/* ---- Paths ------------------------------------------------------------------------------------- */

struct str routes_path_fault(struct str path, struct arena *arena)
{
    struct str rest = path, segment, names[REQUEST_PATH_PARAMS];
    size_t params = 0;

    if (path.len == 0 || path.at[0] != '/')
        return STR("a path begins with \"/\"");
    if (path.len > PATH_MOST)
        return str_printf(arena, "a path has at most %d characters", PATH_MOST);
    if (path.len == 1)
        return STR_NONE;
    rest = str_slice(path.at + 1, path.len - 1);
    if (str_is(rest, "assets") || str_starts(rest, STR("assets/")))
        return STR("what begins with /assets are the files of the plugin");
    while (str_cut(&rest, '/', &segment)) {
        const char *fault = segment_fault(segment, str_is_absent(rest));

        if (fault)
            return str_from(fault);
        if (!is_param(segment))
            continue;
        for (size_t i = 0; i < params; i++)
            if (str_eq(names[i], segment))
                return str_printf(arena, "%.*s stands twice in it", STR_ARG(segment));
        if (params == REQUEST_PATH_PARAMS)
            return str_printf(arena, "a path has at most %d parameters", REQUEST_PATH_PARAMS);
        names[params++] = segment;
    }
    return STR_NONE;
}

/* NULL: it may stand. */
static const char *segment_fault(struct str segment, bool is_last)
{
    struct str name = segment;
    bool is_rest = false;

    if (segment.len == 0)
        return "nothing stands between two slashes of it, or behind the last one";
    if (str_is(segment, ".") || str_is(segment, ".."))
        return "\".\" and \"..\" cannot stand in it";
    if (is_param(segment)) {
        name = str_slice(segment.at + 1, segment.len - 2);
        is_rest = str_ends(name, STR("..."));
        name.len -= is_rest ? 3 : 0;
    }
    if (is_rest && !is_last)
        return "{name...} takes the rest, and must be the last";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';

        if (!is_word && (is_param(segment) || (c != '-' && c != '.' && c != '~')))
            return is_param(segment) ? "the name of a parameter is letters, digits and '_'"
                   : c == '{' || c == '}'
                       ? "a parameter is a whole segment: {name}"
                       : "it is letters, digits, '-', '_', '.' and '~', between slashes";
    }
    return name.len == 0 ? "the name of a parameter is letters, digits and '_'" : NULL;
}

static bool is_param(struct str segment)
{
    return segment.len >= 2 && segment.at[0] == '{' && segment.at[segment.len - 1] == '}';
}

bool routes_are_same(struct str path, struct str other)
{
    struct str a, b;

    while (str_cut(&path, '/', &a)) {
        bool is_rest = str_ends(a, STR("...}"));

        if (!str_cut(&other, '/', &b) || is_param(a) != is_param(b) ||
            (is_param(a) ? is_rest != str_ends(b, STR("...}")) : !str_eq(a, b)))
            return false;
    }
    return str_is_absent(other);
}

void routes_copy_terms(struct route_terms *terms, struct arena *arena)
{
    struct str *const texts[] = { &terms->path,  &terms->may,   &terms->open,  &terms->place,
                                  &terms->title, &terms->label, &terms->style, &terms->script };
    const struct value **const schemas[] = { &terms->query, &terms->body };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = texts[i]->at ? str_copy(arena, *texts[i]) : STR_NONE;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
        if (*schemas[i]) {
            struct value *copy = arena_new(arena, struct value);

            *copy = value_copy(arena, *schemas[i]);
            *schemas[i] = copy;
        }
}
