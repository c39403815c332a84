/* List: reading a list's query, writing its page. */
#include "api/list.h"

#include "api/body.h"

#include "base/limits.h"
#include "http/json.h"
#include "http/reply.h"
#include "store/company.h"
#include "store/fold.h"

static void read_limit(const struct request *rq, struct list *list);
static void read_sort(struct tx *tx, const struct request *rq, const struct list_columns *columns,
                      struct list *list);
static bool has_filter(const struct list_columns *columns, const char *name);
static struct filter filter_of(struct tx *tx, const struct field *field);
static void read_filter(struct tx *tx, const struct request *rq, const struct entity *entity,
                        const struct filter *filter, struct list *list);
static bool filter_value(struct tx *tx, const struct entity *entity, const struct filter *filter,
                         struct str text, struct arg *value);
static void read_words(struct str search, const struct list_columns *columns, struct list *list);

enum status list_read(struct tx *tx, const struct request *rq, const struct entity *entity,
                      const struct list_columns *columns, struct list *list)
{
    list_read_inside(tx, rq, entity, columns, list);
    return policy_scope(tx, entity->name, &list->scope);
}

enum status list_read_inside(struct tx *tx, const struct request *rq, const struct entity *entity,
                             const struct list_columns *columns, struct list *list)
{
    struct str search = str_trim(fold_text(tx->arena, request_query(rq, "q")));

    *list = (struct list){ .of = entity->name,
                           .after = request_query(rq, "nextToken"),
                           .scope = { .kind = SCOPE_EVERYTHING } };
    read_limit(rq, list);
    read_sort(tx, rq, columns, list);
    for (const struct filter *filter = columns->filters; filter && filter->name; filter++)
        read_filter(tx, rq, entity, filter, list);
    for (const struct field *field = entity->fields; field->name; field++) {
        if (field->flags & FIELD_FILTER && !has_filter(columns, field->name) &&
            !str_is_absent(request_query(rq, field->name))) {
            struct filter filter = filter_of(tx, field);

            read_filter(tx, rq, entity, &filter, list);
        }
    }
    if (!str_is_empty(search) && columns->word) {
        read_words(search, columns, list);
    } else if (!str_is_empty(search) && !columns->found) {
        tx_fail_field(tx, ST_INVALID, "q", "no_search", "This list has no search: leave q out.");
    } else if (!str_is_empty(search)) { /* whatever order was asked for: newest first */
        list->search = search;
        list->sort = columns->found;
        list->descending = true;
    }
    return tx_status(tx);
}

bool list_has_more(const struct list *list, size_t count)
{
    return count > (size_t)list->limit;
}

enum status list_reply(struct tx *tx, const struct request *rq, const struct list *list,
                       const struct list_page *page, struct reply *rp)
{
    uint64_t only = list_fields(rq, page->entity);
    size_t shown = list_has_more(list, page->count) ? (size_t)list->limit : page->count;
    int64_t count = !query_flag(rq, "count") ? -1
                    : page->total            ? page->total(tx, list)
                                             : list_count(tx, page->columns, list);
    struct buf *out;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    out = reply_json(rp, 200);
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < shown; i++) {
        if (i)
            buf_char(out, ',');
        json_write(page->entity, (const char *)page->rows + i * page->entity->size, only, out);
    }
    buf_char(out, ']');
    if (!str_is_absent(page->next)) {
        buf_text(out, ",\"nextToken\":");
        buf_json(out, page->next);
    }
    if (count >= 0) {
        buf_text(out, ",\"count\":");
        buf_int(out, count);
    }
    buf_char(out, '}');
    return ST_OK;
}

bool list_hides_companies(const struct tx *tx)
{
    return tx->actor.is_limited || tx->actor.kind == ACTOR_CLIENT;
}

bool list_is_kept_from(struct tx *tx, struct uuid company)
{
    struct scope scope;

    if (tx->actor.kind == ACTOR_CLIENT)
        return policy_scope(tx, "company", &scope) == ST_OK &&
               !company_is_in_scope(tx, company, &scope);
    return tx->actor.is_limited && !ids_has(tx->actor.limited_to, company);
}

struct ids list_seen_companies(struct tx *tx, struct ids companies)
{
    struct ids seen;

    if (!list_hides_companies(tx))
        return companies;
    seen = (struct ids){ arena_array(tx->arena, struct uuid, companies.count), 0 };
    for (size_t i = 0; i < companies.count; i++)
        if (!list_is_kept_from(tx, companies.at[i]))
            seen.at[seen.count++] = companies.at[i];
    return seen;
}

enum status list_shown_companies(struct tx *tx, struct scope *scope)
{
    if (list_hides_companies(tx))
        return policy_scope(tx, "company", scope);
    *scope = (struct scope){ .kind = SCOPE_EVERYTHING };
    return tx_status(tx);
}

uint64_t list_fields(const struct request *rq, const struct entity *entity)
{
    struct str rest = request_query(rq, "fields"), name;
    uint64_t only = 0;

    if (str_is_empty(rest))
        return ~UINT64_C(0);
    while (str_cut(&rest, ',', &name)) {
        int found = field_find(entity, name);

        if (found >= 0)
            only |= UINT64_C(1) << found;
    }
    return only;
}

