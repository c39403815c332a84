/* Scope: compiles a scope to conditions of SQL. Its ids and texts are one parameter each, whatever
 * their number, so that few statements serve all scopes. */
#include "store/scope.h"

#include "base/limits.h"

#include <string.h>

static void write_union(struct tx *tx, const struct scope *scope, const struct scope_terms *terms,
                        const char *between, struct buf *sql, struct args *args);
static const char *text_of(const struct scope_terms *terms, enum scope_term_kind kind);
static struct arg value_of(struct tx *tx, const struct scope_term *term);
static struct arg ids_value(struct tx *tx, struct ids ids);
static struct arg texts_value(struct tx *tx, struct texts texts);

bool scope_unite(struct scope *into, const struct scope *from, struct arena *arena)
{
    size_t size = sizeof(*into->terms);

    if (into->kind == SCOPE_EVERYTHING || from->kind == SCOPE_NONE)
        return true;
    if (from->kind == SCOPE_EVERYTHING || into->kind == SCOPE_NONE) {
        *into = *from;
        return true;
    }
    if (into->count + from->count > LIMIT_SCOPE_TERMS)
        return false;
    into->terms =
        arena_grow(arena, into->terms, into->count * size, (into->count + from->count) * size);
    memcpy(into->terms + into->count, from->terms, from->count * size);
    into->count += from->count;
    return true;
}

void scope_compile(struct tx *tx, const struct scope *scope, const struct scope_columns *columns,
                   struct buf *sql, struct args *args)
{
    if (scope->kind != SCOPE_TERMS || scope->count == 0) {
        buf_text(sql, scope->kind == SCOPE_EVERYTHING ? "1" : "0");
        return;
    }
    if (scope->count > LIMIT_SCOPE_TERMS) {
        tx_fail(tx, ST_RULE_ERROR, "scope_too_large", "The scope has more than %d terms.",
                LIMIT_SCOPE_TERMS);
        buf_char(sql, '0');
        return;
    }
    buf_char(sql, '(');
    write_union(tx, scope, &columns->row, " OR ", sql, args);
    buf_char(sql, ')');
}

bool scope_can_find(const struct scope *scope, const struct scope_columns *columns)
{
    if (scope->kind != SCOPE_TERMS || scope->count == 0 || scope->count > LIMIT_SCOPE_TERMS)
        return false;
    for (size_t i = 0; i < scope->count; i++)
        if (!text_of(&columns->rows, scope->terms[i].kind))
            return false;
    return true;
}

void scope_compile_rows(struct tx *tx, const struct scope *scope,
                        const struct scope_columns *columns, struct buf *sql, struct args *args)
{
    write_union(tx, scope, &columns->rows, " UNION ALL ", sql, args);
}

size_t args_add(struct tx *tx, struct args *args, struct arg arg)
{
    if (args->count == args->cap) {
        size_t cap = args->cap ? args->cap * 2 : 16;

        args->at = arena_grow(tx->arena, args->at, args->cap * sizeof(arg), cap * sizeof(arg));
        args->cap = cap;
    }
    args->at[args->count++] = arg;
    return args->count;
}

static void write_union(struct tx *tx, const struct scope *scope, const struct scope_terms *terms,
                        const char *between, struct buf *sql, struct args *args)
{
    for (size_t i = 0; i < scope->count; i++) {
        const char *at = text_of(terms, scope->terms[i].kind), *mark;
        size_t number = at ? args_add(tx, args, value_of(tx, &scope->terms[i])) : 0;

        buf_text(sql, i ? between : "");
        if (!at)
            at = "0";
        for (; (mark = strstr(at, "%s")); at = mark + 2) {
            buf_put(sql, at, (size_t)(mark - at));
            buf_printf(sql, "$%zu", number);
        }
        buf_text(sql, at);
    }
}

static const char *text_of(const struct scope_terms *terms, enum scope_term_kind kind)
{
    switch (kind) {
    case SCOPE_OWN:
        return terms->own;
    case SCOPE_COMPANIES:
        return terms->companies;
    case SCOPE_ACCOUNT_MANAGER:
        return terms->account_manager;
    case SCOPE_TAGS:
        return terms->tags;
    case SCOPE_IDS:
        return terms->ids;
    }
    return NULL;
}

/* An empty list matches nothing, and so does an actor without an id: NULL equals nothing. */
static struct arg value_of(struct tx *tx, const struct scope_term *term)
{
    switch (term->kind) {
    case SCOPE_OWN:
        return arg_id(tx->actor.id);
    case SCOPE_ACCOUNT_MANAGER:
        return arg_id(term->ids.count ? term->ids.at[0] : UUID_NONE);
    case SCOPE_TAGS:
        return texts_value(tx, term->texts);
    default:
        return ids_value(tx, term->ids);
    }
}

/* For ids($n): sixteen bytes each. */
static struct arg ids_value(struct tx *tx, struct ids ids)
{
    (void)tx; /* borrows: ids are as they must be */
    _Static_assert(sizeof(struct uuid) == 16, "ids lie without gaps");
    return arg_blob(ids.count ? (const void *)ids.at : "", ids.count * sizeof(struct uuid));
}

/* For json_each($n). */
static struct arg texts_value(struct tx *tx, struct texts texts)
{
    struct str text;
    struct buf json;

    buf_init(&json, LIMIT_JSON_BODY);
    buf_char(&json, '[');
    for (size_t i = 0; i < texts.count; i++) {
        if (i)
            buf_char(&json, ',');
        buf_json(&json, texts.at[i]);
    }
    buf_char(&json, ']');
    if (json.overflowed)
        tx_fail(tx, ST_RULE_ERROR, "scope_too_large", "The scope has too many tags.");
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return arg_text(text);
}
