/* Manual: HTML of functions, members and names. */
#include "lua/manual.h"

#include "base/arena.h"
#include "base/limits.h"
#include "lua/api_table.h"
#include "plugin/known.h"
#include "policy/reads.h"
#include "store/actor.h"

#include <string.h>

/* A chapter of functions: those whose names begin so. */
static const struct chapter {
    const char *id, *title;
    const struct api_function *rows;
    const char *begins; /* NULL: names without a dot */
} chapters[] = {
    { "functions", "Registering, answering, asking", api_functions, NULL },
    { "actor", "Methods of actors", api_methods, "actor:" },
    { "secret", "Methods of secrets", api_methods, "secret:" },
    { "kv", "foyer.kv", api_tools, "kv." },
    { "cache", "foyer.cache", api_tools, "cache." },
    { "metrics", "foyer.metrics", api_metrics, "metrics." },
    { "mail", "foyer.mail", api_tools, "mail." },
    { "events-emit", "foyer.events", api_tools, "events." },
    { "http", "foyer.http", api_tools, "http." },
    { "text", "foyer.text", api_tools, "text." },
    { "time", "foyer.time", api_tools, "time." },
    { "crypto", "foyer.crypto", api_tools, "crypto." },
    { "json", "foyer.json", api_tools, "json." },
    { "template", "foyer.template", api_tools, "template." },
    { "schema", "foyer.schema", api_tools, "schema." },
    { "i18n", "foyer.i18n", api_tools, "i18n." },
    { "log", "foyer.log", api_tools, "log." },
    { "tests", "Tests", api_tests, "t." },
    { "workspaces-of-tests", "Workspaces of tests", api_scratch, "w:" },
    { "people-of-tests", "People of tests", api_scratch, "person:" },
};

static void write_contents(struct buf *out);
static void write_chapter(const struct chapter *chapter, struct buf *out);
static void write_function(const struct api_function *row, const char *prefix, struct buf *out);
static bool is_in(const struct chapter *chapter, const struct api_function *row);
static void write_members(struct buf *out);
static void write_members_of(const struct api_member *members, struct buf *out);
static void write_names(const struct known *known, struct buf *out);
static void write_entities(const struct known *known, struct buf *out);
static void write_row(struct str name, struct str type, const char *help, struct buf *out);
static void begin_table(const char *title, const char *second, struct buf *out);
static void end_table(struct buf *out);
static void put(struct buf *out, const char *text);

void manual_write(const struct router *router, struct buf *out)
{
    const struct known *known;
    struct arena arena;

    arena_init(&arena, MIB(4));
    known = known_new(router, &arena);
    buf_text(out,
             "<h1>Scripts and plugins</h1><p>Level 1 of the API, as this server has it. It only "
             "grows. <a href=\"/docs/foyer.d.lua\">foyer.d.lua</a> tells an editor the same "
             "(LuaLS). How scripts are written, tried and put in force stands in the "
             "<code>README.md</code> of <code>scripts</code>.</p>");
    write_contents(out);
    for (size_t i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++)
        write_chapter(&chapters[i], out);
    write_members(out);
    write_names(known, out);
    write_entities(known, out);
    arena_fini(&arena);
}

static void write_contents(struct buf *out)
{
    buf_text(out, "<nav aria-label=\"Contents\"><p>");
    for (size_t i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++)
        buf_printf(out, "<a href=\"#%s\">%s</a> · ", chapters[i].id, chapters[i].title);
    buf_text(out, "<a href=\"#objects\">Objects</a> · <a href=\"#permissions\">Permissions</a> · "
                  "<a href=\"#actions\">Actions</a> · <a href=\"#renders\">Texts</a> · "
                  "<a href=\"#entities\">Entities</a></p></nav>");
}

static void write_chapter(const struct chapter *chapter, struct buf *out)
{
    bool is_own =
        chapter->rows == api_methods || chapter->rows == api_tests || chapter->rows == api_scratch;
    const char *prefix = is_own ? "" : "foyer.";

    buf_printf(out, "<h2 id=\"%s\">%s</h2>", chapter->id, chapter->title);
    for (const struct api_function *row = chapter->rows; row->name; row++)
        if (row->body && is_in(chapter, row))
            write_function(row, prefix, out);
}

static bool is_in(const struct chapter *chapter, const struct api_function *row)
{
    return chapter->begins ? strncmp(row->name, chapter->begins, strlen(chapter->begins)) == 0
                           : !strchr(row->name, '.');
}

