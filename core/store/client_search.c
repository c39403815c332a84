/* Client search: full text over name, address and phone, newest first; and the chore that indexes. Who is
 * found by the name of a company is client_by_company.c.
 *
 * A search is the index up to the watermark plus a scan of the few rows that are newer or changed
 * since, so that it never misses what was just written nor shows what is gone. Texts below three
 * characters have no trigram: they are looked up by prefix of name or address, first page only.
 */
#include "base/check.h"
#include "store/client_found.h"
#include "store/client_row.h"

#include <stdlib.h>

#define TEXT                                                                                       \
    "(t.given_key || ' ' || t.family_key || ' ' || coalesce(t.email_key, '') || ' ' || "           \
    "coalesce(t.phone, ''))"
#define ROWID     "(t.workspace << 40 | t.seq)"
#define WATERMARK "(SELECT clients_watermark FROM search_state)"

enum { WORDS = 5, TRIGRAM = 3, RANGE = 2 };
_Static_assert((int)WORDS + (int)RANGE <= (int)LIST_SEARCHED,
               "a search of short words adds a range as well");

static const struct list_sort by_index = { "search", { "f.rowid" } };
const struct list_sort client_found = { "search", { ROWID } };

static const char *const from_index =
    "FROM clients_text f CROSS JOIN clients t ON t.seq = (f.rowid & 0xffffffffff)";
static const char *const where_index =
    "f.rowid > ($1 << 40) AND f.rowid < (($1 + 1) << 40) AND t.workspace = $1"
    " AND t.archived_at IS NULL AND NOT EXISTS (SELECT 1 FROM clients_dirty d"
    " WHERE d.workspace = $1 AND d.client = t.seq)";
static const char *const from_scan = "FROM clients t";
/* As a list of rows: with OR it would walk all clients of the workspace. */
static const char *const where_fresh =
    "t.workspace = $1 AND t.archived_at IS NULL AND t.seq IN"
    " (SELECT seq FROM clients WHERE seq > " WATERMARK
    " UNION ALL SELECT client FROM clients_dirty WHERE workspace = $1)";
static const char *const where_short = "t.workspace = $1 AND t.archived_at IS NULL";

static bool prepare(struct tx *tx, const struct list *list, struct list *index, struct list *fresh,
                    struct str *first_short);
static bool next_word(struct str *rest, size_t *words, struct str *word);
static struct list others_than(const struct list *list);
static void add_filter(struct list *list, const char *condition, struct arg value);
static size_t run(struct tx *tx, const char *from, const char *where, const struct list *list,
                  struct client *clients);
static enum status search_short(struct tx *tx, const struct list *list, struct str word,
                                struct client **clients, size_t *count);
static size_t merge(const struct client *a, size_t a_count, const struct client *b, size_t b_count,
                    struct client *out, size_t most);
static int newest_first(const void *a, const void *b);
static struct str quoted(struct arena *arena, struct str word);

enum status client_search(struct tx *tx, const struct list *list, struct client **clients,
                          size_t *count)
{
    struct list index, fresh;
    struct str first_short;
    size_t room = (size_t)list->limit + 1;
    struct client *found[3], *by_text;
    size_t count_by_text;

    if (!prepare(tx, list, &index, &fresh, &first_short))
        return search_short(tx, &fresh, first_short, clients, count);
    found[0] = arena_array(tx->arena, struct client, room);
    found[1] = arena_array(tx->arena, struct client, room);
    found[2] = arena_array(tx->arena, struct client, room);
    by_text = arena_array(tx->arena, struct client, room);
    *clients = arena_array(tx->arena, struct client, room);
    count_by_text = merge(found[0], run(tx, from_index, where_index, &index, found[0]), found[1],
                          run(tx, from_scan, where_fresh, &fresh, found[1]), by_text, room);
    *count = merge(by_text, count_by_text, found[2], client_search_companies(tx, list, found[2]),
                   *clients, room);
    return tx_status(tx);
}

