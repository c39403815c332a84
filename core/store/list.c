/* List: one statement for scope, filters, search, order and place; and its page tokens.
 *
 * A token is base64url(direction ‖ what is listed ‖ NUL ‖ sort name ‖ NUL ‖ per value: kind, length, bytes). It
 * tells a place, grants nothing: scope and filters of the request that brings it apply.
 */
#include "store/list.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"

#include <string.h>

/* Rows of a scope up to which they are looked up: it takes 3 ms. */
enum { SCOPE_SMALL = 2048 };
enum { SORT_COLUMNS = 3, TOKEN_BYTES = 1024 };

static void write_where(struct tx *tx, const struct list_columns *columns, const struct list *list,
                        struct buf *sql, struct args *args);
static void write_scope(struct tx *tx, const struct list_columns *columns, const struct list *list,
                        struct buf *sql, struct args *args);
static bool is_small(struct tx *tx, const struct list_columns *columns, const struct scope *scope);
static void write_after(struct tx *tx, const struct list *list, struct buf *sql, struct args *args);
static void write_condition(struct buf *sql, const char *condition, size_t number);
static struct query open_built(struct tx *tx, struct buf *sql, const struct args *args);
static bool read_token(struct tx *tx, const struct list *list, struct arg values[SORT_COLUMNS]);
static const char *name_of(const struct list *list);
static size_t sort_width(const struct list_sort *sort);

struct query list_open(struct tx *tx, const struct list_columns *columns, const struct list *list)
{
    struct buf sql;
    struct args args = { 0 };

    buf_init(&sql, KIB(64));
    buf_text(&sql, columns->select);
    buf_char(&sql, ' ');
    buf_text(&sql, columns->from);
    buf_text(&sql, " WHERE ");
    write_where(tx, columns, list, &sql, &args);
    if (!str_is_empty(list->after))
        write_after(tx, list, &sql, &args);
    buf_text(&sql, " ORDER BY ");
    for (size_t i = 0; i < sort_width(list->sort); i++) {
        buf_text(&sql, i ? ", " : "");
        buf_text(&sql, list->sort->columns[i]);
        buf_text(&sql, list->descending ? " DESC" : "");
    }
    buf_printf(&sql, " LIMIT $%zu", args_add(tx, &args, arg_int(list->limit + 1)));
    return open_built(tx, &sql, &args);
}

int64_t list_count(struct tx *tx, const struct list_columns *columns, const struct list *list)
{
    struct buf sql;
    struct args args = { 0 };
    int64_t count = 0;

    buf_init(&sql, KIB(64));
    buf_printf(&sql, "SELECT count(*) %s WHERE ", columns->from);
    write_where(tx, columns, list, &sql, &args);

    struct query q = open_built(tx, &sql, &args);
    if (query_next(&q))
        count = query_int(&q, 0);
    query_close(&q);
    return count;
}

bool list_holds(struct tx *tx, const struct list_columns *columns, const struct scope *scope,
                struct uuid id)
{
    struct buf sql;
    struct args args = { 0 };
    bool holds;

    if (scope->kind != SCOPE_TERMS) /* the row was loaded: there is nothing more to ask */
        return scope->kind == SCOPE_EVERYTHING;
    buf_init(&sql, KIB(64));
    buf_printf(&sql, "SELECT 1 %s WHERE ", columns->from);
    args_add(tx, &args, arg_int(tx->workspace)); /* $1 of columns->where */
    buf_printf(&sql, "%s AND ", columns->where);
    scope_compile(tx, scope, &columns->scope, &sql, &args);
    buf_printf(&sql, " AND t.id = $%zu", args_add(tx, &args, arg_id(id)));

    struct query q = open_built(tx, &sql, &args);
    holds = query_next(&q);
    query_close(&q);
    return holds;
}

bool list_after(struct tx *tx, const struct list *list, const struct list_sort *sort,
                int64_t *number)
{
    struct list ordered = *list;
    struct arg values[SORT_COLUMNS];

    ordered.sort = sort;
    if (!read_token(tx, &ordered, values) || values[0].kind != ARG_INT)
        return false;
    *number = values[0].number;
    return true;
}

struct str list_token(struct tx *tx, const struct list *list, const struct arg *values,
                      size_t count)
{
    struct buf token;
    struct str text;

    PRE(count == sort_width(list->sort));
    buf_init(&token, TOKEN_BYTES);
    buf_char(&token, list->descending ? '-' : '+');
    buf_put(&token, name_of(list), strlen(name_of(list)) + 1);
    buf_put(&token, list->sort->name, strlen(list->sort->name) + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t len[4];
        uint8_t number[8];
        const void *at = values[i].kind == ARG_INT ? number : values[i].at;
        size_t size = values[i].kind == ARG_INT ? sizeof(number) : values[i].len;

        bytes_put_u64(number, (uint64_t)values[i].number);
        bytes_put_u32(len, (uint32_t)size);
        buf_char(&token, values[i].kind == ARG_INT ? 'i' : values[i].kind == ARG_TEXT ? 't' : 'n');
        buf_put(&token, len, sizeof(len));
        buf_put(&token, at, size);
    }
    text = bytes_to_base64url(tx->arena, token.at, token.len);
    buf_fini(&token);
    return text;
}

