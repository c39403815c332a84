/* Test handle: t.handle runs a handler of events or a job, and answers what it asks for as the test says. */
#include "lua/test_handle.h"

#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/stdlib.h"
#include "lua/test_ask.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "plugin/handler.h"

#include <lauxlib.h>

enum { CALLS_MOST = 200 };

static void find(lua_State *L, struct policy *policy, struct handler *handler);
static void read_given(lua_State *L, struct handled *handled);
static struct str event_text(const struct handled *handled, struct arena *arena);
static void note(struct handled *handled, const struct task_call *asks);
static void note_headers(struct handled *handled, struct str headers);
static void answer_fetch(const struct handled *handled, const struct task_call *asks,
                         struct task_answer *given, struct arena *arena);
static void answer(const struct handled *handled, const struct task_call *asks,
                   struct task_answer *given, struct arena *arena);

int bind_test_handle(lua_State *L)
{
    struct call *call = call_of(L);
    struct policy *policy = instance_of(L)->tests->policy;
    struct handled handled = { .attempt = 1, .said = { .workspace = 1, .policy = policy } };
    struct task_given given;
    struct str json;
    struct value calls;

    find(L, policy, &handled.handler);
    read_given(L, &handled);
    handled_begin(&handled);
    given = (struct task_given){ .event = event_text(&handled, &handled.own),
                                 .attempt = handled.attempt };
    handled_run(policy, call->tx, &handled, &given);
    json = handled_end(&handled, call->arena);

    if (str_is_absent(json) || !str_is_absent(value_from_json(json, call->arena, &calls)))
        return luaL_error(L, "t.handle: what it called is too large to be shown");
    lua_createtable(L, 0, 2);
    value_push(L, &calls, 0);
    lua_setfield(L, -2, "calls");
    if (!str_is_absent(handled.error)) {
        lua_pushlstring(L, handled.error.at, handled.error.len);
        lua_setfield(L, -2, "error");
    }
    return 1;
}

static void find(lua_State *L, struct policy *policy, struct handler *handler)
{
    struct arena *arena = call_of(L)->arena;
    struct str name = api_text(L, 1), *names, meant;
    struct str own = instance_of(L)->plugin->name; /* others may have one of that name */
    struct handlers handlers;
    bool is_there = false;

    handlers_of(policy, arena, &handlers);
    names = arena_array(arena, struct str, handlers.count);
    for (size_t i = 0; i < handlers.count; i++) {
        names[i] = handlers.at[i].name;
        if (str_eq(handlers.at[i].name, name) &&
            (!is_there || str_eq(handlers.at[i].plugin, own))) {
            *handler = handlers.at[i];
            is_there = true;
        }
    }
    if (is_there)
        return;
    meant = stdlib_did_you_mean(name, names, handlers.count);
    if (str_is_absent(meant))
        luaL_error(L, "there is no handler or job \"%s\"", name.at);
    luaL_error(L, "there is no handler or job \"%s\": did you mean \"%s\"?", name.at, meant.at);
}

/* { event = …, answers = …, settings = …, attempt = … } */
static void read_given(lua_State *L, struct handled *handled)
{
    struct arena *arena = call_of(L)->arena;
    struct value given = value_nil();
    struct str reason;

    if (lua_isnoneornil(L, 2))
        return;
    test_read_settings(L, &handled->said);
    reason = value_read(L, 2, arena, &given);
    if (!str_is_absent(reason))
        luaL_error(L, "t.handle: %s", reason.at);
    for (size_t i = 0; given.type == VALUE_OBJECT && i < given.object.count; i++) {
        struct str name = given.object.members[i].name;
        const struct value *value = &given.object.members[i].value;

        if (str_is(name, "event") && value->type == VALUE_OBJECT)
            handled->event = *value;
        else if (str_is(name, "answers") && value->type == VALUE_OBJECT)
            handled->answers = *value;
        else if (str_is(name, "settings") && value->type == VALUE_OBJECT)
            continue;
        else if (str_is(name, "attempt") && value->type == VALUE_INTEGER)
            handled->attempt = value->integer;
        else
            luaL_error(
                L,
                "t.handle: %s: it takes event, answers and settings, which are tables, and attempt",
                str_printf(arena, "%.*s", STR_ARG(name)).at);
    }
}

