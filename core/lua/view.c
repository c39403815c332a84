/* View: fields of rows by the table of their entity, and ctx. */
#include "lua/view.h"

#include "base/clock.h"
#include "lua/api.h"
#include "lua/value.h"
#include "plugin/choices.h"

#include <lauxlib.h>

/* Codes of ctx's names. */
enum member {
    CTX_ACTOR,
    CTX_ACTION,
    CTX_TARGET,
    CTX_INPUT,
    CTX_WORKSPACE,
    CTX_SETTINGS,
    CTX_LOCALE,
    CTX_ENTITY,
    CTX_ATTEMPT
};

/* What an object shows in this call. */
struct shown {
    const struct entity *entity;
    const void *row;
    const void *over;   /* fields of `given` are taken from here; NULL: all from row */
    uint64_t given;     /* of over */
    bool is_given_only; /* others are nil */
    uint64_t *reads;    /* NULL: is not noted */
};

static int ctx_index(lua_State *L);
static int row_index(lua_State *L);
static int row_pairs(lua_State *L);
static int row_next(lua_State *L);
static int settings_index(lua_State *L);
static int refuse_write(lua_State *L);
static bool show(lua_State *L, enum object object, struct shown *shown);
static bool show_subject(struct call *call, enum object object, struct shown *shown);
static void push_names(lua_State *L, int cache, const struct entity *entity);
static void push_shown(lua_State *L, const struct shown *shown, size_t i);
static void push_tree(lua_State *L, const struct field *field, const void *row);
static void push_text(lua_State *L, struct str text);

static const char *const object_names[OBJECTS] = { "ctx",    "actor",     "target",  "input",
                                                   "change", "workspace", "settings" };

void view_open(lua_State *L)
{
    static const char *const members[] = { "actor",    "action", "target", "input",   "workspace",
                                           "settings", "locale", "entity", "attempt", NULL };
    int settings = lua_gettop(L);

    lua_newtable(L);
    for (int i = 0; members[i]; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, members[i]);
    }
    view_make(L, OBJECT_CTX, "ctx", ctx_index, lua_gettop(L));
    for (int i = OBJECT_TARGET; i <= OBJECT_WORKSPACE; i++) {
        lua_newtable(L); /* cache: entity -> names of its fields */
        view_make(L, (enum object)i, object_names[i], row_index, lua_gettop(L));
    }
    view_make(L, OBJECT_SETTINGS, "settings", settings_index, settings);
    lua_settop(L, settings - 1);
}

void view_make(lua_State *L, enum object object, const char *name, lua_CFunction index, int names)
{
    struct instance *instance = instance_of(L);

    instance->places[object] = lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 6);
    lua_pushvalue(L, names);
    lua_pushinteger(L, (lua_Integer)object);
    lua_pushcclosure(L, index, 2);
    lua_setfield(L, -2, "__index");
    lua_pushinteger(L, (lua_Integer)object);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    if (index == row_index) {
        lua_pushvalue(L, names);
        lua_pushinteger(L, (lua_Integer)object);
        lua_pushcclosure(L, row_pairs, 2);
        lua_setfield(L, -2, "__pairs");
    }
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    instance->objects[object] = script_keep(L, -1);
    lua_pop(L, 1);
}

void view_push(lua_State *L, enum object object)
{
    script_push(L, instance_of(L)->objects[object]);
}

struct call *view_call(lua_State *L, const char *object, unsigned kinds)
{
    struct call *call = call_of(L);

    if (!call)
        luaL_error(L, "%s is there only while a function is called, not while the file is loaded",
                   object);
    else if (!(call->kind & kinds))
        luaL_error(L, "%s is not there %s", object, api_kind_name(call->kind));
    return call;
}

/* ---- ctx --------------------------------------------------------------------------------------- */

