/* Scope: compiles a scope to a condition of SQL, its ids and texts as parameters. */
#include "store/scope.h"

#include "base/limits.h"

#include <string.h>

static void write_term(struct tx *tx, const struct scope_term *term,
                       const struct scope_columns *columns, struct buf *sql, struct args *args);
static const char *condition_of(enum scope_term_kind kind, const struct scope_columns *columns);
static void write_condition(struct buf *sql, const char *condition, struct str place);
static struct str place_of_ids(struct tx *tx, struct ids ids, struct args *args);
static struct str place_of_texts(struct tx *tx, struct texts texts, struct args *args);

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
        buf_text(sql, "0");
        return;
    }
    buf_char(sql, '(');
    for (size_t i = 0; i < scope->count; i++) {
        if (i)
            buf_text(sql, " OR ");
        write_term(tx, &scope->terms[i], columns, sql, args);
    }
    buf_char(sql, ')');
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

static void write_term(struct tx *tx, const struct scope_term *term,
                       const struct scope_columns *columns, struct buf *sql, struct args *args)
{
    const char *condition = condition_of(term->kind, columns);
    struct uuid id = term->kind == SCOPE_OWN ? tx->actor.id
                     : term->ids.count       ? term->ids.at[0]
                                             : UUID_NONE;

    if (!condition)
        buf_char(sql, '0');
    else if (term->kind == SCOPE_OWN || term->kind == SCOPE_ACCOUNT_MANAGER)
        write_condition(sql, condition,
                        str_printf(tx->arena, "$%zu", args_add(tx, args, arg_id(id))));
    else if (term->kind == SCOPE_TAGS && term->texts.count)
        write_condition(sql, condition, place_of_texts(tx, term->texts, args));
    else if (term->kind != SCOPE_TAGS && term->ids.count)
        write_condition(sql, condition, place_of_ids(tx, term->ids, args));
    else
        buf_char(sql, '0'); /* an empty list matches nothing */
}

static const char *condition_of(enum scope_term_kind kind, const struct scope_columns *columns)
{
    switch (kind) {
    case SCOPE_OWN:
        return columns->own;
    case SCOPE_COMPANIES:
        return columns->companies;
    case SCOPE_ACCOUNT_MANAGER:
        return columns->account_manager;
    case SCOPE_TAGS:
        return columns->tags;
    case SCOPE_IDS:
        return columns->ids;
    }
    return NULL;
}

static void write_condition(struct buf *sql, const char *condition, struct str place)
{
    struct str rest = str_from(condition);
    const char *mark;

    while ((mark = strstr(rest.at, "%s"))) {
        buf_put(sql, rest.at, (size_t)(mark - rest.at));
        buf_str(sql, place);
        rest = str_from(mark + 2);
    }
    buf_str(sql, rest);
}

/* "($3, $4, …)", filled up to a power of two with the last id: few texts for many lengths, so that
 * their statements are found again. */
static struct str place_of_ids(struct tx *tx, struct ids ids, struct args *args)
{
    size_t wanted = 1, i;
    struct str list;
    struct buf out;

    while (wanted < ids.count)
        wanted *= 2;
    buf_init(&out, wanted * 8 + 8);
    for (i = 0; i < wanted; i++)
        buf_printf(&out, "%s$%zu", i ? "," : "(",
                   args_add(tx, args, arg_id(ids.at[i < ids.count ? i : ids.count - 1])));
    buf_char(&out, ')');
    list = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return list;
}

static struct str place_of_texts(struct tx *tx, struct texts texts, struct args *args)
{
    size_t wanted = 1, i;
    struct str list;
    struct buf out;

    while (wanted < texts.count)
        wanted *= 2;
    buf_init(&out, wanted * 8 + 8);
    for (i = 0; i < wanted; i++)
        buf_printf(&out, "%s$%zu", i ? "," : "(",
                   args_add(tx, args, arg_text(texts.at[i < texts.count ? i : texts.count - 1])));
    buf_char(&out, ')');
    list = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return list;
}