void handled_begin(struct handled *handled)
{
    arena_init(&handled->own, LIMIT_REQUEST_ARENA);
    buf_init(&handled->calls, LIMIT_JSON_BODY);
}

struct str handled_end(struct handled *handled, struct arena *arena)
{
    struct str json =
        handled->calls.overflowed ? STR_NONE : str_copy(arena, buf_view(&handled->calls));

    handled->error = handled->error.at ? str_copy(arena, handled->error) : STR_NONE;
    buf_fini(&handled->calls);
    arena_fini(&handled->own);
    return json;
}

void handled_run(struct policy *policy, const struct tx *outer, struct handled *handled,
                 struct task_given *given)
{
    struct tx tx = { .arena = &handled->own,
                     .now = outer->now,
                     .request_id = outer->request_id,
                     .workspace = handled->said.workspace,
                     .plugins_of = handled->said.plugins_of,
                     .plugins_version = handled->said.plugins_version,
                     .plugins = handled->said.plugins,
                     .policy = policy,
                     .actor = handled->actor };
    const struct runtime *runtime = handler_runtime(policy, &handled->handler);
    struct fault fault = { .where = STR_NONE };
    struct task_answer answered;
    struct task_call asks;
    struct task *task;
    enum task_progress progress = TASK_FAILED;
    size_t calls = 0;

    buf_char(&handled->calls, '[');
    given->tx = &tx;
    if (!given->request)
        plugin_actor(policy, handled->handler.plugin, &tx.actor);
    task = handler_begin(policy, &handled->handler, given, &fault);
    while (task && calls <= CALLS_MOST) {
        progress = runtime->task_run(task, LIMIT_HANDLER_MICROSECONDS, &asks, &fault);
        if (progress == TASK_ENDED || progress == TASK_FAILED)
            break;
        if (progress == TASK_GOES_ON)
            continue;
        buf_text(&handled->calls, calls++ ? "," : "");
        note(handled, &asks);
        if (!str_is_absent(asks.url))
            answer_fetch(handled, &asks, &answered, &handled->own);
        else
            answer(handled, &asks, &answered, &handled->own);
        runtime->task_answer(task, &answered);
    }
    buf_char(&handled->calls, ']');
    if (calls > CALLS_MOST)
        handled->error = STR("it calls more than 200 times");
    else if (progress != TASK_ENDED)
        handled->error = str_printf(&handled->own, "%.*s%s%.*s", STR_ARG(fault.where),
                                    str_is_empty(fault.where) ? "" : ": ", STR_ARG(fault.message));
    if (task)
        runtime->task_free(task);
}

/* With the name that it would have. */
static struct str event_text(const struct handled *handled, struct arena *arena)
{
    bool is_empty = handled->event.type != VALUE_OBJECT || handled->event.object.count == 0;
    struct str text;
    struct buf out;

    buf_init(&out, LIMIT_JSON_BODY);
    if (!is_empty)
        value_to_json(&handled->event, &out);
    if (is_empty || !value_get(&handled->event, STR("name"))) {
        text = is_empty ? STR("}") : str_printf(arena, ",%.*s", (int)out.len - 1, out.at + 1);
        text = str_printf(arena, "{\"name\":\"%.*s\"%.*s", STR_ARG(handled->handler.event),
                          STR_ARG(text));
    } else {
        text = str_copy(arena, buf_view(&out));
    }
    buf_fini(&out);
    return text;
}

/* { method =, path =, query =, body = }, { run =, args = }, { event =, key =, data = } or
 * { method =, fetch = URL, headers =, body = text } */
