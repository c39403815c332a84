/* Company: rows of `companies`, and which companies a client is in. Deleting is company_move.c. */
#include "store/company.h"

#include "base/check.h"
#include "store/client_row.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.name, t.is_placeholder, t.icon_url, t.fallback_color, t.description,"   \
    " t.website, t.address, t.account_manager, t.tags, t.custom_fields, t.created_at,"             \
    " t.updated_at"
#define FROM "FROM companies t"

enum { WORDS = 5 };

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "name", { "t.name_key", "t.seq" } },
    { 0 },
};
static const struct list_sort found_sort = { "search", { "t.seq" } };

static const struct filter filters[] = {
    { "name", FILTER_NAME, "t.name_key = %s", "t.name = %s" },
    { "isPlaceholder", FILTER_BOOL, "t.is_placeholder = 1", "t.is_placeholder = 0" },
    { "accountManagerId", FILTER_ID, "t.account_manager = %s", NULL },
    { 0 },
};

#define BY_IDS                                                                                     \
    "SELECT o.seq FROM ids(%s) i CROSS JOIN companies o ON o.workspace = $1 AND o.id = i.id"

const struct list_columns company_columns = {
    .select = SELECT,
    .from = FROM,
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
    .found = &found_sort,
    .scope = {
        .row = {
            .companies = "has_id(%s, t.id)",
            .account_manager = "t.account_manager = %s",
            .tags = "EXISTS (SELECT 1 FROM json_each(t.tags) WHERE value IN"
                    " (SELECT value FROM json_each(%s)))",
            .ids = "has_id(%s, t.id)",
        },
        .rows = {
            .companies = BY_IDS,
            .account_manager =
                "SELECT seq FROM companies WHERE workspace = $1 AND account_manager = %s",
            .ids = BY_IDS,
        },
    },
};

static bool read_one(struct query q, struct company *company);
static void read_row(struct query *q, struct company *company);
static void settle(struct company *company);
static enum status name_taken(struct tx *tx);
static struct list with_words(const struct list *list);
static enum status find_all(struct tx *tx, struct ids companies, struct company **rows);
static void join_all(struct tx *tx, int64_t client, const struct company *rows, size_t count);

enum status company_create(struct tx *tx, struct company *company)
{
    company->id = tx_id(tx);
    company->created_at = company->updated_at = tx_now(tx);
    settle(company);
    if (query_run_unique(
            tx,
            "INSERT INTO companies (workspace, id, name, name_key, is_placeholder, icon_url,"
            " fallback_color, description, website, address, account_manager, tags,"
            " custom_fields, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
            ARGS(arg_int(tx->workspace), arg_id(company->id), arg_text(company->name),
                 arg_text(fold_text(tx->arena, company->name)), arg_bool(company->is_placeholder),
                 arg_text(company->icon_url), arg_text(company->fallback_color),
                 arg_text(company->description), arg_text(company->website),
                 arg_text(company->address), arg_id(company->account_manager),
                 arg_text(texts_to_json(tx->arena, company->tags)),
                 arg_text(company->custom_fields), arg_int(company->created_at))))
        return name_taken(tx);
    company->seq = query_last_seq(tx);
    return tx_status(tx);
}

bool company_find(struct tx *tx, struct uuid id, struct company *company)
{
    return read_one(query_open(tx, SELECT " " FROM " WHERE t.workspace = $1 AND t.id = $2",
                               ARGS(arg_int(tx->workspace), arg_id(id))),
                    company);
}

enum status company_load(struct tx *tx, struct uuid id, struct company *company)
{
    return company_find(tx, id, company) ? tx_status(tx) : tx_not_found(tx);
}

bool company_find_only(struct tx *tx, struct company *company)
{
    struct query q =
        query_open(tx, SELECT " " FROM " WHERE t.workspace = $1 AND t.is_placeholder = 0 LIMIT 2",
                   ARGS(arg_int(tx->workspace)));
    int found = 0;

    for (; query_next(&q); found++)
        read_row(&q, company);
    query_close(&q);
    return found == 1;
}

