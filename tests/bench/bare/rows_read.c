/* Rows, reading: keys, one client, lists and searches. */
#include "statement.h"

#include <stdio.h>

static int64_t put_rows(struct rows *rows, sqlite3_stmt *row, int64_t limit, int64_t *last,
                        struct out *json);
static int64_t put_found(struct rows *rows, const struct key *key, const struct list *list,
                         int64_t *last, struct out *json);
static void print_line(const char *text, bool is_id);

/* The key's statement stays open: that alone keeps the snapshot, and spares BEGIN and COMMIT. */
void rows_end(struct rows *rows)
{
    sqlite3_reset(statement_take(rows, KEY));
}

static uint64_t may_of(sqlite3_stmt *row, int column)
{
    const char *names = (const char *)sqlite3_column_text(row, column);

    if (!names)
        return MAY_VIEW | MAY_CREATE;
    return (strstr(names, "\"view_clients\"") ? MAY_VIEW : 0u) |
           (strstr(names, "\"create_clients\"") ? MAY_CREATE : 0u);
}

bool rows_key(struct rows *rows, const unsigned char hash[32], struct key *key)
{
    sqlite3_stmt *row = statement_take(rows, KEY);
    bool found;

    sqlite3_bind_blob(row, 1, hash, 32, SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, now_micros());
    found = sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        key->workspace = sqlite3_column_int64(row, 0);
        key->seq = sqlite3_column_int64(row, 1);
        memcpy(key->id, sqlite3_column_blob(row, 2), 16);
        if (sqlite3_column_bytes(row, 3) == 16)
            memcpy(key->owner, sqlite3_column_blob(row, 3), 16);
        key->may = may_of(row, 4) & may_of(row, 5);
    }
    return found;
}

bool rows_client(struct rows *rows, const struct key *key, const unsigned char id[16],
                 struct out *json)
{
    sqlite3_stmt *row = statement_take(rows, CLIENT);
    bool found;

    sqlite3_bind_int64(row, 1, key->workspace);
    sqlite3_bind_blob(row, 2, id, 16, SQLITE_STATIC);
    found = sqlite3_step(row) == SQLITE_ROW;
    if (found)
        shape_client(row, json);
    sqlite3_reset(row);
    return found;
}

void rows_list(struct rows *rows, const struct key *key, const struct list *list, struct out *json)
{
    enum statement which = list->given.at ? LIST_GIVEN : list->family.at ? LIST_FAMILY : LIST;
    struct text name = list->given.at ? list->given : list->family;
    sqlite3_stmt *row = statement_take(rows, which);
    int64_t count, last = 0;

    out_lit(json, "{\"data\":[");
    if (list->q.at) {
        count = put_found(rows, key, list, &last, json);
    } else {
        sqlite3_bind_int64(row, 1, key->workspace);
        sqlite3_bind_int64(row, 2, list->limit + 1);
        if (which != LIST) {
            statement_bind_key(row, 3, name);
            statement_bind_text(row, 4, name);
        }
        count = put_rows(rows, row, list->limit, &last, json);
    }
    out_lit(json, "]");
    if (count > list->limit)
        shape_next_token(list->q.at ? "search" : "createdAt",
                         list->q.at ? key->workspace << 40 | last : last, json);
    out_lit(json, "}");
}

/* Gives how many rows there were, one more than the limit at most. */
static int64_t put_rows(struct rows *rows, sqlite3_stmt *row, int64_t limit, int64_t *last,
                        struct out *json)
{
    int64_t count = 0;
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW && ++count <= limit) {
        if (json->at[json->len - 1] != '[')
            out_lit(json, ",");
        shape_client(row, json);
        *last = sqlite3_column_int64(row, 0);
    }
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        statement_failed(rows, "a list");
    sqlite3_reset(row);
    return count;
}

/* What is not in the index yet is newer than all that is: it comes first. */
static int64_t put_found(struct rows *rows, const struct key *key, const struct list *list,
                         int64_t *last, struct out *json)
{
    sqlite3_stmt *fresh = statement_take(rows, SEARCH_FRESH), *row = statement_take(rows, SEARCH);
    struct out *phrase = &rows->scratch;
    int64_t count;

    sqlite3_bind_int64(fresh, 1, key->workspace);
    sqlite3_bind_int64(fresh, 2, list->limit + 1);
    statement_bind_key(fresh, 3, list->q);
    count = put_rows(rows, fresh, list->limit, last, json);
    if (count > list->limit)
        return count;
    phrase->len = 0;
    out_lit(phrase, "\"");
    out_put(phrase, list->q.at, list->q.len);
    out_lit(phrase, "\"");
    sqlite3_bind_int64(row, 1, key->workspace);
    sqlite3_bind_int64(row, 2, list->limit + 1);
    statement_bind_key(row, 3, (struct text){ phrase->at, phrase->len });
    return count + put_rows(rows, row, list->limit - count, last, json);
}

bool rows_sample(struct rows *rows, const char *what, int count)
{
    static const char *const kinds[][2] = {
        { "id", "lower(hex(id))" },
        { "given", "given_name" },
        { "family", "family_key" },
        { "email", "email_key" },
    };
    char sql[256];
    sqlite3_stmt *row;
    size_t i;

    for (i = 0; i < 4 && strcmp(what, kinds[i][0]) != 0; i++)
        ;
    if (i == 4)
        return false;
    snprintf(sql, sizeof(sql),
             "SELECT %s FROM clients WHERE email LIKE '%%@example.com' ORDER BY random() LIMIT %d",
             kinds[i][1], count);
    if (sqlite3_prepare_v2(rows->db, sql, -1, &row, NULL))
        statement_failed(rows, sql);
    while (sqlite3_step(row) == SQLITE_ROW)
        print_line((const char *)sqlite3_column_text(row, 0), i == 0);
    sqlite3_finalize(row);
    return true;
}

static void print_line(const char *text, bool is_id)
{
    if (is_id)
        printf("%.8s-%.4s-%.4s-%.4s-%s\n", text, text + 8, text + 12, text + 16, text + 20);
    else
        printf("%s\n", text);
}
