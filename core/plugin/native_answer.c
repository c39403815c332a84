/* Native_answer: what functions of plugins answer, checked as what scripts answer is. */
#include "base/limits.h"
#include "base/nearest.h"
#include "plugin/native_inside.h"

#include <string.h>

enum { CODE_MOST = 64, FIELD_NAME_MOST = 100 };

static int begin(struct foyer_call *call, unsigned kind, const char *what);
static int take_code(struct foyer_call *call, const char *code, const char *what);
static int read_term(struct foyer_call *call, enum scope_term_kind kind, const char *const *texts,
                     size_t count, struct scope_term *term);
static int unite(struct foyer_call *call, const struct scope *scope);
static int check_field(struct foyer_call *call, const char *what, struct str name);

int native_allow(struct foyer_call *call, const char *reason)
{
    int status = begin(call, NATIVE_RULE, "allow");

    if (status == FOYER_OK)
        status = native_take_text(call, reason, LIMIT_ANSWER_WORDS, NATIVE_NULL_IS_ABSENT,
                                  "allow: reason", &call->reason);
    if (status != FOYER_OK)
        return status;
    call->verdict = VERDICT_ALLOW;
    call->has_answer = true;
    return FOYER_OK;
}

int native_deny(struct foyer_call *call, const char *code, const char *message)
{
    int status = begin(call, NATIVE_RULE, "deny");

    if (status == FOYER_OK)
        status = take_code(call, code, "deny");
    if (status == FOYER_OK)
        status = native_take_text(call, message, LIMIT_ANSWER_WORDS, NATIVE_NULL_IS_ABSENT,
                                  "deny: message", &call->message);
    if (status != FOYER_OK)
        return status;
    call->verdict = VERDICT_DENY;
    call->has_answer = true;
    return FOYER_OK;
}

/* ---- Scopes ------------------------------------------------------------------------------------ */

int native_rows(struct foyer_call *call, enum foyer_rows rows, const char *const *texts,
                size_t count)
{
    static const enum scope_term_kind kinds[] = {
        [FOYER_OWN] = SCOPE_OWN,   [FOYER_COMPANIES] = SCOPE_COMPANIES,
        [FOYER_TAGS] = SCOPE_TAGS, [FOYER_ACCOUNT_MANAGER] = SCOPE_ACCOUNT_MANAGER,
        [FOYER_IDS] = SCOPE_IDS,
    };
    struct scope scope = { .kind = SCOPE_EVERYTHING };
    int status = native_here(call, NATIVE_SCOPE, "rows");

    if (status != FOYER_OK)
        return status;
    if (rows < FOYER_EVERYTHING || rows > FOYER_IDS)
        return native_fault(call, FOYER_INVALID, "rows: there are no rows %d", (int)rows);
    if ((rows == FOYER_EVERYTHING || rows == FOYER_OWN) && count != 0)
        return native_fault(call, FOYER_INVALID, "rows: these take no texts");
    if (rows == FOYER_ACCOUNT_MANAGER && count != 1)
        return native_fault(call, FOYER_INVALID, "rows: an account manager is one id");
    if (count > LIMIT_LIST_MAX || (count && !texts))
        return native_fault(call, FOYER_INVALID, "rows: texts must be at most %d, and not NULL",
                            LIMIT_LIST_MAX);
    if (rows == FOYER_EVERYTHING)
        return unite(call, &scope);
    scope.kind = SCOPE_TERMS;
    scope.count = 1;
    scope.terms = arena_new(call->arena, struct scope_term);
    status = read_term(call, kinds[rows], texts, count, scope.terms);
    return status == FOYER_OK ? unite(call, &scope) : status;
}

static int read_term(struct foyer_call *call, enum scope_term_kind kind, const char *const *texts,
                     size_t count, struct scope_term *term)
{
    *term = (struct scope_term){ .kind = kind };
    if (kind == SCOPE_TAGS)
        term->texts = (struct texts){ arena_array(call->arena, struct str, count), count };
    else
        term->ids = (struct ids){ arena_array(call->arena, struct uuid, count), count };
    for (size_t i = 0; i < count; i++) {
        struct str text;
        int status = native_take_text(call, texts[i], LIMIT_FIELD_NAME, NATIVE_NULL_IS_WRONG,
                                      "rows: a text", &text);

        if (status != FOYER_OK)
            return status;
        if (kind == SCOPE_TAGS)
            term->texts.at[i] = text;
        else if (!uuid_parse(text, &term->ids.at[i]))
            return native_fault(call, FOYER_INVALID, "rows: \"%.*s\" is no id", STR_ARG(text));
    }
    return FOYER_OK;
}

static int unite(struct foyer_call *call, const struct scope *scope)
{
    call->has_answer = true;
    if (scope_unite(&call->scope, scope, call->arena))
        return FOYER_OK;
    return native_fault(call, FOYER_TOO_MUCH, "rows: more than %d times", LIMIT_SCOPE_TERMS);
}

/* ---- Filters ----------------------------------------------------------------------------------- */