enum status company_update(struct tx *tx, struct company *company)
{
    company->updated_at = tx_now(tx);
    settle(company);
    if (query_run_unique(
            tx,
            "UPDATE companies SET name = $3, name_key = $4, is_placeholder = $5, icon_url = $6,"
            " fallback_color = $7, description = $8, website = $9, address = $10,"
            " account_manager = $11, tags = $12, custom_fields = $13, updated_at = $14"
            " WHERE workspace = $1 AND seq = $2",
            ARGS(arg_int(tx->workspace), arg_int(company->seq), arg_text(company->name),
                 arg_text(fold_text(tx->arena, company->name)), arg_bool(company->is_placeholder),
                 arg_text(company->icon_url), arg_text(company->fallback_color),
                 arg_text(company->description), arg_text(company->website),
                 arg_text(company->address), arg_id(company->account_manager),
                 arg_text(texts_to_json(tx->arena, company->tags)),
                 arg_text(company->custom_fields), arg_int(company->updated_at))))
        return name_taken(tx);
    return tx_status(tx);
}

bool company_is_only_one(struct tx *tx, const struct company *company)
{
    return query_one_int(tx, 0,
                         "SELECT 1 FROM memberships m JOIN clients t ON t.seq = m.client"
                         " WHERE m.company = $1 AND t.archived_at IS NULL"
                         " AND length(t.company_ids) = 16 LIMIT 1",
                         ARGS(arg_int(company->seq))) == 1;
}

bool company_has_more_than(struct tx *tx, const struct company *company, int64_t clients)
{
    return query_one_int(tx, 0,
                         "SELECT count(*) FROM (SELECT 1 FROM memberships WHERE company = $1"
                         " LIMIT $2)",
                         ARGS(arg_int(company->seq), arg_int(clients + 1))) > clients;
}

enum status company_list(struct tx *tx, const struct list *list, struct company **companies,
                         size_t *count)
{
    struct list wanted = with_words(list);
    struct query q = list_open(tx, &company_columns, &wanted);

    *companies = arena_array(tx->arena, struct company, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        read_row(&q, &(*companies)[*count]);
    query_close(&q);
    return tx_status(tx);
}

int64_t company_count(struct tx *tx, const struct list *list)
{
    struct list wanted = with_words(list);

    return list_count(tx, &company_columns, &wanted);
}

bool company_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &company_columns, scope, id);
}

size_t company_sort_values(const struct tx *tx, const struct list *list,
                           const struct company *company, struct arg values[3])
{
    size_t count = 0;

    if (str_is(str_from(list->sort->name), "name"))
        values[count++] = arg_text(fold_text(tx->arena, company->name));
    values[count++] = arg_int(company->seq);
    return count;
}

enum status membership_begin(struct tx *tx, int64_t client, struct ids companies)
{
    struct company *rows;

    if (find_all(tx, companies, &rows) == ST_OK)
        join_all(tx, client, rows, companies.count);
    return tx_status(tx);
}

enum status membership_set(struct tx *tx, int64_t client, struct ids companies)
{
    struct company *rows;
    int64_t left[COMPANIES_OF_CLIENT];
    size_t left_count = 0;
    struct str seqs = STR("[");

    if (find_all(tx, companies, &rows) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < companies.count; i++)
        seqs = str_printf(tx->arena, "%.*s%s%lld", STR_ARG(seqs), i ? "," : "",
                          (long long)rows[i].seq);
    seqs = str_concat(tx->arena, seqs, STR("]"));

    struct query q = query_open(tx,
                                "DELETE FROM memberships WHERE workspace = $1 AND client = $2"
                                " AND company NOT IN (SELECT value FROM json_each($3))"
                                " RETURNING company",
                                ARGS(arg_int(tx->workspace), arg_int(client), arg_text(seqs)));
    while (query_next(&q) && left_count < COMPANIES_OF_CLIENT)
        left[left_count++] = query_int(&q, 0);
    query_close(&q);
    join_all(tx, client, rows, companies.count);
    query_run(tx, "UPDATE clients SET company_ids = $2 WHERE seq = $1",
              ARGS(arg_int(client), arg_ids(companies)));
    for (size_t i = 0; i < left_count; i++)
        company_prune(tx, left[i]);
    return tx_status(tx);
}

