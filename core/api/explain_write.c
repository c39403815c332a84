/* Explain: what was found out, as JSON for programs and as lines for people. */
#include "api/explain.h"

#include <string.h>

static const char *verdict_name(enum verdict verdict);
static const char *outcome(const struct explained *explained);
static void write_scope(const struct scope *scope, struct buf *out);
static void write_term(const struct scope_term *term, struct buf *out);
static void write_ids(struct ids ids, struct buf *out);
static void line(struct buf *out, const char *name, struct str text);
static void scope_text(const struct explained *explained, struct buf *out);
static void disabled_text(struct str asked, struct buf *out);
static void reads_text(struct str reads, struct buf *out);

static const char *const term_names[] = { "own", "companies", "accountManager", "tags", "ids" };

void explain_json(const struct explained *explained, struct buf *out)
{
    const struct decision *d = &explained->decision;
    bool is_refused = explained->refused.status != ST_OK;
    char id[UUID_TEXT];

    uuid_format(explained->actor.id, id);
    buf_text(out, "{\"object\":\"explanation\",\"action\":");
    buf_json(out, explained->action);
    buf_printf(out, ",\"actor\":{\"kind\":\"%s\",\"id\":", actor_kind_name(explained->actor.kind));
    buf_json(out, uuid_is_none(explained->actor.id) ? STR_NONE : str_from(id));
    buf_text(out, ",\"email\":");
    buf_json(out, explained->actor.email);
    buf_printf(out, "},\"verdict\":\"%s\",\"status\":%d,\"code\":", outcome(explained),
               status_http(explained->status));
    buf_json(out, is_refused                                             ? explained->refused.code
                  : d->verdict == VERDICT_DENY && str_is_absent(d->code) ? STR("denied")
                                                                         : d->code);
    buf_text(out, ",\"message\":");
    buf_json(out, is_refused ? explained->refused.message : d->message);
    buf_text(out, ",\"reason\":");
    buf_json(out, d->reason);
    buf_text(out, ",\"rule\":");
    buf_json(out, d->rule);
    buf_printf(out, ",\"asked\":%.*s,\"reads\":%.*s,\"microseconds\":%.3f",
               d->asked.at ? (int)d->asked.len : 2, d->asked.at ? d->asked.at : "[]",
               d->reads.at ? (int)d->reads.len : 2, d->reads.at ? d->reads.at : "{}",
               (double)d->nanoseconds / 1000);
    buf_text(out, ",\"scope\":");
    if (explained->has_scope) {
        buf_printf(out, "{\"entity\":\"%s\",", explained->entity);
        write_scope(&explained->scope, out);
        buf_char(out, '}');
    } else {
        buf_text(out, "null");
    }
    buf_text(out, ",\"otherwise\":[");
    for (size_t i = 0; i < explained->otherwise_count; i++) {
        buf_text(out, i ? ",{\"if\":" : "{\"if\":");
        buf_json(out, explained->otherwise[i].what);
        buf_printf(out, ",\"verdict\":\"%s\"}", verdict_name(explained->otherwise[i].verdict));
    }
    buf_printf(out, "],\"generation\":%llu}", (unsigned long long)explained->generation);
}

static const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = { "deny", "allow", "deny", "error" };

    return names[verdict];
}

/* A target that cannot be loaded ends the road before any rule is asked. */
static const char *outcome(const struct explained *explained)
{
    if (explained->refused.status == ST_OK)
        return verdict_name(explained->decision.verdict);
    return explained->refused.status == ST_NOT_FOUND ? "not_found" : "refused";
}

static void write_scope(const struct scope *scope, struct buf *out)
{
    static const char *const kinds[] = { "nothing", "everything", "terms" };

    buf_printf(out, "\"kind\":\"%s\",\"terms\":[", kinds[scope->kind]);
    for (size_t i = 0; i < scope->count; i++) {
        if (i)
            buf_char(out, ',');
        write_term(&scope->terms[i], out);
    }
    buf_char(out, ']');
}

static void write_term(const struct scope_term *term, struct buf *out)
{
    buf_printf(out, "{\"kind\":\"%s\"", term_names[term->kind]);
    if (term->kind == SCOPE_TAGS) {
        buf_text(out, ",\"tags\":[");
        for (size_t i = 0; i < term->texts.count; i++) {
            if (i)
                buf_char(out, ',');
            buf_json(out, term->texts.at[i]);
        }
        buf_char(out, ']');
    } else if (term->kind != SCOPE_OWN) {
        buf_text(out, ",\"ids\":[");
        write_ids(term->ids, out);
        buf_char(out, ']');
    }
    buf_char(out, '}');
}

