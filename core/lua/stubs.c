/* Stubs: writing foyer.d.lua. */
#include "lua/stubs.h"

#include "base/arena.h"
#include "base/limits.h"
#include "lua/api_table.h"
#include "plugin/known.h"
#include "policy/reads.h"
#include "store/actor.h"

#include <string.h>

static void write_names(const char *alias, const struct known_name *names, size_t count,
                        struct buf *out);
static void write_aliases(const struct known *known, struct buf *out);
static void write_entities(const struct known *known, struct buf *out);
static void write_entity(const struct entity *entity, const char *class, struct buf *out);
static const char *type_of(const struct field *field);
static void write_classes(struct buf *out);
static void write_members(const struct api_member *members, struct buf *out);
static void write_functions(const struct api_function *rows, const char *prefix, struct buf *out);
static void write_function(const struct api_function *row, const char *prefix, struct buf *out);
static const char *type_name(const struct api_param *param);

void stubs_write(const struct router *router, struct buf *out)
{
    const struct known *known;
    struct arena arena;

    arena_init(&arena, MIB(4));
    known = known_new(router, &arena);
    buf_text(out, "---@meta foyer\n"
                  "-- The API of scripts and plugins, level 1. Made by `foyer script stubs`.\n\n");
    write_aliases(known, out);
    write_classes(out);
    write_entities(known, out);
    buf_text(out, "---@class foyer.Answer\n\n---@class foyer.Scope\n\n---@class foyer.Reply\n\n"
                  "---@class foyer\nlocal foyer = {}\nfoyer.text = {}\nfoyer.time = {}\n"
                  "foyer.log = {}\nfoyer.json = {}\nfoyer.template = {}\nfoyer.kv = {}\n"
                  "foyer.crypto = {}\nfoyer.schema = {}\nfoyer.i18n = {}\nfoyer.mail = {}\n"
                  "foyer.http = {}\nfoyer.events = {}\nfoyer.cache = {}\n"
                  "foyer.metrics = {}\n\n");
    write_functions(api_functions, "foyer.", out);
    write_functions(api_tools, "foyer.", out);
    write_functions(api_metrics, "foyer.", out);
    buf_text(out, "---@class foyer.Actor\nlocal actor = {}\n\n"
                  "---@class foyer.Secret\nlocal secret = {}\n\n");
    write_functions(api_methods, "", out);
    buf_text(out, "---@class foyer.Test\nlocal t = {}\n\n");
    write_functions(api_tests, "", out);
    write_members(api_scratch_members, out);
    buf_text(out, "---@class foyer.TestWorkspace\nlocal w = {}\n\n"
                  "---@class foyer.TestPerson\nlocal person = {}\n\n");
    write_functions(api_scratch, "", out);
    buf_text(out, "return foyer\n");
    arena_fini(&arena);
}

static void write_aliases(const struct known *known, struct buf *out)
{
    buf_text(out, "---@alias foyer.ActorKind\n");
    for (int i = ACTOR_NOBODY; i <= ACTOR_SYSTEM; i++)
        buf_printf(out, "---| \"%s\"\n", actor_kind_name((enum actor_kind)i));
    buf_text(out, "\n---@alias foyer.Permission\n");
    for (int i = 0; i < PERMISSION_COUNT; i++)
        buf_printf(out, "---| \"%s\"\n", permission_names[i]);
    buf_char(out, '\n');
    write_names("Action", known->at[HOOK_RULE], known->count[HOOK_RULE], out);
    write_names("Entity", known->at[HOOK_SCOPE], known->count[HOOK_SCOPE], out);
    write_names("Render", known->at[HOOK_RENDER], known->count[HOOK_RENDER], out);
    write_names("EventName", known->at[HOOK_EVENT], known->count[HOOK_EVENT], out);
}

static void write_names(const char *alias, const struct known_name *names, size_t count,
                        struct buf *out)
{
    buf_printf(out, "---@alias foyer.%s\n", alias);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "---| \"%.*s\"%s%s\n", STR_ARG(names[i].name), names[i].help ? " # " : "",
                   names[i].help ? names[i].help : "");
    buf_char(out, '\n');
}

static void write_classes(struct buf *out)
{
    write_members(api_members, out);
    write_entity(&workspace_view, "Workspace", out);
}

static void write_members(const struct api_member *members, struct buf *out)
{
    const char *class = "";

    for (const struct api_member *m = members; m->class; m++) {
        if (strcmp(class, m->class) != 0)
            buf_printf(out, "%s---@class foyer.%s\n", class[0] ? "\n" : "", m->class);
        class = m->class;
        buf_printf(out, "---@field %s %s %s\n", m->name, m->lua_type, m->help);
    }
    buf_char(out, '\n');
}

/* A class for what ctx.target may be, once for each entity. */
static void write_entities(const struct known *known, struct buf *out)
{
    for (size_t i = 0; i < known->count[HOOK_RULE]; i++) {
        const struct entity *entity = known->at[HOOK_RULE][i].entity;
        size_t before;

        for (before = 0; before < i && known->at[HOOK_RULE][before].entity != entity; before++)
            ;
        if (entity && before == i)
            write_entity(entity, entity->name, out);
    }
}

static void write_entity(const struct entity *entity, const char *class, struct buf *out)
{
    buf_printf(out, "---@class foyer.%s\n", class);
    for (const struct field *field = entity->fields; field->name; field++)
        if (!(field->flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)))
            buf_printf(out, "---@field %s %s %s\n", field->name, type_of(field),
                       field->help ? field->help : "");
    buf_char(out, '\n');
}

static const char *type_of(const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOL:
        return "boolean";
    case FIELD_INT:
        return "integer";
    case FIELD_IDS:
    case FIELD_TEXTS:
        return "string[]";
    case FIELD_JSON:
        return "table";
    case FIELD_ENUM:
    case FIELD_CONST:
        return "string";
    default:
        return "string?";
    }
}

static void write_functions(const struct api_function *rows, const char *prefix, struct buf *out)
{
    for (const struct api_function *row = rows; row->name; row++)
        if (row->body)
            write_function(row, prefix, out);
}

static void write_function(const struct api_function *row, const char *prefix, struct buf *out)
{
    struct arena arena;

    arena_init(&arena, KIB(16));
    buf_printf(out, "---%s\n", row->help);
    buf_printf(out, "---Called %.*s.\n", STR_ARG(api_kinds_text(row->kinds, &arena)));
    arena_fini(&arena);
    for (const struct api_param *p = row->params; p < row->params + API_PARAMS && p->name; p++)
        buf_printf(out, "---@param %s%s %s\n", p->name, p->is_optional ? "?" : "", type_name(p));
    if (row->returns)
        buf_printf(out, "---@return %s\n", row->returns);
    buf_printf(out, "function %s%s(", prefix, row->name);
    for (const struct api_param *p = row->params; p < row->params + API_PARAMS && p->name; p++)
        buf_printf(out, "%s%s", p > row->params ? ", " : "", p->name);
    buf_text(out, ") end\n\n");
}

static const char *type_name(const struct api_param *param)
{
    static const char *const names[] = { "nil",      "string",  "number",
                                         "integer",  "boolean", "table",
                                         "function", "any",     "string|foyer.Secret" };

    return param->lua_type ? param->lua_type : names[param->type];
}