static int ctx_index(lua_State *L)
{
    struct call *call = view_call(L, "ctx", ~(unsigned)(API_LOAD | API_TEST));
    struct shown shown;
    int code;

    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER)
        return api_unknown(L, "ctx", 2, lua_upvalueindex(1));
    code = (int)lua_tointeger(L, -1);
    if (call->kind == API_RENDER && code != CTX_SETTINGS && code != CTX_LOCALE)
        return luaL_error(L, "ctx.%s is not there in a render: use what its second argument has",
                          lua_tostring(L, 2));
    if (call->task && code != CTX_SETTINGS && code != CTX_ACTOR && code != CTX_ATTEMPT)
        return luaL_error(
            L,
            call->kind & API_REQUESTS
                ? "ctx.%s is not there %s: its second argument is what was asked, and "
                  "foyer.api has the rest"
                : "ctx.%s is not there %s: ask foyer.api",
            lua_tostring(L, 2), api_kind_name(call->kind));
    switch ((enum member)code) {
    case CTX_ACTOR:
        view_push(L, OBJECT_ACTOR);
        break;
    case CTX_ACTION:
        lua_pushstring(L, call->question->action);
        break;
    case CTX_TARGET:
    case CTX_INPUT:
        if (show_subject(call, code == CTX_TARGET ? OBJECT_TARGET : OBJECT_INPUT, &shown))
            view_push(L, code == CTX_TARGET ? OBJECT_TARGET : OBJECT_INPUT);
        else
            lua_pushnil(L);
        break;
    case CTX_WORKSPACE:
        view_push(L, OBJECT_WORKSPACE);
        break;
    case CTX_SETTINGS:
        view_push(L, OBJECT_SETTINGS);
        break;
    case CTX_ENTITY:
        lua_pushstring(L, call->question->subject && call->question->subject->entity
                              ? call->question->subject->entity->name
                              : NULL);
        break;
    case CTX_LOCALE:
        if (call->kind != API_RENDER)
            return luaL_error(L, "ctx.locale is there only in renders");
        push_text(L, call->locale);
        break;
    case CTX_ATTEMPT:
        if (!call->task || call->kind & (API_REQUESTS | API_COMMAND))
            return luaL_error(L, "ctx.attempt is there only in event handlers and jobs");
        lua_pushinteger(L, call->task->attempt);
        break;
    }
    return 1;
}

/* What the workspace has set, else the default. */
static int settings_index(lua_State *L)
{
    struct call *call = view_call(L, "settings", ~(unsigned)(API_LOAD | API_TEST));
    const struct value *chosen;

    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
        return api_unknown(L, "settings", 2, lua_upvalueindex(1));
    if (lua_islightuserdata(L, -1))
        return luaL_error(L, "settings.%s is a secret: foyer.secret(\"%s\") gives it",
                          lua_tostring(L, 2), lua_tostring(L, 2));
    if (choices_was_secret(call->tx, call->instance->plugin, api_text(L, 2)))
        return luaL_error(L,
                          "settings.%s was set as a secret, and is none any more: it is not shown; "
                          "set it anew, or make it its default",
                          lua_tostring(L, 2));
    chosen = choices_value(call->tx, call->instance->plugin, api_text(L, 2));
    if (chosen)
        value_push(L, chosen, 0);
    return 1;
}

static int refuse_write(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

    return luaL_error(L,
                      "%s.%s cannot be set: it only shows; a filter returns a table of what it "
                      "changes",
                      object_names[lua_tointeger(L, lua_upvalueindex(1))], name);
}

/* ---- Rows -------------------------------------------------------------------------------------- */

static int row_index(lua_State *L)
{
    enum object object = (enum object)lua_tointeger(L, lua_upvalueindex(2));
    struct shown shown;

    if (!show(L, object, &shown))
        return luaL_error(L, "there is no %s here", object_names[object]);
    push_names(L, lua_upvalueindex(1), shown.entity);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNUMBER)
        return api_unknown(L, object == OBJECT_WORKSPACE ? "workspace" : shown.entity->name, 2,
                           lua_gettop(L) - 1);
    push_shown(L, &shown, (size_t)lua_tointeger(L, -1));
    return 1;
}

/* In the order of the table; of input only what was given. */
static int row_pairs(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushinteger(L, 0); /* next index */
    lua_pushnil(L);        /* entity: of the first row that is shown */
    lua_pushcclosure(L, row_next, 4);
    return 1;
}

static int row_next(lua_State *L)
{
    enum object object = (enum object)lua_tointeger(L, lua_upvalueindex(2));
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    struct shown shown;

    if (!show(L, object, &shown))
        return luaL_error(L, "there is no %s here", object_names[object]);
    if (lua_isnil(L, lua_upvalueindex(4))) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)shown.entity);
        lua_replace(L, lua_upvalueindex(4));
    } else if (lua_touserdata(L, lua_upvalueindex(4)) != shown.entity) {
        /* it was kept from an earlier call; i may lie behind the fields that there are */
        return luaL_error(L, "this iterator goes over the fields of another row");
    }
    for (; shown.entity->fields[i].name; i++) {
        const struct field *field = &shown.entity->fields[i];

        if ((field->flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)) ||
            (shown.is_given_only && !(shown.given >> i & 1u)))
            continue;
        lua_pushinteger(L, i + 1);
        lua_replace(L, lua_upvalueindex(3));
        lua_pushstring(L, field->name);
        push_shown(L, &shown, (size_t)i);
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

static bool show(lua_State *L, enum object object, struct shown *shown)
{
    struct call *call = view_call(L, object_names[object], API_RULE | API_FILTER | API_TRANSACTION);

    if (object == OBJECT_WORKSPACE) {
        const struct workspace *workspace = question_workspace(call->question);

        if (!workspace)
            luaL_error(L, "the workspace cannot be read now");
        *shown = (struct shown){ .entity = &workspace_view,
                                 .row = workspace,
                                 .reads = &call->question->reads.workspace };
        return true;
    }
    if (object != OBJECT_CHANGE)
        return show_subject(call, object, shown);
    *shown = (struct shown){ .entity = call->entity,
                             .row = call->row ? call->row : call->change,
                             .over = call->change,
                             .given = call->given };
    return call->change != NULL;
}

