/* Rows, writing: a client with its placeholder company, event and audit entry; index and seals. */
#include "statement.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <unistd.h>

enum { SALT = 16, SEAL_MAX = 512, MARK = 21 };

static struct text color_of(const unsigned char id[16]);
static void insert_company(struct rows *rows, const struct key *key, const struct create *create,
                           const unsigned char id[16], int64_t now);
static bool insert_client(struct rows *rows, const struct key *key, const struct create *create,
                          const unsigned char id[16], const unsigned char company[16], int64_t now);
static void insert_membership(struct rows *rows, const struct key *key, int64_t client,
                              int64_t now);
static void record(struct rows *rows, const struct key *key, const struct create *create,
                   const unsigned char id[16], int64_t now, struct text json);
static void bind_record(sqlite3_stmt *statement, const struct key *key, const struct create *create,
                        const unsigned char id[16], int64_t now);
static void wrap(struct out *out, const char *name, struct text json);
static void hash_entry(struct rows *rows, sqlite3_stmt *entry, const unsigned char *before,
                       unsigned char detail_hash[32], unsigned char seal[32]);

void rows_batch_begin(struct rows *rows)
{
    statement_run(rows, BEGIN_WRITE);
}

void rows_batch_commit(struct rows *rows)
{
    sqlite3_stmt *count = statement_take(rows, COUNT_COMMIT);
    char mark[MARK + 1];

    sqlite3_bind_int64(count, 1, now_micros());
    if (sqlite3_step(count) != SQLITE_ROW)
        statement_failed(rows, "meta");
    snprintf(mark, sizeof(mark), "%020llu\n", (unsigned long long)sqlite3_column_int64(count, 0));
    sqlite3_reset(count);
    statement_run(rows, COMMIT);
    if (pwrite(rows->mark_fd, mark, MARK, 0) != MARK)
        perror("bare: commits");
}

bool rows_create(struct rows *rows, const struct key *key, const struct create *create,
                 struct out *json)
{
    unsigned char id[16], company[16];
    int64_t now = now_micros(), client;
    size_t from = json->len;

    rows_new_id(company);
    rows_new_id(id);
    if (!insert_client(rows, key, create, id, company, now)) /* all else cannot collide */
        return false;
    client = sqlite3_last_insert_rowid(rows->db);
    insert_company(rows, key, create, company, now);
    insert_membership(rows, key, client, now);
    rows_client(rows, key, id, json);
    record(rows, key, create, id, now, (struct text){ json->at + from, json->len - from });
    return true;
}

static struct text color_of(const unsigned char id[16])
{
    static const char *const colors[] = { "#2f5d50", "#7a4b94", "#b5533c", "#2d6a9f", "#8a6d1d",
                                          "#4a6b2a", "#a13d63", "#3f5873", "#6b4f3a", "#1f7a7a" };

    return (struct text){ colors[id[15] % 10], 7 };
}

static void insert_company(struct rows *rows, const struct key *key, const struct create *create,
                           const unsigned char id[16], int64_t now)
{
    sqlite3_stmt *insert = statement_take(rows, INSERT_COMPANY);
    struct out *name = &rows->scratch;

    name->len = 0;
    out_put(name, create->given.at, create->given.len);
    out_lit(name, " ");
    out_put(name, create->family.at, create->family.len);
    sqlite3_bind_int64(insert, 1, key->workspace);
    sqlite3_bind_blob(insert, 2, id, 16, SQLITE_STATIC);
    statement_bind_text(insert, 3, (struct text){ name->at, name->len });
    statement_bind_key(insert, 4, (struct text){ name->at, name->len });
    statement_bind_text(insert, 5, color_of(id));
    sqlite3_bind_int64(insert, 6, now);
    statement_run(rows, INSERT_COMPANY);
}

static bool insert_client(struct rows *rows, const struct key *key, const struct create *create,
                          const unsigned char id[16], const unsigned char company[16], int64_t now)
{
    sqlite3_stmt *insert = statement_take(rows, INSERT_CLIENT);
    int result;

    sqlite3_bind_int64(insert, 1, key->workspace);
    sqlite3_bind_blob(insert, 2, id, 16, SQLITE_STATIC);
    statement_bind_text(insert, 3, create->given);
    statement_bind_key(insert, 4, create->given);
    statement_bind_text(insert, 5, create->family);
    statement_bind_key(insert, 6, create->family);
    statement_bind_text(insert, 7, create->email);
    statement_bind_key(insert, 8, create->email);
    statement_bind_text(insert, 9, color_of(id));
    sqlite3_bind_blob(insert, 10, company, 16, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 11, now);
    result = sqlite3_step(insert);
    sqlite3_reset(insert);
    if (result != SQLITE_DONE && result != SQLITE_CONSTRAINT)
        statement_failed(rows, "insert of a client");
    return result == SQLITE_DONE;
}

static void insert_membership(struct rows *rows, const struct key *key, int64_t client, int64_t now)
{
    sqlite3_stmt *insert = statement_take(rows, INSERT_MEMBERSHIP);

    sqlite3_bind_int64(insert, 1, key->workspace);
    sqlite3_bind_int64(insert, 2, client);
    sqlite3_bind_int64(insert, 3, sqlite3_last_insert_rowid(rows->db)); /* of the company */
    sqlite3_bind_int64(insert, 4, now);
    statement_run(rows, INSERT_MEMBERSHIP);
}

