/* Reference: Markdown of functions, members and permissions. */
#include "lua/reference.h"

#include "base/arena.h"
#include "base/limits.h"
#include "lua/api_table.h"
#include "policy/reads.h"
#include "store/actor.h"

#include <string.h>

static void write_functions(const char *title, const struct api_function *rows, const char *prefix,
                            struct buf *out);
static void write_function(const struct api_function *row, const char *prefix, struct buf *out);
static void write_members(struct buf *out);
static void write_workspace(struct buf *out);
static void write_members_of(const char *title, const struct api_member *members, const char *class,
                             struct buf *out);
static void write_permissions(struct buf *out);

void reference_write(struct buf *out)
{
    write_functions("Functions", api_functions, "foyer.", out);
    write_functions("Tools", api_tools, "foyer.", out);
    write_functions("Metrics", api_metrics, "foyer.", out);
    write_functions("Methods of actors and secrets", api_methods, "", out);
    write_members(out);
    write_workspace(out);
    write_permissions(out);
    write_functions("Tests", api_tests, "", out);
    write_functions("Workspaces and people of tests", api_scratch, "", out);
    write_members_of("`w`, the workspace of a test", api_scratch_members, "TestWorkspace", out);
    write_members_of("Replies", api_scratch_members, "TestReply", out);
}

static void write_functions(const char *title, const struct api_function *rows, const char *prefix,
                            struct buf *out)
{
    buf_printf(out, "### %s\n\n", title);
    for (const struct api_function *row = rows; row->name; row++)
        if (row->body)
            write_function(row, prefix, out);
}

static void write_function(const struct api_function *row, const char *prefix, struct buf *out)
{
    struct arena arena;

    buf_printf(out, "`%s%s(", prefix, row->name);
    for (const struct api_param *p = row->params; p < row->params + API_PARAMS && p->name; p++)
        buf_printf(out, "%s%s%s", p > row->params ? ", " : "", p->name, p->is_optional ? "?" : "");
    buf_text(out, ")`");
    arena_init(&arena, KIB(16));
    buf_printf(out, " (%.*s)  \n%s\n\n", STR_ARG(api_kinds_text(row->kinds, &arena)), row->help);
    arena_fini(&arena);
    if (row->example)
        buf_printf(out, "```lua\n%s\n```\n\n", row->example);
}

static void write_members(struct buf *out)
{
    static const struct {
        const char *class, *title;
    } shown[] = {
        { "Context", "`ctx` of rules and filters" },
        { "RenderContext", "`ctx` of renders" },
        { "HandlerContext", "`ctx` of event handlers and jobs" },
        { "Event", "`event` of event handlers" },
        { "Actor", "Actors" },
        { "Options", "Options of rules and filters" },
        { "HandlerOptions", "Options of event handlers" },
        { "JobOptions", "Options of jobs" },
        { "RouteOptions", "Options of routes" },
        { "PageOptions", "Options of pages" },
        { "CommandOptions", "Options of commands" },
        { "RouteContext", "`ctx` of routes, pages and commands" },
        { "Request", "`request` of routes and pages" },
    };

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        write_members_of(shown[i].title, api_members, shown[i].class, out);
}

static void write_members_of(const char *title, const struct api_member *members, const char *class,
                             struct buf *out)
{
    buf_printf(out, "### %s\n\n", title);
    for (const struct api_member *m = members; m->class; m++)
        if (strcmp(m->class, class) == 0)
            buf_printf(out, "- `%s`: %s\n", m->name, m->help);
    buf_char(out, '\n');
}

static void write_workspace(struct buf *out)
{
    buf_text(out, "### `ctx.workspace`\n\n");
    for (const struct field *field = workspace_view.fields; field->name; field++)
        buf_printf(out, "- `%s`: %s\n", field->name, field->help);
    buf_char(out, '\n');
}

static void write_permissions(struct buf *out)
{
    buf_text(out, "### Permissions\n\n");
    for (int i = 0; i < PERMISSION_COUNT; i++)
        buf_printf(out, "%s`%s`", i ? ", " : "", permission_names[i]);
    buf_text(out, "\n\n");
}
