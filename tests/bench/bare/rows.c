/* Rows: statements on Foyer's tables, and the JSON of a client. What is promised stands in rows.h. */
#include "rows.h"
#include "shape.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define LIVE "SELECT " SHAPE_CLIENT " FROM clients WHERE workspace = ?1 AND archived_at IS NULL"
#define FOUND                                                                                      \
    "SELECT rowid & 0xFFFFFFFFFF FROM clients_text WHERE clients_text MATCH ?2"                    \
    " AND rowid BETWEEN ?1 << 40 AND (?1 + 1 << 40) - 1 ORDER BY rowid DESC LIMIT ?3"
#define NEWER                                                                                      \
    "SELECT seq FROM clients WHERE workspace = ?1 AND archived_at IS NULL"                         \
    " AND seq > (SELECT clients_watermark FROM search_state)"                                      \
    " AND instr(given_key || ' ' || family_key || ' ' || email_key, ?4)"

enum statement {
    BEGIN,
    BEGIN_WRITE,
    COMMIT,
    KEY,
    CLIENT_BY_ID,
    LIST,
    LIST_GIVEN,
    LIST_FAMILY,
    SEARCH,
    INSERT_CLIENT,
    COUNTERS,
    INSERT_EVENT,
    INSERT_AUDIT,
    COUNT_COMMIT,
    INDEX,
    INDEX_MARK,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [KEY] =
        "SELECT k.workspace, k.seq, k.id, coalesce(k.scopes, r.permissions) FROM api_keys k"
        " LEFT JOIN internal_users u ON u.seq = k.internal_user LEFT JOIN roles r ON r.seq = u.role"
        " WHERE k.key_hash = ?1 AND k.revoked_at IS NULL",
    [CLIENT_BY_ID] = LIVE " AND id = ?2",
    [LIST] = LIVE " ORDER BY seq DESC LIMIT ?2",
    [LIST_GIVEN] = LIVE " AND given_key = ?3 ORDER BY seq DESC LIMIT ?2",
    [LIST_FAMILY] = LIVE " AND family_key = ?3 ORDER BY seq DESC LIMIT ?2",
    [SEARCH] = LIVE " AND seq IN (SELECT * FROM (" FOUND ") UNION ALL " NEWER
                    ") ORDER BY seq DESC LIMIT ?3",
    [INSERT_CLIENT] = "INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
                      " family_key, email, email_key, creation_method, fallback_color, created_at,"
                      " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?10)",
    [COUNTERS] = "UPDATE workspaces SET event_seq = event_seq + 1, audit_seq = audit_seq + 1"
                 " WHERE seq = ?1 RETURNING event_seq, audit_seq",
    [INSERT_EVENT] = "INSERT INTO events (workspace, seq, name, entity, entity_id, actor_kind,"
                     " actor_id, payload, request_id, created_at)"
                     " VALUES (?1, ?2, 'client.created', 'client', ?3, 'apiKey', ?4, ?5, ?6, ?7)",
    [INSERT_AUDIT] = "INSERT INTO audit (workspace, seq, action, entity, entity_id, actor_kind,"
                     " actor_id, road, peer, request_id, created_at, salt, detail)"
                     " VALUES (?1, ?2, 'client.create', 'client', ?3, 'apiKey', ?4, 'api',"
                     " '127.0.0.1', ?6, ?7, ?8, ?5)",
    [COUNT_COMMIT] = "UPDATE meta SET commits = commits + 1, last_commit_at = ?1 RETURNING commits",
    [INDEX] = "INSERT INTO clients_text (rowid, text) SELECT workspace << 40 | seq,"
              " given_key || ' ' || family_key || ' ' || coalesce(email_key, '') FROM clients"
              " WHERE seq > (SELECT clients_watermark FROM search_state) ORDER BY seq LIMIT ?1",
    [INDEX_MARK] = "UPDATE search_state SET clients_watermark ="
                   " (SELECT max(rowid) & 0xFFFFFFFFFF FROM clients_text)",
};

