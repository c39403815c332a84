/* Command plugin run: what commands a plugin has, and which one is meant; it runs on the scripts' thread, or where the
 * command line itself runs it.
 */
#include "api/command.h"
#include "api/command_plugin.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "http/json_tree.h"
#include "plugin/choices.h"
#include "plugin/handler.h"

#include <string.h>

struct asked {
    struct plugin_asked plugin;
    struct str command, arguments;
};

static route_phase run;

enum { COLUMNS = 16, WIDEST = 48 };

#define AT(member) offsetof(struct asked, member)
static const struct field fields[] = {
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(plugin.name), 0, 100, NULL, NULL, NULL },
    { "command", FIELD_TEXT, FIELD_WRITE, AT(command), 0, 100, NULL, NULL, NULL },
    { "workspace", FIELD_TEXT, FIELD_WRITE, AT(plugin.workspace), 0, 64, NULL, NULL, NULL },
    { "arguments", FIELD_JSON, FIELD_WRITE, AT(arguments), 0, LIMIT_JSON_BODY, NULL, NULL, NULL },
    { 0 },
};
static const struct entity run_entity = { "command", fields, sizeof(struct asked) };

const struct route command_plugin_run_routes[] = {
    { POST, "plugin run", .body = &run_entity, .read = run, .flags = ROUTE_SCRIPT },
    { 0 },
};

static void list(const struct plugin *plugin, bool as_text, struct buf *out);
static void list_arguments(const struct value *schema, struct buf *out);
static enum status no_such(struct tx *tx, const struct plugin *plugin, struct str name);
static void table(const struct value *rows, struct buf *out);
static void columns(const struct value *rows, struct arena *arena, struct buf *out);
static struct str at(const struct value *rows, size_t row, size_t column, struct arena *arena);
static bool is_row(const struct value *value);
static struct str cell(const struct value *value, struct arena *arena);