/* Above the ceiling it is clamped: the vendor's own programs ask for 10,000. */
static void read_limit(const struct request *rq, struct list *list)
{
    struct str text = request_query(rq, "limit");

    list->limit = LIMIT_LIST_DEFAULT;
    (void)str_to_int(text, 1, INT64_MAX, &list->limit);
    if (list->limit > LIMIT_LIST_MAX)
        list->limit = LIMIT_LIST_MAX;
}

static void read_sort(struct tx *tx, const struct request *rq, const struct list_columns *columns,
                      struct list *list)
{
    struct str text = request_query(rq, "sort");
    struct str names = STR("");

    list->sort = columns->sorts;
    list->descending =
        str_is_empty(text) || str_starts(text, STR("-")); /* newest first by default */
    if (str_is_empty(text))
        return;
    if (list->descending)
        text = str_slice(text.at + 1, text.len - 1);
    for (const struct list_sort *sort = columns->sorts; sort->name; sort++) {
        if (str_is(text, sort->name)) {
            list->sort = sort;
            return;
        }
        names =
            str_printf(tx->arena, "%.*s%s%s", STR_ARG(names), names.len ? ", " : "", sort->name);
    }
    tx_fail_field(tx, ST_INVALID, "sort", "unknown_sort",
                  "This list is sorted by %.*s (with - before it: descending).", STR_ARG(names));
}

static bool has_filter(const struct list_columns *columns, const char *name)
{
    for (const struct filter *filter = columns->filters; filter && filter->name; filter++)
        if (str_is(str_from(name), filter->name))
            return true;
    return false;
}

/* Its column compared by its type: the flag of the field is all that it takes. */
static struct filter filter_of(struct tx *tx, const struct field *field)
{
    struct filter filter = { .name = field->name, .kind = FILTER_TEXT };

    if (!field->column)
        tx_fail(tx, ST_INTERNAL, NULL, "%s can be neither filter nor column.", field->name);
    if (field->type == FIELD_ID)
        filter.kind = FILTER_ID;
    else if (field->type == FIELD_ENUM)
        filter.kind = FILTER_ENUM;
    else if (field->type == FIELD_BOOL)
        filter.kind = FILTER_BOOL;
    filter.condition = str_printf(tx->arena, "t.%s = %%s", field->column).at;
    return filter;
}

/* Any of the values: programs repeat the key. */
static void read_filter(struct tx *tx, const struct request *rq, const struct entity *entity,
                        const struct filter *filter, struct list *list)
{
    struct str values[LIMIT_QUERY_PARAMS];
    size_t count = request_query_all(rq, filter->name, values, LIMIT_QUERY_PARAMS);
    bool is_first = true;

    for (size_t i = 0; i < count; i++) {
        struct list_filter one = { .condition = filter->condition };

        if (!filter_value(tx, entity, filter, values[i], &one.value))
            continue;
        if (filter->kind == FILTER_BOOL && filter->exact && !one.value.number)
            one.condition = filter->exact;
        if (filter->kind == FILTER_NAME)
            one.exact = filter->exact;
        if (list->filter_count == LIST_ASKED) {
            tx_fail_field(tx, ST_INVALID, filter->name, "too_many_filters",
                          "A list takes %d values of filters in all: name fewer.", LIST_ASKED);
            return;
        }
        if (!is_first)
            list->filters[list->filter_count - 1].or_next = true;
        is_first = false;
        one.exact_value = arg_text(values[i]);
        list->filters[list->filter_count++] = one;
    }
}

static bool filter_value(struct tx *tx, const struct entity *entity, const struct filter *filter,
                         struct str text, struct arg *value)
{
    static const struct uuid nobodys = { { 0xff } };
    int found = field_find(entity, str_from(filter->name));
    struct uuid id;

    switch (filter->kind) {
    case FILTER_TEXT:
        *value = arg_text(text);
        return true;
    case FILTER_NAME:
        *value = arg_text(fold_text(tx->arena, text));
        return true;
    case FILTER_EMAIL: /* what is no address is nobody's */
        text = fold_email(tx->arena, text);
        *value = arg_text(str_is_absent(text) ? STR("") : text);
        return true;
    case FILTER_ID: /* what is no id is nobody's, exactly as an id that is not here */
        *value = arg_id(uuid_parse(text, &id) ? id : nobodys);
        return true;
    case FILTER_COMPANY:
        *value = arg_id(uuid_parse(text, &id) && !list_is_kept_from(tx, id) ? id : nobodys);
        return true;
    case FILTER_BOOL:
        *value = arg_bool(str_is(text, "true"));
        return true;
    case FILTER_ENUM:
        for (int i = 0; found >= 0 && entity->fields[found].choices[i]; i++)
            if (str_is(text, entity->fields[found].choices[i])) {
                *value = arg_int(i);
                return true;
            }
        return false;
    }
    return false;
}

/* What has room beside the filters; more words would find hardly less. */
static void read_words(struct str search, const struct list_columns *columns, struct list *list)
{
    struct str word;

    while (list->filter_count < LIST_FILTERS && str_cut(&search, ' ', &word))
        if (!str_is_empty(word))
            list->filters[list->filter_count++] =
                (struct list_filter){ .condition = columns->word, .value = arg_text(word) };
}