struct rows {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    int mark_fd; /* Foyer's high-water mark of commits */
    struct out scratch;
};

static sqlite3_stmt *take(struct rows *rows, enum statement which);
static void run(struct rows *rows, enum statement which);
static void check(struct rows *rows, int result, const char *what);
static void execute(struct rows *rows, const char *sql);
static int64_t now_micros(void);
static void random_bytes(void *at, size_t len);
static void record(struct rows *rows, const struct key *key, const struct create *create,
                   const unsigned char id[16], int64_t now, struct text json);
static void bind_record(sqlite3_stmt *statement, const struct key *key, const struct create *create,
                        const unsigned char id[16], int64_t now);
static void bind_lower(sqlite3_stmt *statement, int at, struct text text);
static void print_line(const char *text, bool is_id);

/* Opening ----------------------------------------------------------------------------------- */

struct rows *rows_open(const char *data, bool is_writer)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    char path[4200];

    snprintf(path, sizeof(path), "%s/foyer.db", data);
    if (sqlite3_open_v2(path, &rows->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
        fprintf(stderr, "rows: %s: %s; it opens a folder that `foyer init` made\n", path,
                sqlite3_errmsg(rows->db));
        exit(1);
    }
    execute(rows, "PRAGMA journal_mode = WAL");
    execute(rows, "PRAGMA synchronous = FULL");
    execute(rows, "PRAGMA cache_size = -16384");
    execute(rows, is_writer ? "PRAGMA foreign_keys = ON" : "PRAGMA query_only = ON");
    snprintf(path, sizeof(path), "%s/commits", data);
    rows->mark_fd = is_writer ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    return rows;
}

void rows_close(struct rows *rows)
{
    int i;

    for (i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(rows->statements[i]);
    sqlite3_close(rows->db);
    if (rows->mark_fd >= 0)
        close(rows->mark_fd);
    free(rows->scratch.at);
    free(rows);
}

static sqlite3_stmt *take(struct rows *rows, enum statement which)
{
    if (!rows->statements[which])
        check(rows,
              sqlite3_prepare_v3(rows->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                                 &rows->statements[which], NULL),
              texts[which]);
    return rows->statements[which];
}

static void run(struct rows *rows, enum statement which)
{
    sqlite3_stmt *statement = take(rows, which);
    int result = sqlite3_step(statement);

    check(rows, result == SQLITE_DONE || result == SQLITE_ROW ? SQLITE_OK : result, texts[which]);
    sqlite3_reset(statement);
}

static void check(struct rows *rows, int result, const char *what)
{
    if (result == SQLITE_OK)
        return;
    fprintf(stderr, "rows: %s: %s\n", sqlite3_errmsg(rows->db), what);
    exit(1);
}

static void execute(struct rows *rows, const char *sql)
{
    check(rows, sqlite3_exec(rows->db, sql, NULL, NULL, NULL), sql);
}

/* Reading ----------------------------------------------------------------------------------- */

void rows_begin(struct rows *rows)
{
    run(rows, BEGIN);
}

void rows_end(struct rows *rows)
{
    run(rows, COMMIT);
}

bool rows_key(struct rows *rows, const unsigned char hash[32], struct key *key)
{
    sqlite3_stmt *row = take(rows, KEY);
    const char *may;
    bool found;

    sqlite3_bind_blob(row, 1, hash, 32, SQLITE_STATIC);
    found = sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        key->workspace = sqlite3_column_int64(row, 0);
        key->seq = sqlite3_column_int64(row, 1);
        memcpy(key->id, sqlite3_column_blob(row, 2), 16);
        may = (const char *)sqlite3_column_text(row, 3);
        key->may = 0;
        if (!may || strstr(may, "\"view_clients\""))
            key->may |= MAY_VIEW;
        if (!may || strstr(may, "\"create_clients\""))
            key->may |= MAY_CREATE;
    }
    sqlite3_reset(row);
    return found;
}

