/* Native_host: the table that plugins get, its tools, and what all its functions do with faults and texts. */
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/native_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOG_BYTES = 500, LOG_LINES = 20, FAULT_BYTES = 500 };

static int fail(struct foyer_call *call, const char *why);
static int log_line(struct foyer_call *call, enum foyer_log_level level, const char *text);
static int64_t now(struct foyer_call *call);
static int64_t deadline(struct foyer_call *call);

const struct foyer_host native_host = {
    .size = sizeof(native_host),
    .date = FOYER_PLUGIN_DATE,
    .rule = native_rule,
    .scope = native_scope,
    .filter = native_filter,
    .render = native_render,
    .refuse = native_refuse,
    .get = native_get,
    .can = native_can,
    .has_company_role = native_has_company_role,
    .allow = native_allow,
    .deny = native_deny,
    .rows = native_rows,
    .change = native_change,
    .reject = native_reject,
    .rendered = native_rendered,
    .api = native_api,
    .fail = fail,
    .log = log_line,
    .now = now,
    .deadline = deadline,
    .on = native_on,
    .transaction = native_transaction,
    .run = native_run,
    .tell = native_tell,
};

int native_fault(struct foyer_call *call, enum foyer_status status, const char *format, ...)
{
    char text[FAULT_BYTES];
    va_list args;

    if (!str_is_absent(call->fault))
        return status;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    call->fault = str_copy(call->arena, str_from(text));
    return status;
}

int native_here(struct foyer_call *call, unsigned kinds, const char *what)
{
    static const struct {
        enum native_kind kind;
        const char *name;
    } places[] = {
        { NATIVE_RULE, "a rule" },
        { NATIVE_SCOPE, "a scope" },
        { NATIVE_FILTER, "a filter" },
        { NATIVE_RENDER, "a render" },
        { NATIVE_TEST, "a self-test" },
        { NATIVE_EVENT, "an event handler" },
        { NATIVE_TRANSACTION, "a transaction" },
    };

    if (call->kind & kinds)
        return FOYER_OK;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (places[i].kind == call->kind)
            return native_fault(call, FOYER_NOT_HERE, "%s is not there in %s", what,
                                places[i].name);
    NEVER(true);
    return FOYER_NOT_HERE;
}

int native_take_text(struct foyer_call *call, const char *text, size_t most, enum native_null null,
                     const char *what, struct str *taken)
{
    const char *refusal;
    size_t len = 0;

    *taken = STR_NONE;
    if (!text && null == NATIVE_NULL_IS_ABSENT)
        return FOYER_OK;
    if (arena_is_exhausted(call->arena))
        return native_fault(call, FOYER_TOO_MUCH, "it gives more than a request has memory for");
    refusal = native_text_refusal(text, most, &len);
    if (refusal)
        return native_fault(call, FOYER_INVALID, "%s %s (at most %zu bytes of UTF-8)", what,
                            refusal, most);
    *taken = str_copy(call->arena, str_slice(text, len));
    return FOYER_OK;
}

const char *native_text_refusal(const char *text, size_t most, size_t *len)
{
    if (!text)
        return "must not be NULL";
    *len = strnlen(text, most + 1);
    if (*len > most)
        return "is too long";
    return str_is_utf8(str_slice(text, *len)) ? NULL : "is no UTF-8";
}

/* As of scripts (lua/api.c): what a plugin uses stands in its manifest. */
bool native_is_capable(const struct native_instance *instance, const char *capability)
{
    const struct manifest *manifest = instance->plugin->manifest;

    for (size_t i = 0; manifest && i < manifest->capabilities.count; i++)
        if (str_is(manifest->capabilities.at[i], capability))
            return true;
    return false;
}

/* ---- Tools ------------------------------------------------------------------------------------- */

static int fail(struct foyer_call *call, const char *why)
{
    struct str taken;

    if (native_take_text(call, why, LIMIT_ANSWER_WORDS, NATIVE_NULL_IS_WRONG, "fail: why",
                         &taken) == FOYER_OK)
        native_fault(call, FOYER_FAILED, "%.*s", STR_ARG(taken));
    return FOYER_FAILED;
}

/* What is too long is cut, and what is no UTF-8 is written as it is: the log escapes it. */
static int log_line(struct foyer_call *call, enum foyer_log_level level, const char *text)
{
    static const enum log_level levels[] = { LOG_INFO, LOG_INFO, LOG_WARN, LOG_ERROR };
    struct str line;

    if (level < FOYER_LOG_INFO || level > FOYER_LOG_ERROR)
        return native_fault(call, FOYER_INVALID, "log: there is no level %d", (int)level);
    if (!text)
        return native_fault(call, FOYER_INVALID, "log: text must not be NULL");
    if (call->logged == LOG_LINES)
        return FOYER_TOO_MUCH;
    call->logged++;
    line = str_slice(text, strnlen(text, LOG_BYTES));
    log_at(levels[level], call->tx ? call->tx->request_id : STR_NONE, "a plugin says",
           LOG_S("plugin", call->instance->plugin->id), LOG_S("text", line));
    return FOYER_OK;
}

static int64_t now(struct foyer_call *call)
{
    return call->tx ? call->tx->now : clock_wall();
}

static int64_t deadline(struct foyer_call *call)
{
    return native_budget_left(&call->budget);
}