static void write_where(struct tx *tx, const struct list_columns *columns, const struct list *list,
                        struct buf *sql, struct args *args)
{
    args_add(tx, args, arg_int(tx->workspace)); /* $1 of columns->where */
    buf_printf(sql, "%s AND ", columns->where);
    if (columns->kinds)
        buf_printf(sql, "((%s AND ", columns->kinds->first);
    write_scope(tx, columns, list, sql, args);
    if (columns->kinds) {
        buf_printf(sql, ") OR (%s AND ", columns->kinds->second);
        scope_compile(tx, &list->second, &columns->kinds->scope, sql, args);
        buf_text(sql, "))");
    }
    for (size_t i = 0; i < list->filter_count; i++) {
        const struct list_filter *filter = &list->filters[i];

        buf_text(sql, i > 0 && filter[-1].or_next ? " OR " : " AND (");
        write_condition(sql, filter->condition, args_add(tx, args, filter->value));
        if (filter->exact) {
            buf_text(sql, " AND ");
            write_condition(sql, filter->exact, args_add(tx, args, filter->exact_value));
        }
        if (!filter->or_next)
            buf_char(sql, ')');
    }
}

/* The rows of a small scope are looked up one by one; of a large one enough are found soon among all
 * rows, each asked whether it is in the scope. So a page costs about the same however many rows
 * there are, and however few of them the actor sees. */
static void write_scope(struct tx *tx, const struct list_columns *columns, const struct list *list,
                        struct buf *sql, struct args *args)
{
    if (!scope_can_find(&list->scope, &columns->scope) || !is_small(tx, columns, &list->scope)) {
        scope_compile(tx, &list->scope, &columns->scope, sql, args);
        return;
    }
    buf_text(sql, "t.seq IN (");
    scope_compile_rows(tx, &list->scope, &columns->scope, sql, args);
    buf_char(sql, ')');
}

static bool is_small(struct tx *tx, const struct list_columns *columns, const struct scope *scope)
{
    struct args args = { 0 };
    struct buf sql;
    int64_t count = SCOPE_SMALL + 1;

    buf_init(&sql, KIB(64));
    args_add(tx, &args, arg_int(tx->workspace)); /* $1 of the terms */
    buf_text(&sql, "SELECT count(*) FROM (");
    scope_compile_rows(tx, scope, &columns->scope, &sql, &args);
    buf_printf(&sql, " LIMIT %d)", SCOPE_SMALL + 1);

    struct query q = open_built(tx, &sql, &args);
    if (query_next(&q))
        count = query_int(&q, 0);
    query_close(&q);
    return count <= SCOPE_SMALL;
}

/* (a, b, c) > (…) as SQLite's row values, which use an index on the columns. */
static void write_after(struct tx *tx, const struct list *list, struct buf *sql, struct args *args)
{
    struct arg values[SORT_COLUMNS];
    size_t width = sort_width(list->sort);

    if (!read_token(tx, list, values)) {
        tx_fail_field(tx, ST_INVALID, "nextToken", "not_a_token",
                      "This is no nextToken of this list in this order: begin without one.");
        return;
    }
    buf_text(sql, " AND (");
    for (size_t i = 0; i < width; i++)
        buf_printf(sql, "%s%s", i ? ", " : "", list->sort->columns[i]);
    buf_printf(sql, ") %s (", list->descending ? "<" : ">");
    for (size_t i = 0; i < width; i++)
        buf_printf(sql, "%s$%zu", i ? ", " : "", args_add(tx, args, values[i]));
    buf_char(sql, ')');
}

static void write_condition(struct buf *sql, const char *condition, size_t number)
{
    for (const char *at = condition; *at; at++) {
        if (at[0] == '%' && at[1] == 's') {
            buf_printf(sql, "$%zu", number);
            at++;
        } else {
            buf_char(sql, *at);
        }
    }
}

static struct query open_built(struct tx *tx, struct buf *sql, const struct args *args)
{
    struct query q;

    if (sql->overflowed)
        tx_fail(tx, ST_INVALID, "too_many_filters", "The list has too many filters: name fewer.");
    q = query_open_built(tx, str_copy(tx->arena, buf_view(sql)), args->at, args->count);
    buf_fini(sql);
    return q;
}

static bool read_token(struct tx *tx, const struct list *list, struct arg values[SORT_COLUMNS])
{
    size_t size = list->after.len / 4 * 3 + (list->after.len % 4 ? list->after.len % 4 - 1 : 0);
    size_t of = strlen(name_of(list)) + 1, name = strlen(list->sort->name) + 1;
    char *token, *at, *end;

    if (list->after.len > (size_t)TOKEN_BYTES * 4 / 3 || size < 1 + of + name)
        return false;
    token = arena_alloc(tx->arena, size + 1);
    if (!bytes_from_base64url(list->after, token, size))
        return false;
    if (token[0] != (list->descending ? '-' : '+') || memcmp(token + 1, name_of(list), of) != 0 ||
        memcmp(token + 1 + of, list->sort->name, name) != 0)
        return false;
    at = token + 1 + of + name;
    end = token + size;
    for (size_t i = 0; i < sort_width(list->sort); i++) {
        size_t len;

        if (end - at < 5)
            return false;
        len = bytes_get_u32((const uint8_t *)at + 1);
        if ((size_t)(end - at) - 5 < len || (*at == 'i' && len != 8))
            return false;
        if (*at == 'i')
            values[i] = arg_int((int64_t)bytes_get_u64((const uint8_t *)at + 5));
        else if (*at == 't' && str_is_utf8(str_slice(at + 5, len)))
            values[i] = arg_text(str_slice(at + 5, len));
        else
            return false;
        at += 5 + len;
    }
    return at == end;
}

static const char *name_of(const struct list *list)
{
    return list->of ? list->of : "";
}

static size_t sort_width(const struct list_sort *sort)
{
    size_t width = 0;

    while (width < SORT_COLUMNS && sort->columns[width])
        width++;
    return width;
}