bool rows_client(struct rows *rows, const struct key *key, const unsigned char id[16],
                 struct out *json)
{
    sqlite3_stmt *row = take(rows, CLIENT_BY_ID);
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
    enum statement which = list->q.at        ? SEARCH
                           : list->given.at  ? LIST_GIVEN
                           : list->family.at ? LIST_FAMILY
                                             : LIST;
    sqlite3_stmt *row = take(rows, which);
    struct text name = list->given.at ? list->given : list->family;
    int64_t count = 0, last = 0;

    sqlite3_bind_int64(row, 1, key->workspace);
    sqlite3_bind_int64(row, which == SEARCH ? 3 : 2, list->limit + 1);
    if (which == SEARCH) {
        rows->scratch.len = 0;
        out_lit(&rows->scratch, "\"");
        out_put(&rows->scratch, list->q.at, list->q.len);
        out_lit(&rows->scratch, "\"");
        sqlite3_bind_text(row, 2, rows->scratch.at, (int)rows->scratch.len, SQLITE_STATIC);
        sqlite3_bind_text(row, 4, list->q.at, (int)list->q.len, SQLITE_STATIC);
    } else if (which != LIST) {
        bind_lower(row, 3, name);
    }
    out_lit(json, "{\"data\":[");
    while (count < list->limit + 1 && sqlite3_step(row) == SQLITE_ROW && ++count <= list->limit) {
        if (count > 1)
            out_lit(json, ",");
        shape_client(row, json);
        last = sqlite3_column_int64(row, 0);
    }
    out_lit(json, "]");
    if (count > list->limit) {
        out_lit(json, ",\"nextToken\":\"");
        out_int(json, last);
        out_lit(json, "\"");
    }
    out_lit(json, "}");
    sqlite3_reset(row);
}

/* Writing ----------------------------------------------------------------------------------- */

void rows_batch_begin(struct rows *rows)
{
    run(rows, BEGIN_WRITE);
}

void rows_batch_commit(struct rows *rows)
{
    sqlite3_stmt *count = take(rows, COUNT_COMMIT);
    uint64_t commits;

    sqlite3_bind_int64(count, 1, now_micros());
    if (sqlite3_step(count) != SQLITE_ROW)
        check(rows, SQLITE_ERROR, "meta");
    commits = (uint64_t)sqlite3_column_int64(count, 0);
    sqlite3_reset(count);
    run(rows, COMMIT);
    if (pwrite(rows->mark_fd, &commits, sizeof(commits), 0) != sizeof(commits))
        perror("commits");
}

bool rows_create(struct rows *rows, const struct key *key, const struct create *create,
                 struct out *json)
{
    sqlite3_stmt *insert = take(rows, INSERT_CLIENT);
    int64_t now = now_micros();
    unsigned char id[16];
    size_t from;
    int result;

    rows_new_id(id);
    sqlite3_bind_int64(insert, 1, key->workspace);
    sqlite3_bind_blob(insert, 2, id, 16, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, create->given.at, (int)create->given.len, SQLITE_STATIC);
    bind_lower(insert, 4, create->given);
    sqlite3_bind_text(insert, 5, create->family.at, (int)create->family.len, SQLITE_STATIC);
    bind_lower(insert, 6, create->family);
    sqlite3_bind_text(insert, 7, create->email.at, (int)create->email.len, SQLITE_STATIC);
    bind_lower(insert, 8, create->email);
    sqlite3_bind_text(insert, 9, "#2f5d50", 7, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 10, now);
    result = sqlite3_step(insert);
    sqlite3_reset(insert);
    if (result == SQLITE_CONSTRAINT)
        return false;
    check(rows, result == SQLITE_DONE ? SQLITE_OK : result, texts[INSERT_CLIENT]);
    from = json->len;
    rows_client(rows, key, id, json);
    record(rows, key, create, id, now, (struct text){ json->at + from, json->len - from });
    return true;
}

