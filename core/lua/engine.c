/* Engine: instances of plugins, and four kinds of calls; the others are in handler.c. */
#include "lua/engine.h"

#include "base/check.h"
#include "base/limits.h"
#include "lua/answer.h"
#include "lua/api.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "plugin/change.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static enum verdict rule(struct instance *instance, size_t function, struct question *question,
                         struct decision *decision);
static bool scope(struct instance *instance, size_t function, struct question *question,
                  struct scope *scope, struct fault *fault);
static enum status filter(struct instance *instance, size_t function, struct question *question,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given, struct fault *fault);
static bool render(struct instance *instance, size_t function, struct tx *tx, const char *name,
                   struct str locale, struct str data, struct rendered *rendered,
                   struct fault *fault);
static int push_ctx(lua_State *L, void *context);
static int push_actor(lua_State *L, void *context);
static int push_change(lua_State *L, void *context);
static int push_data(lua_State *L, void *context);
static void read_answer(lua_State *L, int first, int count, void *context);
static void read_change(lua_State *L, int first, int count, void *context);
static void read_rendered(lua_State *L, int first, int count, void *context);
static struct str read_text(lua_State *L, int table, const char *name);

const struct runtime lua_runtime = {
    .open = instance_open,
    .close = instance_close,
    .rule = rule,
    .scope = scope,
    .filter = filter,
    .render = render,
    .task_new = handler_task_new,
    .task_run = handler_task_run,
    .task_answer = handler_task_answer,
    .task_free = handler_task_free,
    .transaction = handler_transaction,
    .test = test_run_file,
};

const char *lua_engine_version(void)
{
    return LUA_RELEASE;
}

/* ---- Rules ------------------------------------------------------------------------------------- */

static enum verdict rule(struct instance *instance, size_t function, struct question *question,
                         struct decision *decision)
{
    struct call call = { .kind = API_RULE,
                         .instance = instance,
                         .question = question,
                         .tx = question->tx,
                         .arena = question->tx->arena };
    const struct script_call kind = { .push = push_ctx,
                                      .read = read_answer,
                                      .budget_us = LIMIT_RULE_MICROSECONDS };
    struct script_error error;

    if (instance_call(&call, function, &kind, &error) != ST_OK) {
        decision->reason = str_copy(call.arena, error.message);
        decision->rule = str_copy(call.arena, error.where);
        return VERDICT_ERROR;
    }
    if (!call.has_answer)
        return VERDICT_ABSTAIN;
    decision->rule = call.answer.where;
    if (call.answer.kind == ANSWER_ALLOW) {
        decision->reason = call.answer.text;
        return VERDICT_ALLOW;
    }
    decision->code = call.answer.code;
    decision->message = call.answer.message;
    return VERDICT_DENY;
}

/* ---- Scopes ------------------------------------------------------------------------------------ */

static bool scope(struct instance *instance, size_t function, struct question *question,
                  struct scope *scope, struct fault *fault)
{
    struct call call = { .kind = API_SCOPE,
                         .instance = instance,
                         .question = question,
                         .tx = question->tx,
                         .arena = question->tx->arena };
    const struct script_call kind = { .push = push_actor,
                                      .read = read_answer,
                                      .budget_us = LIMIT_RULE_MICROSECONDS };
    struct script_error error;

    if (instance_call(&call, function, &kind, &error) != ST_OK) {
        instance_set_fault(fault, &error, call.arena);
        return false;
    }
    if (call.has_answer && !scope_unite(scope, &call.answer.scope, call.arena)) {
        fault->message = STR("the scopes of this entity have too many terms together");
        return false;
    }
    return true;
}

/* ---- Filters ----------------------------------------------------------------------------------- */

static enum status filter(struct instance *instance, size_t function, struct question *question,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given, struct fault *fault)
{
    struct reply reply;
    struct call call = { .kind = API_FILTER,
                         .reply = &reply,
                         .instance = instance,
                         .question = question,
                         .tx = question->tx,
                         .arena = question->tx->arena,
                         .entity = entity,
                         .row = row,
                         .change = change,
                         .given = *given };
    const struct script_call kind = { .push = push_change,
                                      .read = read_change,
                                      .budget_us = LIMIT_FILTER_MICROSECONDS };
    struct script_error error;
    enum status status = instance_call(&call, function, &kind, &error);

    if (call.has_reply)
        reply_fini(&reply);
    if (tx_status(call.tx) != ST_OK) /* foyer.api failed: so does the change */
        return tx_status(call.tx);
    if (status != ST_OK) {
        instance_set_fault(fault, &error, call.arena);
        return ST_RULE_ERROR;
    }
    if (call.has_answer) {
        fault->where = call.answer.where;
        return change_reject(call.tx, call.answer.code, call.answer.message, call.answer.text);
    }
    if (call.has_changed &&
        !change_apply(&call.changed, entity, !row, change, given, call.arena, &fault->message))
        return ST_RULE_ERROR;
    return ST_OK;
}

/* ---- Renders ----------------------------------------------------------------------------------- */