/* The event and the audit entry of a new client. */
static void record(struct rows *rows, const struct key *key, const struct create *create,
                   const unsigned char id[16], int64_t now, struct text json)
{
    sqlite3_stmt *numbers = statement_take(rows, NUMBERS);
    sqlite3_stmt *event = statement_take(rows, INSERT_EVENT);
    sqlite3_stmt *audit = statement_take(rows, INSERT_AUDIT);
    struct out *wrapped = &rows->scratch;
    unsigned char salt[SALT];

    sqlite3_bind_int64(numbers, 1, key->workspace);
    if (sqlite3_step(numbers) != SQLITE_ROW)
        statement_failed(rows, "numbers of a workspace");
    sqlite3_bind_int64(event, 2, sqlite3_column_int64(numbers, 0));
    sqlite3_bind_int64(audit, 2, sqlite3_column_int64(numbers, 1));
    sqlite3_reset(numbers);
    bind_record(event, key, create, id, now);
    wrap(wrapped, "data", json);
    statement_bind_text(event, 5, (struct text){ wrapped->at, wrapped->len });
    statement_run(rows, INSERT_EVENT);
    random_bytes(salt, sizeof(salt));
    bind_record(audit, key, create, id, now);
    wrap(wrapped, "after", json);
    statement_bind_text(audit, 5, (struct text){ wrapped->at, wrapped->len });
    sqlite3_bind_blob(audit, 8, key->owner, 16, SQLITE_STATIC);
    sqlite3_bind_blob(audit, 9, salt, sizeof(salt), SQLITE_STATIC);
    statement_run(rows, INSERT_AUDIT);
}

/* What both have alike. */
static void bind_record(sqlite3_stmt *statement, const struct key *key, const struct create *create,
                        const unsigned char id[16], int64_t now)
{
    sqlite3_bind_int64(statement, 1, key->workspace);
    sqlite3_bind_blob(statement, 3, id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 4, key->id, 16, SQLITE_STATIC);
    statement_bind_text(statement, 6, create->request_id);
    sqlite3_bind_int64(statement, 7, now);
}

static void wrap(struct out *out, const char *name, struct text json)
{
    out->len = 0;
    out_lit(out, "{\"");
    out_put(out, name, strlen(name));
    out_lit(out, "\":");
    out_put(out, json.at, json.len);
    out_lit(out, "}");
}

/* In the background ------------------------------------------------------------------------- */

int64_t rows_index(struct rows *rows, int64_t most)
{
    int64_t count;

    sqlite3_bind_int64(statement_take(rows, INDEX), 1, most);
    statement_run(rows, INDEX);
    count = sqlite3_changes64(rows->db);
    sqlite3_bind_int64(statement_take(rows, INDEX_MARK), 1, most);
    statement_run(rows, INDEX_MARK);
    return count;
}

int64_t rows_seal(struct rows *rows, int64_t most)
{
    sqlite3_stmt *entry = statement_take(rows, UNSEALED), *seal = statement_take(rows, SEAL);
    static unsigned char hashes[SEAL_MAX][2][32];
    int64_t workspace = 0, first = 0, count = 0, i;
    const unsigned char *before;

    sqlite3_bind_int64(entry, 1, most < SEAL_MAX ? most : SEAL_MAX);
    while (sqlite3_step(entry) == SQLITE_ROW) { /* one workspace, numbers without a gap */
        before = count ? hashes[count - 1][1] : sqlite3_column_blob(entry, 15);
        workspace = sqlite3_column_int64(entry, 0);
        first = count ? first : sqlite3_column_int64(entry, 1);
        hash_entry(rows, entry, before, hashes[count][0], hashes[count][1]);
        count++;
    }
    sqlite3_reset(entry);
    for (i = 0; i < count; i++) {
        sqlite3_bind_int64(seal, 1, workspace);
        sqlite3_bind_int64(seal, 2, first + i);
        sqlite3_bind_blob(seal, 3, hashes[i][1], 32, SQLITE_STATIC);
        sqlite3_bind_blob(seal, 4, hashes[i][0], 32, SQLITE_STATIC);
        statement_run(rows, SEAL);
    }
    return count;
}

/* As core/store/record.c chains: the seal before, each value with its length, the detail's hash. */
static void hash_entry(struct rows *rows, sqlite3_stmt *entry, const unsigned char *before,
                       unsigned char detail_hash[32], unsigned char seal[32])
{
    struct out *message = &rows->scratch;
    int column;

    message->len = 0;
    for (column = 13; column <= 14; column++)
        out_put(message, sqlite3_column_blob(entry, column),
                (size_t)sqlite3_column_bytes(entry, column));
    SHA256((unsigned char *)message->at, message->len, detail_hash);
    message->len = 0;
    if (before)
        out_put(message, before, 32);
    for (column = 0; column <= 12; column++) {
        const void *value = sqlite3_column_blob(entry, column);
        int len = sqlite3_column_bytes(entry, column);

        out_int(message, len);
        out_lit(message, ":");
        if (len)
            out_put(message, value, (size_t)len);
    }
    out_put(message, detail_hash, 32);
    SHA256((unsigned char *)message->at, message->len, seal);
}