int64_t client_count(struct tx *tx, const struct list *list)
{
    struct list_columns columns = client_columns;
    struct list index, fresh, others;
    struct str first_short;
    int64_t count;

    if (str_is_empty(list->search))
        return list_count(tx, &client_columns, list);
    if (!prepare(tx, list, &index, &fresh, &first_short)) {
        tx_fail_field(
            tx, ST_UNPROCESSABLE, "count", "not_countable",
            "What is found by words below three characters is not counted: give a longer one.");
        return 0;
    }
    columns.scope.rows = (struct scope_terms){ 0 };
    columns.from = from_index;
    columns.where = where_index;
    count = list_count(tx, &columns, &index);
    columns.from = from_scan;
    columns.where = where_fresh;
    count += list_count(tx, &columns, &fresh);
    others = others_than(list);
    return count + client_count_companies(tx, &others);
}

size_t client_find_rows(struct tx *tx, const struct list *list, struct client *clients)
{
    return run(tx, from_scan, where_short, list, clients);
}

void client_search_words(struct tx *tx, const struct list *list, const char *condition,
                         struct list *into, struct str *match)
{
    struct str rest = list->search, word;
    size_t words = 0;

    while (next_word(&rest, &words, &word))
        if (str_utf8_length(word) >= TRIGRAM)
            *match = str_printf(tx->arena, "%.*s \"%.*s\"", STR_ARG(*match),
                                STR_ARG(quoted(tx->arena, word)));
        else
            add_filter(into, condition, arg_text(word));
}

/* The two lists that a search is made of. False: no word has a trigram; then fresh is the list by
 * prefix, and *first_short the word that is looked up. */
static bool prepare(struct tx *tx, const struct list *list, struct list *index, struct list *fresh,
                    struct str *first_short)
{
    struct str rest = list->search, word, match = STR("");
    size_t words = 0;

    *first_short = STR_NONE;
    *index = *fresh = *list;
    index->sort = &by_index;
    fresh->sort = &client_found;
    index->descending = fresh->descending = true;
    client_search_words(tx, list, "instr(f.text, %s) > 0", index, &match);
    while (next_word(&rest, &words, &word)) {
        if (str_utf8_length(word) < TRIGRAM && str_is_absent(*first_short))
            *first_short = word;
        add_filter(fresh, "instr(" TEXT ", %s) > 0", arg_text(word));
    }
    if (!str_is_empty(match))
        add_filter(index, "f.text MATCH %s", arg_text(match));
    return !str_is_empty(match);
}

size_t client_index(struct tx *tx, size_t most)
{
    size_t done;

    query_run(tx,
              "DELETE FROM clients_text WHERE rowid IN (SELECT workspace << 40 | client FROM "
              "clients_dirty LIMIT $1)",
              ARGS(arg_int((int64_t)most)));
    query_run(tx,
              "INSERT INTO clients_text (rowid, text) SELECT " ROWID ", " TEXT " FROM"
              " (SELECT workspace AS w, client AS c FROM clients_dirty LIMIT $1) d"
              " JOIN clients t ON t.seq = d.c AND t.workspace = d.w WHERE t.archived_at IS NULL",
              ARGS(arg_int((int64_t)most)));
    done = (size_t)query_run(tx,
                             "DELETE FROM clients_dirty WHERE (workspace, client) IN (SELECT "
                             "workspace, client FROM clients_dirty LIMIT $1)",
                             ARGS(arg_int((int64_t)most)));
    done +=
        (size_t)query_run(tx,
                          "INSERT INTO clients_text (rowid, text) SELECT " ROWID ", " TEXT
                          " FROM clients t WHERE t.seq > " WATERMARK " AND t.archived_at IS NULL"
                          " AND t.seq <= " WATERMARK " + $1",
                          ARGS(arg_int((int64_t)most)));
    query_run(tx,
              "UPDATE search_state SET clients_watermark = min(clients_watermark + $1,"
              " coalesce((SELECT max(seq) FROM clients), 0)) WHERE clients_watermark <"
              " coalesce((SELECT max(seq) FROM clients), 0)",
              ARGS(arg_int((int64_t)most)));
    return done;
}