/* The event and the audit entry that go with a new client. */
static void record(struct rows *rows, const struct key *key, const struct create *create,
                   const unsigned char id[16], int64_t now, struct text json)
{
    sqlite3_stmt *counters = take(rows, COUNTERS), *event = take(rows, INSERT_EVENT);
    sqlite3_stmt *audit = take(rows, INSERT_AUDIT);
    unsigned char salt[16];

    sqlite3_bind_int64(counters, 1, key->workspace);
    if (sqlite3_step(counters) != SQLITE_ROW)
        check(rows, SQLITE_ERROR, texts[COUNTERS]);
    sqlite3_bind_int64(event, 2, sqlite3_column_int64(counters, 0));
    sqlite3_bind_int64(audit, 2, sqlite3_column_int64(counters, 1));
    sqlite3_reset(counters);
    bind_record(event, key, create, id, now);
    sqlite3_bind_text(event, 5, json.at, (int)json.len, SQLITE_STATIC);
    run(rows, INSERT_EVENT);
    random_bytes(salt, sizeof(salt));
    rows->scratch.len = 0;
    out_lit(&rows->scratch, "{\"before\":null,\"after\":");
    out_put(&rows->scratch, json.at, json.len);
    out_lit(&rows->scratch, "}");
    bind_record(audit, key, create, id, now);
    sqlite3_bind_text(audit, 5, rows->scratch.at, (int)rows->scratch.len, SQLITE_STATIC);
    sqlite3_bind_blob(audit, 8, salt, sizeof(salt), SQLITE_STATIC);
    run(rows, INSERT_AUDIT);
}

/* What both have alike. */
static void bind_record(sqlite3_stmt *statement, const struct key *key, const struct create *create,
                        const unsigned char id[16], int64_t now)
{
    sqlite3_bind_int64(statement, 1, key->workspace);
    sqlite3_bind_blob(statement, 3, id, 16, SQLITE_TRANSIENT);
    sqlite3_bind_blob(statement, 4, key->id, 16, SQLITE_STATIC);
    sqlite3_bind_text(statement, 6, create->request_id, 36, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 7, now);
}

int64_t rows_index(struct rows *rows, int64_t most)
{
    sqlite3_stmt *index = take(rows, INDEX);
    int64_t count;

    sqlite3_bind_int64(index, 1, most);
    run(rows, INDEX);
    count = sqlite3_changes64(rows->db);
    if (count)
        run(rows, INDEX_MARK);
    return count;
}

/* Small helpers ----------------------------------------------------------------------------- */

static int64_t now_micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* From a pool of the thread, so that few calls reach the kernel. */
static void random_bytes(void *at, size_t len)
{
    static _Thread_local unsigned char pool[4096];
    static _Thread_local size_t used = sizeof(pool);

    if (sizeof(pool) - used < len) {
        if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
            abort();
        used = 0;
    }
    memcpy(at, pool + used, len);
    used += len;
}

void rows_new_id(unsigned char id[16])
{
    int64_t millis = now_micros() / 1000;
    int i;

    for (i = 0; i < 6; i++)
        id[i] = (unsigned char)(millis >> (40 - 8 * i));
    random_bytes(id + 6, 10);
    id[6] = (unsigned char)((id[6] & 0x0F) | 0x70);
    id[8] = (unsigned char)((id[8] & 0x3F) | 0x80);
}

/* The folded twin of a text; what the load sends is ASCII. */
static void bind_lower(sqlite3_stmt *statement, int at, struct text text)
{
    char lower[256];
    size_t i, len = text.len < sizeof(lower) ? text.len : sizeof(lower);

    for (i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)text.at[i]);
    sqlite3_bind_text(statement, at, lower, (int)len, SQLITE_TRANSIENT);
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
             "SELECT %s FROM clients WHERE email LIKE '%%@example.com'"
             " ORDER BY random() LIMIT %d",
             kinds[i][1], count);
    check(rows, sqlite3_prepare_v2(rows->db, sql, -1, &row, NULL), sql);
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
