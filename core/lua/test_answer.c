/* Test answer: what rules, scopes and filters answered, as tests see it. */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/test_ask.h"
#include "lua/value.h"
#include "lua/view.h"
#include "store/kv.h"

#include <lauxlib.h>
#include <string.h>

static const char *const verdicts[] = { "deny", "allow", "deny", "error" };

static void write_scope(const struct scope *scope, struct buf *out);
static void push_mails(lua_State *L, const struct kept_entries *kept,
                       const struct kept_mail *before);
static void push_events(lua_State *L, const struct kept_entries *kept,
                        const struct kept_event *before);
static void push_changed(lua_State *L, const struct test_question *question, uint64_t given);

void test_ask(struct test_question *question)
{
    policy_ask(&question->tx, question->name.at, &question->subject, true, &question->decision);
}

struct str test_describe(const struct test_question *question)
{
    const struct decision *d = &question->decision;

    return str_printf(question->tx.arena, "%s, %.*s (%.*s)", verdicts[d->verdict],
                      STR_ARG(str_is_empty(d->reason) ? d->code : d->reason), STR_ARG(d->rule));
}

void test_push_decision(lua_State *L, const struct decision *decision)
{
    struct value reads;

    lua_createtable(L, 0, 6);
    lua_pushstring(L, verdicts[decision->verdict]);
    lua_setfield(L, -2, "verdict");
    test_set_text(L, "code",
                  decision->verdict == VERDICT_DENY && str_is_absent(decision->code)
                      ? STR("denied")
                      : decision->code);
    test_set_text(L, "message", decision->message);
    test_set_text(L, "reason", decision->reason);
    test_set_text(L, "rule", decision->rule);
    if (!str_is_absent(decision->reads) &&
        str_is_absent(value_from_json(decision->reads, call_of(L)->arena, &reads))) {
        value_push(L, &reads, 0);
        lua_setfield(L, -2, "reads");
    }
}

/* ---- Scopes ------------------------------------------------------------------------------------ */

struct str test_scope(struct test_question *question)
{
    struct scope scope;
    struct str text;
    struct buf out;

    policy_scope(&question->tx, question->name.at, &scope);
    buf_init(&out, KIB(64));
    write_scope(&scope, &out);
    text = str_copy(question->tx.arena, buf_view(&out));
    buf_fini(&out);
    return text;
}

static void write_scope(const struct scope *scope, struct buf *out)
{
    static const char *const names[] = { "own", "companies", "account_manager", "tags", "ids" };

    if (scope->kind != SCOPE_TERMS) {
        buf_text(out, scope->kind == SCOPE_NONE ? "nothing" : "everything");
        return;
    }
    for (size_t i = 0; i < scope->count; i++) {
        const struct scope_term *term = &scope->terms[i];

        buf_printf(out, "%s%s", i ? ", " : "", names[term->kind]);
        if (term->kind == SCOPE_OWN)
            continue;
        buf_char(out, '(');
        for (size_t k = 0; k < term->ids.count; k++) {
            char id[UUID_TEXT];

            uuid_format(term->ids.at[k], id);
            buf_printf(out, "%s%s", k ? ", " : "", id);
        }
        for (size_t k = 0; k < term->texts.count; k++)
            buf_printf(out, "%s%.*s", k ? ", " : "", STR_ARG(term->texts.at[k]));
        buf_char(out, ')');
    }
}

/* ---- Filters ----------------------------------------------------------------------------------- */

int test_filter(lua_State *L, struct test_question *question)
{
    const struct subject *subject = &question->subject;
    void *change = arena_alloc(question->tx.arena, subject->entity->size);
    uint64_t given = subject->given;
    const struct failure *failure = &question->tx.failure;
    const struct kept_mail *queued = question->tx.kept->mails;
    const struct kept_event *told = question->tx.kept->events;
    enum status status;

    memcpy(change, subject->change, subject->entity->size);
    question->tx.is_writing = true;
    status = policy_filter(&question->tx, question->name.at, subject->entity, subject->row, change,
                           &given);
    if (status == ST_RULE_ERROR)
        return luaL_error(L, "a filter of %s failed: %s", question->name.at,
                          str_is_absent(failure->reason) ? "why is not known" : failure->reason.at);
    lua_createtable(L, 0, 5);
    push_mails(L, question->tx.kept, queued);
    lua_setfield(L, -2, "mails");
    push_events(L, question->tx.kept, told);
    lua_setfield(L, -2, "events");
    if (status != ST_OK) {
        test_set_text(L, "code", failure->code);
        test_set_text(L, "message", failure->message);
        if (failure->errors)
            test_set_text(L, "field", failure->errors->field);
        return 1;
    }
    question->subject.change = change;
    push_changed(L, question, given);
    lua_setfield(L, -2, "changed");
    return 1;
}

/* Those that came since `before`, in their order. */
static void push_mails(lua_State *L, const struct kept_entries *kept,
                       const struct kept_mail *before)
{
    lua_Integer count = 0;

    for (const struct kept_mail *m = kept->mails; m != before; m = m->next)
        count++;
    lua_newtable(L);
    for (const struct kept_mail *m = kept->mails; m != before; m = m->next) {
        lua_createtable(L, 0, 4);
        test_set_text(L, "to", m->to);
        test_set_text(L, "subject", m->subject);
        test_set_text(L, "text", m->text);
        test_set_text(L, "html", m->html);
        lua_rawseti(L, -2, count--);
    }
}

static void push_events(lua_State *L, const struct kept_entries *kept,
                        const struct kept_event *before)
{
    lua_Integer count = 0;
    struct value data;

    for (const struct kept_event *e = kept->events; e != before; e = e->next)
        count++;
    lua_newtable(L);
    for (const struct kept_event *e = kept->events; e != before; e = e->next) {
        lua_createtable(L, 0, 3);
        test_set_text(L, "name", e->name);
        test_set_text(L, "key", e->key);
        if (str_is_absent(value_from_json(e->data, call_of(L)->arena, &data)))
            value_push(L, &data, 0);
        else
            lua_pushnil(L);
        lua_setfield(L, -2, "data");
        lua_rawseti(L, -2, count--);
    }
}

/* All fields that are written now, also those that the request gave. */
static void push_changed(lua_State *L, const struct test_question *question, uint64_t given)
{
    const struct entity *entity = question->subject.entity;

    lua_newtable(L);
    for (size_t i = 0; entity->fields[i].name; i++)
        if (given >> i & 1u) {
            view_push_field(L, &entity->fields[i], question->subject.change);
            lua_setfield(L, -2, entity->fields[i].name);
        }
}

void test_set_text(lua_State *L, const char *name, struct str text)
{
    if (str_is_absent(text))
        return;
    lua_pushlstring(L, text.at, text.len);
    lua_setfield(L, -2, name);
}