static size_t run(struct tx *tx, const char *from, const char *where, const struct list *list,
                  struct client *clients)
{
    struct list_columns columns = client_columns;
    size_t count = 0;

    columns.from = from;
    columns.where = where;
    columns.scope.rows = (struct scope_terms){ 0 }; /* the search finds the rows */
    struct query q = list_open(tx, &columns, list);
    while (query_next(&q))
        client_read_row(&q, &clients[count++]);
    query_close(&q);
    return count;
}

/* One range of an index for each of three columns, each bounded by the page. */
static enum status search_short(struct tx *tx, const struct list *list, struct str word,
                                struct client **clients, size_t *count)
{
    static const struct {
        const char *from;
        const char *to;
        struct list_sort sort;
    } ranges[] = {
        { "t.given_key >= %s", "t.given_key < %s", { "search", { "t.given_key", "t.seq" } } },
        { "t.family_key >= %s",
          "t.family_key < %s",
          { "search", { "t.family_key", "t.given_key", "t.seq" } } },
        { "t.email_key >= %s", "t.email_key < %s", { "search", { "t.email_key" } } },
    };
    size_t room = (size_t)list->limit + 1;
    struct str end = str_concat(tx->arena, word, STR("\U0010ffff"));
    struct client *so_far = arena_array(tx->arena, struct client, room);
    size_t have = 0;

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct list range = *list;
        struct client *found = arena_array(tx->arena, struct client, room);
        struct client *merged = arena_array(tx->arena, struct client, room);
        size_t n;

        range.after = STR_NONE;
        range.sort = &ranges[i].sort;
        range.descending = false;
        add_filter(&range, ranges[i].from, arg_text(word));
        add_filter(&range, ranges[i].to, arg_text(end));
        n = run(tx, from_scan, where_short, &range, found);
        qsort(found, n, sizeof(*found), newest_first);
        have = merge(so_far, have, found, n, merged, room);
        so_far = merged;
    }
    *clients = so_far;
    *count = have > (size_t)list->limit ? (size_t)list->limit : have; /* no next page */
    return tx_status(tx);
}

/* Of the first WORDS. */
static bool next_word(struct str *rest, size_t *words, struct str *word)
{
    while (*words < WORDS && str_cut(rest, ' ', word)) {
        if (str_is_empty(*word))
            continue;
        ++*words;
        return true;
    }
    return false;
}

/* Those of the list, from its beginning, whose own text lacks one of the words. */
static struct list others_than(const struct list *list)
{
    struct str rest = list->search, word;
    struct list others = *list;
    size_t words = 0;

    others.after = STR_NONE;
    while (next_word(&rest, &words, &word)) {
        add_filter(&others, "instr(" TEXT ", %s) = 0", arg_text(word));
        others.filters[others.filter_count - 1].or_next = true;
    }
    others.filters[others.filter_count - 1].or_next = false;
    return others;
}

static void add_filter(struct list *list, const char *condition, struct arg value)
{
    NEVER(list->filter_count == LIST_FILTERS);
    list->filters[list->filter_count++] =
        (struct list_filter){ .condition = condition, .value = value };
}

/* Both newest first; a row that is in both comes once. */
static size_t merge(const struct client *a, size_t a_count, const struct client *b, size_t b_count,
                    struct client *out, size_t most)
{
    size_t i = 0, j = 0, count = 0;

    while (count < most && (i < a_count || j < b_count)) {
        bool take_a = j == b_count || (i < a_count && a[i].seq >= b[j].seq);
        const struct client *next = take_a ? &a[i] : &b[j];

        i += take_a;
        j += !take_a;
        if (count == 0 || out[count - 1].seq != next->seq)
            out[count++] = *next;
    }
    return count;
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct client *)a)->seq, y = ((const struct client *)b)->seq;

    return (x < y) - (x > y);
}

/* For the inside of a phrase of FTS5: a quote is doubled. */
static struct str quoted(struct arena *arena, struct str word)
{
    char *out = arena_alloc(arena, 2 * word.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '"')
            out[len++] = '"';
        out[len++] = word.at[i];
    }
    return str_slice(out, len);
}