static void write_ids(struct ids ids, struct buf *out)
{
    char id[UUID_TEXT];

    for (size_t i = 0; i < ids.count; i++) {
        uuid_format(ids.at[i], id);
        buf_printf(out, "%s\"%s\"", i ? "," : "", id);
    }
}

/* ---- For people --------------------------------------------------------------------------------- */

void explain_text(const struct explained *explained, struct buf *out)
{
    const struct decision *d = &explained->decision;
    const struct actor *actor = &explained->actor;

    buf_printf(out, "%s: %.*s by %.*s (%s%s%.*s)\n", outcome(explained), STR_ARG(explained->action),
               STR_ARG(str_is_absent(actor->email) ? str_from(actor_kind_name(actor->kind))
                                                   : actor->email),
               actor_kind_name(actor->kind), str_is_empty(actor->role) ? "" : ", ",
               STR_ARG(actor->role));
    if (explained->refused.status != ST_OK) {
        line(out, "because", explained->refused.message);
        for (const struct field_error *e = explained->refused.errors; e; e = e->next)
            buf_printf(out, "             %.*s: %.*s\n", STR_ARG(e->field), STR_ARG(e->message));
        buf_text(out, "             No rule was asked: this comes before.\n");
    } else {
        line(out, "decided by", d->rule);
        line(out, "reason", d->reason);
        line(out, "code", d->code);
        line(out, "message", d->message);
        disabled_text(d->asked, out);
        reads_text(d->reads, out);
        buf_printf(out, "  took       %.1f µs\n", (double)d->nanoseconds / 1000);
    }
    scope_text(explained, out);
    for (size_t i = 0; i < explained->otherwise_count; i++)
        buf_printf(out, "  %-10s %.*s: then %s\n", i ? "" : "otherwise",
                   STR_ARG(explained->otherwise[i].what),
                   verdict_name(explained->otherwise[i].verdict));
}

static void line(struct buf *out, const char *name, struct str text)
{
    if (!str_is_empty(text))
        buf_printf(out, "  %-10s %.*s\n", name, STR_ARG(text));
}

/* The array is ours: {"rule":"house_rules.lua:4",…,"verdict":"disabled"} */
static void disabled_text(struct str asked, struct buf *out)
{
    static const char begin[] = "{\"rule\":\"", disabled[] = "\"verdict\":\"disabled\"}";
    const char *at = asked.at;

    while (at && (at = strstr(at, begin))) {
        const char *rule = at + sizeof(begin) - 1, *end = strchr(rule, '"');
        const char *next = strstr(rule, begin), *is_it = strstr(rule, disabled);

        if (end && is_it && (!next || is_it < next))
            buf_printf(out, "  not asked  %.*s: it is switched off in this workspace\n",
                       (int)(end - rule), rule);
        at = rule;
    }
}

static void scope_text(const struct explained *explained, struct buf *out)
{
    const struct scope *scope = &explained->scope;

    if (!explained->has_scope)
        return;
    buf_printf(out, "  %-10s of %s: ", "sees", explained->entity);
    if (scope->kind != SCOPE_TERMS)
        buf_text(out, scope->kind == SCOPE_NONE ? "nothing" : "everything");
    for (size_t i = 0; i < scope->count; i++) {
        const struct scope_term *term = &scope->terms[i];
        char id[UUID_TEXT];

        buf_printf(out, "%s%s", i ? ", " : "", term_names[term->kind]);
        for (size_t k = 0; k < term->ids.count; k++) {
            uuid_format(term->ids.at[k], id);
            buf_printf(out, " %s", id);
        }
        for (size_t k = 0; k < term->texts.count; k++)
            buf_printf(out, " %.*s", STR_ARG(term->texts.at[k]));
        if (term->kind != SCOPE_OWN && term->ids.count + term->texts.count == 0)
            buf_text(out, " (none)");
    }
    buf_char(out, '\n');
}

/* One a line: the commas between members are those outside of texts, arrays and objects. */
static void reads_text(struct str reads, struct buf *out)
{
    size_t from = 1, depth = 0;
    bool in_text = false, is_first = true;

    for (size_t i = 1; i < reads.len; i++) {
        char c = reads.at[i];

        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '[' || c == '{'))
            depth++;
        else if (!in_text && depth && (c == ']' || c == '}'))
            depth--;
        else if (!in_text && !depth && (c == ',' || c == '}') && i > from) {
            buf_printf(out, "  %-10s %.*s\n", is_first ? "read" : "", (int)(i - from),
                       reads.at + from);
            from = i + 1;
            is_first = false;
        }
    }
}
