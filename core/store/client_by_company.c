/* Client by company: the clients whose company has every word of a search in its name, newest first.
 *
 * The index gives companies, these their clients as numbers, sorted; rows are looked up for as many of them
 * as a page needs. So it costs a microsecond for each client of the companies that are found, and nothing
 * for all others. Which companies may be searched by is the scope in list->second: a hit tells who is in one.
 */
#include "base/limits.h"
#include "store/client_found.h"
#include "store/client_row.h"
#include "store/company.h"

#include <stddef.h>

/* Numbers looked up at once: a page of them first, and more where scope and filters leave few. */
enum { GROWTH = 8, BATCH_MOST = 65536 };

/* The number of a client in client_found's key. */
static const int64_t SEQ = (INT64_C(1) << 40) - 1;

static const char *const from_all =
    "FROM companies_text f CROSS JOIN memberships m ON m.company = (f.rowid & 0xffffffffff)";
static const char *const from_some =
    "FROM companies_text f CROSS JOIN companies t ON t.seq = (f.rowid & 0xffffffffff)"
    " CROSS JOIN memberships m ON m.company = t.seq";

/* By the bare number: within one company memberships_by_company has that order, and a page of a large one
 * is read off its end. */
static const struct list_sort by_client = { "search", { "m.client" } };

static struct list companies_of(struct tx *tx, const struct list *list);
static size_t batch(struct tx *tx, struct list *companies, int64_t most, struct str *seqs);
static void go_on(struct list *companies, int64_t after);

size_t client_search_companies(struct tx *tx, const struct list *list, struct client *clients)
{
    struct list companies = companies_of(tx, list);
    size_t room = (size_t)list->limit + 1, have = 0, taken;
    int64_t most = (int64_t)room;

    if (companies.scope.kind == SCOPE_NONE)
        return 0;
    do {
        struct list rows = *list;
        struct str seqs;

        taken = batch(tx, &companies, most, &seqs);
        if (taken == 0)
            break;
        rows.sort = &client_found;
        rows.descending = true;
        rows.limit = (int64_t)(room - have) - 1;
        rows.filters[rows.filter_count++] =
            (struct list_filter){ .condition = "t.seq IN (SELECT value FROM json_each(%s))",
                                  .value = arg_text(seqs) };
        have += client_find_rows(tx, &rows, clients + have);
        if ((int64_t)taken < most)
            break;
        most = most * GROWTH < BATCH_MOST ? most * GROWTH : BATCH_MOST;
    } while (have < room && tx_status(tx) == ST_OK);
    return have;
}

int64_t client_count_companies(struct tx *tx, const struct list *list)
{
    struct list companies = companies_of(tx, list);
    struct list_columns columns = client_columns;
    int64_t count = 0;
    size_t taken;

    if (companies.scope.kind == SCOPE_NONE)
        return 0;
    columns.scope.rows = (struct scope_terms){ 0 };
    do {
        struct list rows = *list;
        struct str seqs;

        taken = batch(tx, &companies, BATCH_MOST, &seqs);
        rows.filters[rows.filter_count++] =
            (struct list_filter){ .condition = "t.seq IN (SELECT value FROM json_each(%s))",
                                  .value = arg_text(seqs) };
        if (taken > 0)
            count += list_count(tx, &columns, &rows);
    } while (taken == BATCH_MOST && tx_status(tx) == ST_OK);
    return count;
}

/* The list of what is in the companies, as numbers of clients. */
static struct list companies_of(struct tx *tx, const struct list *list)
{
    struct list companies = { .scope = list->second, .sort = &by_client, .descending = true };
    struct str match = STR("");
    int64_t after = INT64_MAX;

    client_search_words(tx, list, "instr(f.name, %s) > 0", &companies, &match);
    companies.filters[companies.filter_count++] =
        (struct list_filter){ .condition = "f.name MATCH %s", .value = arg_text(match) };
    if (!str_is_empty(list->after) && list_after(tx, list, &client_found, &after))
        after &= SEQ;
    go_on(&companies, after);
    return companies;
}

/* The next numbers, as JSON. Gives how many; then *companies goes on after them. */
static size_t batch(struct tx *tx, struct list *companies, int64_t most, struct str *seqs)
{
    struct list_columns columns = {
        .select = "SELECT DISTINCT m.client",
        .from = companies->scope.kind == SCOPE_EVERYTHING ? from_all : from_some,
        .where = "f.rowid > ($1 << 40) AND f.rowid < (($1 + 1) << 40)"
                 " AND (SELECT companies_enabled FROM workspaces WHERE seq = $1)",
    };
    struct query q;
    struct buf json;
    size_t count = 0;
    int64_t last = 0;

    columns.scope.row = company_columns.scope.row;
    companies->limit = most - 1; /* list_open looks for one more than a page */
    buf_init(&json, LIMIT_JSON_BODY);
    q = list_open(tx, &columns, companies);
    for (; query_next(&q); count++) {
        last = query_int(&q, 0);
        buf_printf(&json, "%c%lld", count ? ',' : '[', (long long)last);
    }
    query_close(&q);
    buf_text(&json, count ? "]" : "[]");
    *seqs = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    companies->filter_count--;
    go_on(companies, last);
    return count;
}

static void go_on(struct list *companies, int64_t after)
{
    companies->filters[companies->filter_count++] =
        (struct list_filter){ .condition = "m.client < %s", .value = arg_int(after) };
}