static void write_function(const struct api_function *row, const char *prefix, struct buf *out)
{
    struct arena arena;

    arena_init(&arena, KIB(16));
    buf_printf(out, "<h3 id=\"%s%s\"><code>%s%s(", prefix, row->name, prefix, row->name);
    for (const struct api_param *p = row->params; p < row->params + API_PARAMS && p->name; p++)
        buf_printf(out, "%s%s%s", p > row->params ? ", " : "", p->name, p->is_optional ? "?" : "");
    buf_char(out, ')');
    if (row->returns) {
        buf_text(out, " → ");
        put(out, row->returns);
    }
    buf_text(out, "</code></h3><p>");
    put(out, row->help);
    buf_printf(out, "</p><p><small>Called %.*s.", STR_ARG(api_kinds_text(row->kinds, &arena)));
    if (row->capability)
        buf_printf(out, " Plugins of folders name the capability <code>%s</code>.",
                   row->capability);
    buf_text(out, "</small></p>");
    if (row->example) {
        buf_text(out, "<pre tabindex=\"0\"><code>");
        put(out, row->example);
        buf_text(out, "</code></pre>");
    }
    arena_fini(&arena);
}

/* ---- What objects have, and names ---------------------------------------------------------------- */

static void write_members(struct buf *out)
{
    buf_text(out, "<h2 id=\"objects\">Objects</h2>");
    write_members_of(api_members, out);
    write_members_of(api_scratch_members, out);
    begin_table("Workspace", NULL, out);
    for (const struct field *field = workspace_view.fields; field->name; field++)
        write_row(str_from(field->name), STR_NONE, field->help, out);
    end_table(out);
    buf_text(out, "<h2 id=\"permissions\">Permissions</h2><p>");
    for (int i = 0; i < PERMISSION_COUNT; i++)
        buf_printf(out, "%s<code>%s</code>", i ? ", " : "", permission_names[i]);
    buf_text(out, "</p>");
}

static void write_members_of(const struct api_member *members, struct buf *out)
{
    const char *class = "";

    for (const struct api_member *m = members; m->class; m++) {
        struct str type = str_from(m->lua_type);

        if (strcmp(class, m->class) != 0) {
            if (class[0])
                end_table(out);
            class = m->class;
            begin_table(class, "Type", out);
        }
        write_row(str_from(m->name), type, m->help, out);
    }
    end_table(out);
}

static void write_names(const struct known *known, struct buf *out)
{
    buf_text(out, "<h2 id=\"actions\">Actions</h2><p>Of rules; of filters those that change "
                  "something.</p>");
    begin_table(NULL, "Filters", out);
    for (size_t i = 0; i < known->count[HOOK_RULE]; i++) {
        const struct known_name *name = &known->at[HOOK_RULE][i];

        write_row(name->name, name->is_change ? STR("yes") : STR("no"), name->help, out);
    }
    end_table(out);
    buf_text(out, "<h2 id=\"renders\">Texts</h2>");
    begin_table(NULL, NULL, out);
    for (size_t i = 0; i < known->count[HOOK_RENDER]; i++)
        write_row(known->at[HOOK_RENDER][i].name, STR_NONE, known->at[HOOK_RENDER][i].help, out);
    end_table(out);
    buf_text(out, "<h2 id=\"events\">Events</h2>");
    begin_table(NULL, NULL, out);
    for (size_t i = 0; i < known->count[HOOK_EVENT]; i++)
        write_row(known->at[HOOK_EVENT][i].name, STR_NONE, known->at[HOOK_EVENT][i].help, out);
    end_table(out);
}

/* What ctx.target and ctx.input have, once for each entity. */
static void write_entities(const struct known *known, struct buf *out)
{
    buf_text(out, "<h2 id=\"entities\">Entities</h2>");
    for (size_t i = 0; i < known->count[HOOK_RULE]; i++) {
        const struct entity *entity = known->at[HOOK_RULE][i].entity;
        size_t before;

        for (before = 0; before < i && known->at[HOOK_RULE][before].entity != entity; before++)
            ;
        if (!entity || before < i)
            continue;
        begin_table(entity->name, NULL, out);
        for (const struct field *field = entity->fields; field->name; field++)
            if (!(field->flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)))
                write_row(str_from(field->name), STR_NONE, field->help, out);
        end_table(out);
    }
}

static void write_row(struct str name, struct str type, const char *help, struct buf *out)
{
    buf_text(out, "<tr><td><code>");
    buf_html(out, name);
    buf_text(out, "</code></td><td>");
    if (!str_is_absent(type)) {
        buf_html(out, type);
        buf_text(out, "</td><td>");
    }
    put(out, help ? help : "");
    buf_text(out, "</td></tr>");
}

/* second: the head of the column in the middle; NULL: there is none, and types are absent. */
static void begin_table(const char *title, const char *second, struct buf *out)
{
    if (title)
        buf_printf(out, "<h3>%s</h3>", title);
    buf_printf(out, "<table><thead><tr><th>Name</th>%s%s%s<th>What it is</th></tr></thead><tbody>",
               second ? "<th>" : "", second ? second : "", second ? "</th>" : "");
}

static void end_table(struct buf *out)
{
    buf_text(out, "</tbody></table>");
}

/* `names` are code. */
static void put(struct buf *out, const char *text)
{
    struct str rest = str_from(text), piece;
    bool is_code = false;

    while (!str_is_absent(rest) && str_cut(&rest, '`', &piece)) {
        buf_html(out, piece);
        if (!str_is_absent(rest))
            buf_text(out, is_code ? "</code>" : "<code>");
        is_code = !is_code;
    }
}