static bool render(struct instance *instance, size_t function, struct tx *tx, const char *name,
                   struct str locale, struct str data, struct rendered *rendered,
                   struct fault *fault)
{
    struct value value;
    struct call call = { .kind = API_RENDER,
                         .instance = instance,
                         .tx = tx,
                         .arena = tx->arena,
                         .name = name,
                         .locale = locale,
                         .data = &value,
                         .rendered = rendered };
    const struct script_call kind = { .push = push_data,
                                      .read = read_rendered,
                                      .budget_us = LIMIT_RENDER_MICROSECONDS };
    struct script_error error;
    struct str reason = value_from_json(data, tx->arena, &value);

    if (!str_is_absent(reason)) {
        fault->message = str_printf(tx->arena, "its data cannot be read: %.*s", STR_ARG(reason));
        return false;
    }
    if (instance_call(&call, function, &kind, &error) == ST_OK)
        return true;
    instance_set_fault(fault, &error, tx->arena);
    return false;
}

/* ---- Running ----------------------------------------------------------------------------------- */

enum status instance_call(struct call *call, size_t function, const struct script_call *kind,
                          struct script_error *error)
{
    struct instance *instance = call->instance;
    struct script_call calling = *kind;
    enum status status;

    PRE(function < instance->function_count);
    call->serial = ++instance->serial;
    call->is_outermost = instance->depth++ == 0;
    calling.function = instance->functions[function].reference;
    call->is_inline = instance->functions[function].is_inline;
    calling.context = call;
    status = script_call(instance->state, &calling, error);
    instance->depth--;
    return status;
}

static int push_ctx(lua_State *L, void *context)
{
    struct call *call = context;

    script_push(L, call->instance->objects[OBJECT_CTX]);
    return 1;
}

static int push_actor(lua_State *L, void *context)
{
    struct call *call = context;

    script_push(L, call->instance->objects[OBJECT_ACTOR]);
    return 1;
}

static int push_change(lua_State *L, void *context)
{
    struct call *call = context;

    script_push(L, call->instance->objects[OBJECT_CTX]);
    script_push(L, call->instance->objects[OBJECT_CHANGE]);
    return 2;
}

static int push_data(lua_State *L, void *context)
{
    struct call *call = context;

    script_push(L, call->instance->objects[OBJECT_CTX]);
    value_push(L, call->data, 0);
    return 2;
}

/* Of rules and scopes. */
static void read_answer(lua_State *L, int first, int count, void *context)
{
    struct call *call = context;
    const struct answer *answer;

    if (count == 0 || lua_isnil(L, first)) {
        if (call->answers && call->kind == API_RULE)
            luaL_error(L,
                       "foyer.allow or foyer.deny was called, but what it gave was not returned: "
                       "write `return foyer.allow(…)`");
        return;
    }
    answer = answer_at(L, first);
    if (!answer || (answer->kind == ANSWER_SCOPE) != (call->kind == API_SCOPE))
        luaL_error(L,
                   call->kind == API_RULE
                       ? "a rule returns foyer.allow(…), foyer.deny(…) or nothing, not a %s"
                       : "a scope returns foyer.everything(), foyer.own() … or nothing, not a %s",
                   luaL_typename(L, first));
    call->answer = *answer;
    call->has_answer = true;
}

static void read_change(lua_State *L, int first, int count, void *context)
{
    struct call *call = context;
    const struct answer *answer;
    struct str reason;

    if (count == 0 || lua_isnil(L, first))
        return;
    answer = answer_at(L, first);
    if (answer && answer->kind == ANSWER_REJECT) {
        call->answer = *answer;
        call->has_answer = true;
        return;
    }
    if (!lua_istable(L, first))
        luaL_error(L, "a filter returns a table of fields, foyer.reject(…) or nothing, not a %s",
                   luaL_typename(L, first));
    reason = value_read(L, first, call->arena, &call->changed);
    if (!str_is_absent(reason))
        luaL_error(L, "what the filter returned cannot be read: %s", reason.at);
    call->has_changed = true;
}

static void read_rendered(lua_State *L, int first, int count, void *context)
{
    struct call *call = context;
    struct rendered *rendered = call->rendered;

    if (count == 0 || lua_isnil(L, first))
        return;
    if (lua_type(L, first) == LUA_TSTRING) {
        rendered->text = api_copy_text(L, first);
        return;
    }
    if (!lua_istable(L, first))
        luaL_error(L, "a render returns { subject = …, text = …, html = … } or a text, not a %s",
                   luaL_typename(L, first));
    rendered->subject = read_text(L, first, "subject");
    rendered->text = read_text(L, first, "text");
    rendered->html = read_text(L, first, "html");
    if (!str_is_absent(rendered->subject) && str_has_control(rendered->subject))
        luaL_error(L, "the subject must be one line");
    if (str_is_absent(rendered->text) && str_is_absent(rendered->html))
        luaL_error(L, "a render returns text or html, or both");
}

static struct str read_text(lua_State *L, int table, const char *name)
{
    struct str text = STR_NONE;

    if (lua_getfield(L, table, name) == LUA_TSTRING) {
        text = api_copy_text(L, -1);
        if (text.len > LIMIT_MAIL_BYTES)
            luaL_error(L, "%s is larger than 1 MiB", name);
    } else if (!lua_isnil(L, -1)) {
        luaL_error(L, "%s must be a text, not a %s", name, luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return text;
}

void instance_set_fault(struct fault *fault, const struct script_error *error, struct arena *arena)
{
    fault->message = str_copy(arena, error->message);
    fault->where = str_copy(arena, error->where);
    fault->is_timeout = error->kind == SCRIPT_TIMEOUT;
}