int native_change(struct foyer_call *call, const char *name, const struct foyer_value *value)
{
    size_t most = call->entity ? field_count(call->entity) : 0, i;
    struct str field = STR_NONE, reason;
    struct value taken;
    int status = begin(call, NATIVE_FILTER, "change");

    if (status == FOYER_OK)
        status = native_take_text(call, name, FIELD_NAME_MOST, NATIVE_NULL_IS_WRONG, "change: name",
                                  &field);
    if (status == FOYER_OK)
        status = check_field(call, "change", field);
    if (status != FOYER_OK)
        return status;
    reason = native_value_take(call->arena, value, &taken);
    if (!str_is_absent(reason))
        return native_fault(call, FOYER_INVALID, "change: %.*s: %.*s", STR_ARG(field),
                            STR_ARG(reason));
    if (!call->changed)
        call->changed = arena_array(call->arena, struct value_member, most);
    for (i = 0; i < call->changed_count && !str_eq(call->changed[i].name, field); i++)
        ;
    if (i == call->changed_count)
        call->changed_count++;
    call->changed[i] = (struct value_member){ .name = field, .value = taken };
    return FOYER_OK;
}

int native_reject(struct foyer_call *call, const char *code, const char *message, const char *field)
{
    int status = begin(call, NATIVE_FILTER, "reject");
    struct str rest, first;

    if (status == FOYER_OK)
        status = take_code(call, code, "reject");
    if (status == FOYER_OK)
        status = native_take_text(call, message, LIMIT_ANSWER_WORDS, NATIVE_NULL_IS_WRONG,
                                  "reject: message", &call->message);
    if (status == FOYER_OK)
        status = native_take_text(call, field, FIELD_NAME_MOST, NATIVE_NULL_IS_ABSENT,
                                  "reject: field", &call->field);
    rest = call->field;
    if (status == FOYER_OK && str_cut(&rest, '.', &first)) /* "memberIds.3" */
        status = check_field(call, "reject", first);
    if (status != FOYER_OK)
        return status;
    call->verdict = VERDICT_DENY;
    call->has_answer = true;
    return FOYER_OK;
}

static int check_field(struct foyer_call *call, const char *what, struct str name)
{
    struct nearest nearest;

    if (field_find(call->entity, name) >= 0)
        return FOYER_OK;
    nearest_init(&nearest, name);
    for (size_t i = 0; call->entity->fields[i].name; i++)
        if (!(call->entity->fields[i].flags & FIELD_HIDDEN))
            nearest_offer(&nearest, call->entity->fields[i].name);
    if (nearest.word)
        return native_fault(call, FOYER_INVALID, "%s: %s has no \"%.*s\": did you mean \"%s\"?",
                            what, call->entity->name, STR_ARG(name), nearest.word);
    return native_fault(call, FOYER_INVALID, "%s: %s has no \"%.*s\"", what, call->entity->name,
                        STR_ARG(name));
}

/* ---- Renders ----------------------------------------------------------------------------------- */

int native_rendered(struct foyer_call *call, const char *subject, const char *text,
                    const char *html)
{
    struct rendered *rendered = &call->rendered;
    int status = begin(call, NATIVE_RENDER, "rendered");

    if (status == FOYER_OK)
        status = native_take_text(call, subject, LIMIT_MAIL_BYTES, NATIVE_NULL_IS_ABSENT,
                                  "rendered: subject", &rendered->subject);
    if (status == FOYER_OK)
        status = native_take_text(call, text, LIMIT_MAIL_BYTES, NATIVE_NULL_IS_ABSENT,
                                  "rendered: text", &rendered->text);
    if (status == FOYER_OK)
        status = native_take_text(call, html, LIMIT_MAIL_BYTES, NATIVE_NULL_IS_ABSENT,
                                  "rendered: html", &rendered->html);
    if (status != FOYER_OK)
        return status;
    if (!str_is_absent(rendered->subject) && str_has_control(rendered->subject))
        return native_fault(call, FOYER_INVALID, "rendered: subject must be one line");
    if (!text && !html)
        return native_fault(call, FOYER_INVALID, "rendered: text or html, or both, must be given");
    call->has_answer = true;
    return FOYER_OK;
}

/* ---- All --------------------------------------------------------------------------------------- */

static int begin(struct foyer_call *call, unsigned kind, const char *what)
{
    int status = native_here(call, kind, what);

    if (status == FOYER_OK && call->has_answer)
        return native_fault(call, FOYER_ANSWERED, "%s: there is an answer already", what);
    return status;
}

/* Programs compare codes: they are names, not sentences. */
static int take_code(struct foyer_call *call, const char *code, const char *what)
{
    int status = native_take_text(call, code, CODE_MOST, NATIVE_NULL_IS_WRONG, "code", &call->code);
    bool is_good = call->code.len > 0;

    for (size_t i = 0; i < call->code.len; i++) {
        char c = call->code.at[i];

        is_good &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (status != FOYER_OK || is_good)
        return status;
    return native_fault(call, FOYER_INVALID,
                        "%s: code must be snake_case, like \"group_too_large\"", what);
}