void company_prune(struct tx *tx, int64_t seq)
{
    if (query_one_int(tx, 0,
                      "SELECT 1 FROM companies c WHERE c.seq = $1 AND c.is_placeholder = 1"
                      " AND c.updated_at = c.created_at AND NOT EXISTS (SELECT 1 FROM memberships"
                      " m JOIN clients t ON t.seq = m.client WHERE m.company = c.seq AND"
                      " t.archived_at IS NULL)",
                      ARGS(arg_int(seq))) != 1)
        return;
    query_run(tx,
              "UPDATE clients SET company_ids ="
              " ids_without(company_ids, (SELECT id FROM companies WHERE seq = $1))"
              " WHERE seq IN (SELECT client FROM memberships WHERE company = $1)",
              ARGS(arg_int(seq)));
    query_run(tx, "DELETE FROM companies WHERE seq = $1", ARGS(arg_int(seq)));
}

void company_prune_of(struct tx *tx, int64_t client)
{
    int64_t companies[COMPANIES_OF_CLIENT];
    size_t count = 0;
    struct query q =
        query_open(tx, "SELECT company FROM memberships WHERE workspace = $1 AND client = $2",
                   ARGS(arg_int(tx->workspace), arg_int(client)));

    while (count < COMPANIES_OF_CLIENT && query_next(&q))
        companies[count++] = query_int(&q, 0);
    query_close(&q);
    for (size_t i = 0; i < count; i++)
        company_prune(tx, companies[i]);
}

static bool read_one(struct query q, struct company *company)
{
    bool found = query_next(&q);

    if (found)
        read_row(&q, company);
    query_close(&q);
    return found;
}

static void read_row(struct query *q, struct company *company)
{
    *company = (struct company){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .name = query_text(q, 2),
        .is_placeholder = query_bool(q, 3),
        .icon_url = query_text(q, 4),
        .fallback_color = query_text(q, 5),
        .description = query_text(q, 6),
        .website = query_text(q, 7),
        .address = query_text(q, 8),
        .account_manager = query_id(q, 9),
        .tags = texts_from_json(q->tx->arena, query_text(q, 10)),
        .custom_fields = query_text(q, 11),
        .created_at = query_int(q, 12),
        .updated_at = query_int(q, 13),
    };
}

/* What every row has. */
static void settle(struct company *company)
{
    if (str_is_absent(company->fallback_color))
        company->fallback_color = fallback_color(company->id);
    if (str_is_absent(company->custom_fields))
        company->custom_fields = STR("{}");
}

static enum status name_taken(struct tx *tx)
{
    tx_fail_field(tx, ST_CONFLICT, "name", "name_taken",
                  "There is a company of this name already (case and accents do not matter).");
    return tx_status(tx);
}

/* The words of the search as filters: the page of a list walks companies_newest, which has the names. */
static struct list with_words(const struct list *list)
{
    struct list wanted = *list;
    struct str rest = list->search, word;
    size_t words = 0;

    while (words < WORDS && str_cut(&rest, ' ', &word)) {
        if (str_is_empty(word))
            continue;
        words++;
        NEVER(wanted.filter_count == LIST_FILTERS);
        wanted.filters[wanted.filter_count++] =
            (struct list_filter){ .condition = "instr(t.name_key, %s) > 0",
                                  .value = arg_text(word) };
    }
    return wanted;
}

static enum status find_all(struct tx *tx, struct ids companies, struct company **rows)
{
    *rows = arena_array(tx->arena, struct company, companies.count);
    for (size_t i = 0; i < companies.count; i++)
        if (!company_find(tx, companies.at[i], &(*rows)[i]))
            tx_fail_field(tx, ST_INVALID, "companyIds", "not_found", "There is no such company.");
    return tx_status(tx);
}

static void join_all(struct tx *tx, int64_t client, const struct company *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        query_run(tx,
                  "INSERT OR IGNORE INTO memberships (workspace, client, company, created_at)"
                  " VALUES ($1, $2, $3, $4)",
                  ARGS(arg_int(tx->workspace), arg_int(client), arg_int(rows[i].seq),
                       arg_int(tx_now(tx))));
}
