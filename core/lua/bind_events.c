/* Bind events: foyer.events.emit, what a script tells other scripts. */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/value.h"
#include "plugin/handler.h"
#include "plugin/known.h"
#include "store/kv.h"

#include <lauxlib.h>
#include <string.h>

static void check_name(lua_State *L, struct str name);
static void read_options(lua_State *L, struct emission *emission);
static struct str to_json(lua_State *L, const struct value *data);
static void keep(struct tx *tx, const struct emission *emission);

int bind_events_emit(lua_State *L)
{
    struct call *call = call_of(L);
    struct emission emission = { .data = STR("{}") };

    if (call->task)
        arena_rewind(call->arena, call->task->mark);
    check_name(L, api_text(L, 1));
    emission.name = str_copy(call->arena, api_text(L, 1));
    read_options(L, &emission);
    if (call->task)
        return bind_wait(L, &(struct task_call){ .event = emission.name,
                                                 .path = emission.key,
                                                 .body = emission.data });
    if (++call->emitted > LIMIT_SCRIPT_EVENTS)
        return luaL_error(L, "foyer.events.emit: more than %d events in one call",
                          LIMIT_SCRIPT_EVENTS);
    if (call->tx->kept)
        keep(call->tx, &emission);
    else
        emission_tell(call->tx, instance_of(L)->plugin->id, &emission);
    return 0;
}

/* "house_rules.mended": of nobody but house_rules.lua. */
static void check_name(lua_State *L, struct str name)
{
    struct str own = plugin_own_name(instance_of(L)->plugin->id);

    if (!str_starts(name, own) || name.len < own.len + 2 || name.at[own.len] != '.')
        luaL_error(L, "foyer.events.emit: the name must begin with \"%s.\": it is this script's",
                   lua_pushlstring(L, own.at, own.len));
    if (known_is_ours(instance_of(L)->known, name))
        luaL_error(L,
                   "foyer.events.emit: events that begin with \"%s.\" are Foyer's own: name the "
                   "script otherwise",
                   lua_pushlstring(L, own.at, own.len));
    if (!known_is_good(name))
        luaL_argerror(L, 1,
                      "the name of an event is letters, digits, '_', '-' and '.', at most 100");
}

static void read_options(lua_State *L, struct emission *emission)
{
    struct value options = value_nil();
    struct uuid id;
    struct str reason;

    if (lua_isnil(L, 2))
        return;
    reason = value_read(L, 2, call_of(L)->arena, &options);
    luaL_argcheck(L, str_is_absent(reason), 2, reason.at);
    luaL_argcheck(L, options.type == VALUE_OBJECT, 2, "key and data expected");
    for (size_t i = 0; i < options.object.count; i++) {
        struct str name = options.object.members[i].name;
        const struct value *value = &options.object.members[i].value;

        if (str_is(name, "key")) {
            luaL_argcheck(L, value->type == VALUE_STRING && uuid_parse(value->string, &id), 2,
                          "key must be an id: of the client, company … that it tells of");
            emission->key = value->string;
        } else if (str_is(name, "data")) {
            luaL_argcheck(L, value->type == VALUE_OBJECT, 2, "data must be a table of names");
            emission->data = to_json(L, value);
        } else {
            luaL_argerror(L, 2,
                          lua_pushfstring(L, "\"%s\" is unknown: there are key and data", name.at));
        }
    }
}

static struct str to_json(lua_State *L, const struct value *data)
{
    struct str text = STR_NONE;
    struct buf out;

    buf_init(&out, LIMIT_SCRIPT_EVENT);
    value_to_json(data, &out);
    if (!out.overflowed)
        text = str_copy(call_of(L)->arena, buf_view(&out));
    buf_fini(&out);
    luaL_argcheck(L, !str_is_absent(text), 2, "data of at most 64 KiB of JSON expected");
    return text;
}

/* A test looks at them: t.filter gives them. */
static void keep(struct tx *tx, const struct emission *emission)
{
    struct kept_event *event = arena_new(tx->arena, struct kept_event);

    *event = (struct kept_event){ .next = tx->kept->events,
                                  .name = emission->name,
                                  .key = emission->key,
                                  .data = emission->data };
    tx->kept->events = event;
}