/* What is being made is its own target. */
static bool show_subject(struct call *call, enum object object, struct shown *shown)
{
    const struct subject *subject = call->question->subject;

    if (!subject || !subject->entity)
        return false;
    *shown = (struct shown){ .entity = subject->entity };
    if (object == OBJECT_TARGET) {
        shown->row = subject->row ? subject->row : subject->change;
        shown->reads = &call->question->reads.target;
    } else {
        shown->row = subject->change;
        shown->given = subject->given;
        shown->is_given_only = true;
        shown->reads = &call->question->reads.input;
    }
    return shown->row != NULL;
}

/* Leaves the table of names to indexes on the stack, made at the first look. */
static void push_names(lua_State *L, int cache, const struct entity *entity)
{
    if (lua_rawgetp(L, cache, entity) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    for (int i = 0; entity->fields[i].name; i++)
        if (!(entity->fields[i].flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT))) {
            lua_pushinteger(L, i);
            lua_setfield(L, -2, entity->fields[i].name);
        }
    lua_pushvalue(L, -1);
    lua_rawsetp(L, cache, entity);
}

static void push_shown(lua_State *L, const struct shown *shown, size_t i)
{
    bool is_given = shown->given >> i & 1u;

    if (shown->reads)
        *shown->reads |= UINT64_C(1) << i;
    if (shown->is_given_only && !is_given)
        lua_pushnil(L);
    else
        view_push_field(L, &shown->entity->fields[i],
                        shown->over && is_given ? shown->over : shown->row);
}

/* ---- Values ------------------------------------------------------------------------------------ */

void view_push_field(lua_State *L, const struct field *field, const void *row)
{
    char text[CLOCK_TEXT > UUID_TEXT ? CLOCK_TEXT : UUID_TEXT];

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        push_text(L, *FIELD_IN(struct str, row, field));
        break;
    case FIELD_ENUM:
        lua_pushstring(L, field->choices[*FIELD_IN(int, row, field)]);
        break;
    case FIELD_BOOL:
        lua_pushboolean(L, *FIELD_IN(bool, row, field));
        break;
    case FIELD_INT:
        lua_pushinteger(L, *FIELD_IN(int64_t, row, field));
        break;
    case FIELD_TIME:
        if (*FIELD_IN(int64_t, row, field) == 0) {
            lua_pushnil(L);
            break;
        }
        clock_format(*FIELD_IN(int64_t, row, field), text);
        lua_pushstring(L, text);
        break;
    case FIELD_ID:
        if (uuid_is_none(*FIELD_IN(struct uuid, row, field))) {
            lua_pushnil(L);
            break;
        }
        uuid_format(*FIELD_IN(struct uuid, row, field), text);
        lua_pushlstring(L, text, UUID_TEXT - 1);
        break;
    case FIELD_IDS:
        view_push_ids(L, *FIELD_IN(struct ids, row, field));
        break;
    case FIELD_TEXTS:
    case FIELD_JSON:
        push_tree(L, field, row);
        break;
    case FIELD_CONST:
        lua_pushstring(L, field->choices[0]);
        break;
    }
}

void view_push_ids(lua_State *L, struct ids ids)
{
    struct arena *arena = script_scratch(L);
    struct value *items = arena_array(arena, struct value, ids.count);
    struct value array = value_array(items, ids.count);

    for (size_t i = 0; i < ids.count; i++) {
        char text[UUID_TEXT];

        uuid_format(ids.at[i], text);
        items[i] = value_string(str_copy(arena, str_slice(text, UUID_TEXT - 1)));
    }
    value_push(L, &array, 0);
}

static void push_tree(lua_State *L, const struct field *field, const void *row)
{
    struct arena *arena = script_scratch(L);
    struct value value;

    if (field->type == FIELD_TEXTS) {
        const struct texts *texts = FIELD_IN(struct texts, row, field);
        struct value *items = arena_array(arena, struct value, texts->count);

        for (size_t i = 0; i < texts->count; i++)
            items[i] = value_string(texts->at[i]);
        value = value_array(items, texts->count);
    } else {
        struct str json = *FIELD_IN(struct str, row, field), reason;

        if (str_is_empty(json))
            json = STR("{}");
        reason = value_from_json(json, arena, &value);
        if (!str_is_absent(reason))
            luaL_error(L, "%s cannot be read: %s", field->name, reason.at);
    }
    value_push(L, &value, 0);
}

static void push_text(lua_State *L, struct str text)
{
    if (str_is_absent(text))
        lua_pushnil(L);
    else
        lua_pushlstring(L, text.at, text.len);
}