static void note(struct handled *handled, const struct task_call *asks)
{
    struct buf *out = &handled->calls;

    if (!str_is_absent(asks->transaction)) {
        buf_text(out, "{\"run\":");
        buf_json(out, asks->transaction);
        buf_text(out, ",\"args\":");
        buf_str(out, asks->body);
    } else if (!str_is_absent(asks->event)) {
        buf_text(out, "{\"event\":");
        buf_json(out, asks->event);
        buf_text(out, ",\"key\":");
        buf_json(out, asks->path);
        buf_text(out, ",\"data\":");
        buf_str(out, asks->body);
    } else if (!str_is_absent(asks->url)) {
        buf_printf(out, "{\"method\":\"%s\",\"fetch\":", method_name(asks->method));
        buf_json(out, str_shown(&handled->own, asks->url));
        buf_text(out, ",\"headers\":{");
        note_headers(handled, str_concat(&handled->own, asks->headers, asks->secret_headers));
        buf_text(out, "},\"body\":");
        buf_json(out, str_is_utf8(asks->body) ? asks->body : str_shown(&handled->own, asks->body));
    } else {
        buf_printf(out, "{\"method\":\"%s\",\"path\":", method_name(asks->method));
        buf_json(out, asks->path);
        if (!str_is_empty(asks->query)) {
            buf_text(out, ",\"query\":");
            buf_json(out, asks->query);
        }
        if (!str_is_empty(asks->body)) {
            buf_text(out, ",\"body\":");
            buf_str(out, asks->body);
        }
    }
    buf_char(out, '}');
}

/* Names as they were given. */
static void note_headers(struct handled *handled, struct str headers)
{
    struct buf *out = &handled->calls;
    struct str line, name;
    bool is_first = true;

    while (!str_is_absent(headers) && str_cut(&headers, '\n', &line)) {
        if (!str_cut(&line, ':', &name) || str_is_absent(line))
            continue;
        buf_text(out, is_first ? "" : ",");
        buf_json(out, str_shown(&handled->own, name));
        buf_char(out, ':');
        buf_json(out, str_shown(&handled->own, str_trim(line)));
        is_first = false;
    }
}

/* Of foyer.http.fetch by "POST https://…", { status =, headers =, body = a text, error = why there is none }. */
static void answer_fetch(const struct handled *handled, const struct task_call *asks,
                         struct task_answer *given, struct arena *arena)
{
    struct str key = str_printf(arena, "%s %.*s", method_name(asks->method), STR_ARG(asks->url));
    const struct value *said = value_get(&handled->answers, key);
    const struct value *status = said ? value_get(said, STR("status")) : NULL;
    const struct value *body = said ? value_get(said, STR("body")) : NULL;
    const struct value *error = said ? value_get(said, STR("error")) : NULL;
    const struct value *headers = said ? value_get(said, STR("headers")) : NULL;

    *given = (struct task_answer){ .status = 200 };
    if (status && status->type == VALUE_INTEGER)
        given->status = (int)status->integer;
    if (body && body->type == VALUE_STRING)
        given->body = body->string;
    for (size_t i = 0; headers && headers->type == VALUE_OBJECT && i < headers->object.count; i++)
        if (headers->object.members[i].value.type == VALUE_STRING)
            given->headers = str_concat(
                arena, given->headers,
                str_printf(arena, "%.*s: %.*s\n", STR_ARG(headers->object.members[i].name),
                           STR_ARG(headers->object.members[i].value.string)));
    if (error && error->type == VALUE_STRING)
        given->error = str_printf(arena, "foyer.http.fetch: %.*s", STR_ARG(error->string));
}

/* Of foyer.api by "GET /v1/clients/…", { status =, body = }; of foyer.run by the transaction's name. */
static void answer(const struct handled *handled, const struct task_call *asks,
                   struct task_answer *given, struct arena *arena)
{
    bool is_run = !str_is_absent(asks->transaction);
    struct str key =
        is_run ? asks->transaction
               : str_printf(arena, "%s %.*s", method_name(asks->method), STR_ARG(asks->path));
    const struct value *said = value_get(&handled->answers, key), *body = said;
    struct buf out;

    *given = (struct task_answer){ .status = 200 };
    if (said && !is_run) {
        const struct value *status = value_get(said, STR("status"));

        if (status && status->type == VALUE_INTEGER)
            given->status = (int)status->integer;
        body = value_get(said, STR("body"));
    }
    if (!body && !is_run) {
        given->body = STR("{}");
        return;
    }
    buf_init(&out, LIMIT_JSON_BODY);
    if (body)
        value_to_json(body, &out);
    given->body = str_copy(arena, buf_view(&out));
    buf_fini(&out);
}