static enum status run(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct command_wish *wish = arena_new(tx->arena, struct command_wish);
    struct asked asked = { .command = STR_NONE };
    const struct plugin *plugin;
    uint64_t given;

    if (body_read(tx, rq, &run_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    plugin = plugin_asked_find(tx, &asked.plugin);
    if (!plugin)
        return tx_status(tx);
    if (str_is_empty(asked.command)) {
        list(plugin, command_wants_text(rq), command_reply(rq, rp));
        return tx_status(tx);
    }
    if (!plugin_command(tx->policy, plugin, asked.command, wish))
        return no_such(tx, plugin, asked.command);
    if (command_choose(tx, asked.plugin.workspace) != ST_OK)
        return tx_status(tx);
    if (choices_has_disabled(tx, plugin->id))
        return tx_fail(
            tx, ST_UNPROCESSABLE, NULL,
            "%.*s is switched off in this workspace: `foyer plugin enable` switches it on.",
            STR_ARG(plugin->id));
    wish->arguments = str_copy(tx->arena, asked.arguments);
    tx->scratch = wish;
    return tx_status(tx);
}

static void list(const struct plugin *plugin, bool as_text, struct buf *out)
{
    size_t count = 0;

    buf_text(out, as_text ? "" : "[");
    for (size_t k = 0; k < plugin->registration_count; k++) {
        const struct registration *r = &plugin->registrations[k];

        if (r->kind != HOOK_COMMAND)
            continue;
        if (as_text) {
            buf_printf(out, str_is_empty(r->describe) ? "%.*s%.*s\n" : "%-24.*s %.*s\n",
                       STR_ARG(r->subject), STR_ARG(r->describe));
            list_arguments(r->route.body, out);
        } else {
            buf_text(out, count ? ",{\"name\":" : "{\"name\":");
            buf_json(out, r->subject);
            buf_text(out, ",\"describe\":");
            buf_json(out, r->describe);
            buf_text(out, ",\"arguments\":");
            if (r->route.body)
                value_to_json(r->route.body, out);
            else
                buf_text(out, "null");
            buf_char(out, '}');
        }
        count++;
    }
    if (as_text && count == 0)
        buf_printf(out, "%.*s has no commands.\n", STR_ARG(plugin->id));
    buf_text(out, as_text ? "" : "]\n");
}

/* "  --status TEXT        which ones (must be given)" */
static void list_arguments(const struct value *schema, struct buf *out)
{
    const struct value *named = schema ? value_get(schema, STR("properties")) : NULL;
    const struct value *required = schema ? value_get(schema, STR("required")) : NULL;

    for (size_t i = 0; named && named->type == VALUE_OBJECT && i < named->object.count; i++) {
        const struct value_member *m = &named->object.members[i];
        struct str type = value_get_string(&m->value, STR("type"));
        struct str help = value_get_string(&m->value, STR("description"));
        bool is_required = false;

        for (size_t k = 0; required && required->type == VALUE_ARRAY && k < required->array.count;
             k++)
            is_required |= str_eq(required->array.items[k].string, m->name);
        buf_printf(out, "  --%-20.*s %.*s%s%.*s%s\n", STR_ARG(m->name), STR_ARG(type),
                   str_is_empty(help) ? "" : "  ", STR_ARG(help),
                   is_required ? " (must be given)" : "");
    }
}

static enum status no_such(struct tx *tx, const struct plugin *plugin, struct str name)
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    for (size_t k = 0; k < plugin->registration_count; k++)
        if (plugin->registrations[k].kind == HOOK_COMMAND)
            nearest_offer(&nearest, plugin->registrations[k].subject.at);
    if (nearest.word)
        return tx_fail(tx, ST_NOT_FOUND, NULL, "%.*s has no command `%.*s`. Did you mean `%s`?",
                       STR_ARG(plugin->id), STR_ARG(name), nearest.word);
    return tx_fail(tx, ST_NOT_FOUND, NULL,
                   "%.*s has no command `%.*s`: `foyer plugin run %.*s` lists those that it has.",
                   STR_ARG(plugin->id), STR_ARG(name), STR_ARG(plugin->id));
}

/* ---- What it gave ------------------------------------------------------------------------------ */

void command_output(const struct task_result *result, bool as_text, struct arena *arena,
                    struct reply *rp)
{
    bool is_table = str_starts(result->type, STR("application/json"));
    struct buf *out = reply_json(rp, 200);
    struct value value;

    if (!as_text) {
        if (is_table)
            buf_str(out, result->body);
        else if (str_is_absent(result->body))
            buf_text(out, "null");
        else
            buf_json(out, result->body);
        buf_char(out, '\n');
        return;
    }
    rp->content_type = "text/plain; charset=utf-8";
    if (is_table && str_is_absent(value_from_json(result->body, arena, &value)))
        table(&value, out);
    else
        buf_str(out, str_is_absent(result->body) ? STR("") : result->body);
    if (out->len && out->at[out->len - 1] != '\n')
        buf_char(out, '\n');
}

/* Rows of one shape as columns, names and values as lines; anything else as JSON. */
static void table(const struct value *rows, struct buf *out)
{
    bool is_good = rows->type == VALUE_ARRAY && rows->array.count > 0;
    struct arena arena;

    for (size_t i = 0; is_good && i < rows->array.count; i++)
        is_good = is_row(&rows->array.items[i]);
    arena_init(&arena, LIMIT_REQUEST_ARENA);
    if (is_good && rows->array.items[0].object.count <= COLUMNS)
        columns(rows, &arena, out);
    else if (is_row(rows))
        for (size_t i = 0; i < rows->object.count; i++)
            buf_printf(out, "%.*s: %.*s\n", STR_ARG(rows->object.members[i].name),
                       STR_ARG(cell(&rows->object.members[i].value, &arena)));
    else
        value_to_json(rows, out);
    arena_fini(&arena);
}

/* Those of the first row. */
static void columns(const struct value *rows, struct arena *arena, struct buf *out)
{
    const struct value *first = &rows->array.items[0];
    size_t count = first->object.count, widths[COLUMNS] = { 0 };

    for (size_t i = 0; i <= rows->array.count; i++)
        for (size_t c = 0; c < count; c++) {
            size_t width = str_utf8_length(at(rows, i, c, arena));

            if (width > widths[c] && width <= WIDEST)
                widths[c] = width;
        }
    for (size_t i = 0; i <= rows->array.count; i++)
        for (size_t c = 0; c < count; c++) {
            struct str text = at(rows, i, c, arena);
            size_t width = str_utf8_length(text);

            buf_str(out, text);
            for (; c + 1 < count && width < widths[c] + 2; width++)
                buf_char(out, ' ');
            if (c + 1 == count)
                buf_char(out, '\n');
        }
}

/* Row 0 is that of the names. */
static struct str at(const struct value *rows, size_t row, size_t column, struct arena *arena)
{
    struct str name = rows->array.items[0].object.members[column].name;
    const struct value *value = row ? value_get(&rows->array.items[row - 1], name) : NULL;

    return row == 0 ? name : value ? cell(value, arena) : STR("");
}

/* Of plain values only. */
static bool is_row(const struct value *value)
{
    if (value->type != VALUE_OBJECT || value->object.count == 0)
        return false;
    for (size_t i = 0; i < value->object.count; i++)
        if (value->object.members[i].value.type == VALUE_ARRAY ||
            value->object.members[i].value.type == VALUE_OBJECT)
            return false;
    return true;
}

static struct str cell(const struct value *value, struct arena *arena)
{
    struct buf out;
    struct str text;

    if (value->type == VALUE_STRING)
        return str_shown(arena, value->string);
    buf_init(&out, 1000);
    if (value->type != VALUE_NIL)
        value_to_json(value, &out);
    text = str_copy(arena, out.len ? buf_view(&out) : STR(""));
    buf_fini(&out);
    return text;
}
