/* Statement: opens a connection as Foyer does, keeps its statements, and small helpers. */
#include "statement.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define LIVE                                                                                       \
    "SELECT " SHAPE_CLIENT " FROM clients t WHERE t.workspace = ?1 AND t.archived_at IS NULL"
#define TEXT                                                                                       \
    "t.given_key || ' ' || t.family_key || ' ' || coalesce(t.email_key, '') || ' ' ||"             \
    " coalesce(t.phone, '')"
#define WATERMARK "(SELECT clients_watermark FROM search_state)"

static const char *const texts[STATEMENTS] = {
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [KEY] = "SELECT k.workspace, k.seq, k.id, u.id, k.scopes, r.permissions FROM api_keys k"
            " LEFT JOIN internal_users u ON u.seq = k.internal_user"
            " LEFT JOIN roles r ON r.seq = u.role"
            " WHERE k.key_hash = ?1 AND k.revoked_at IS NULL"
            " AND (k.expires_at IS NULL OR k.expires_at > ?2) AND u.removed_at IS NULL",
    [CLIENT] = LIVE " AND t.id = ?2",
    [LIST] = LIVE " ORDER BY t.seq DESC LIMIT ?2",
    [LIST_GIVEN] = LIVE " AND t.given_key = ?3 AND t.given_name = ?4 ORDER BY t.seq DESC LIMIT ?2",
    [LIST_FAMILY] =
        LIVE " AND t.family_key = ?3 AND t.family_name = ?4 ORDER BY t.seq DESC LIMIT ?2",
    [SEARCH] = "SELECT " SHAPE_CLIENT " FROM clients_text f"
               " CROSS JOIN clients t ON t.seq = (f.rowid & 0xffffffffff)"
               " WHERE f.text MATCH ?3 AND f.rowid > ?1 << 40 AND f.rowid < (?1 + 1) << 40"
               " AND t.workspace = ?1 AND t.archived_at IS NULL AND NOT EXISTS"
               " (SELECT 1 FROM clients_dirty d WHERE d.workspace = ?1 AND d.client = t.seq)"
               " ORDER BY f.rowid DESC LIMIT ?2",
    [SEARCH_FRESH] = "SELECT " SHAPE_CLIENT " FROM clients t WHERE t.seq IN"
                     " (SELECT seq FROM clients WHERE seq > " WATERMARK
                     " UNION SELECT client FROM clients_dirty WHERE workspace = ?1)"
                     " AND t.workspace = ?1 AND t.archived_at IS NULL"
                     " AND instr(" TEXT ", ?3) > 0 ORDER BY t.seq DESC LIMIT ?2",
    [INSERT_COMPANY] = "INSERT INTO companies (workspace, id, name, name_key, is_placeholder,"
                       " fallback_color, created_at, updated_at)"
                       " VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?6)",
    [INSERT_CLIENT] = "INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
                      " family_key, email, email_key, creation_method, fallback_color, company_ids,"
                      " created_at, updated_at)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?11)",
    [INSERT_MEMBERSHIP] = "INSERT INTO memberships (workspace, client, company, created_at)"
                          " VALUES (?1, ?2, ?3, ?4)",
    [NUMBERS] = "UPDATE workspaces SET event_seq = event_seq + 1, audit_seq = audit_seq + 1"
                " WHERE seq = ?1 RETURNING event_seq, audit_seq",
    [INSERT_EVENT] = "INSERT INTO events (workspace, seq, name, entity, entity_id, actor_kind,"
                     " actor_id, payload, request_id, created_at)"
                     " VALUES (?1, ?2, 'client.created', 'client', ?3, 'apiKey', ?4, ?5, ?6, ?7)",
    [INSERT_AUDIT] = "INSERT INTO audit (workspace, seq, action, entity, entity_id, actor_kind,"
                     " actor_id, behalf_kind, behalf_id, road, peer, request_id, created_at, salt,"
                     " detail) VALUES (?1, ?2, 'client.create', 'client', ?3, 'apiKey', ?4,"
                     " 'internalUser', ?8, 'api', '127.0.0.1', ?6, ?7, ?9, ?5)",
    [COUNT_COMMIT] = "UPDATE meta SET commits = commits + 1, last_commit_at = ?1 RETURNING commits",
    [INDEX] = "INSERT INTO clients_text (rowid, text) SELECT t.workspace << 40 | t.seq, " TEXT
              " FROM clients t WHERE t.seq > " WATERMARK " AND t.archived_at IS NULL"
              " AND t.seq <= " WATERMARK " + ?1",
    [INDEX_MARK] = "UPDATE search_state SET clients_watermark ="
                   " min(clients_watermark + ?1, (SELECT max(seq) FROM clients))",
    [UNSEALED] = "SELECT a.workspace, a.seq, a.action, a.entity, a.entity_id, a.actor_kind,"
                 " a.actor_id, a.behalf_kind, a.behalf_id, a.road, a.peer, a.request_id,"
                 " a.created_at, a.salt, a.detail, (SELECT b.seal FROM audit b"
                 " WHERE b.workspace = a.workspace AND b.seq = a.seq - 1)"
                 " FROM audit a WHERE a.seal IS NULL ORDER BY a.workspace, a.seq LIMIT ?1",
    [SEAL] = "UPDATE audit SET seal = ?3, detail_hash = ?4 WHERE workspace = ?1 AND seq = ?2",
};

static const char *const settings[] = {
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8192",
};

static void execute(struct rows *rows, const char *sql);

struct rows *rows_open(const char *data, bool is_writer)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    char path[4200];
    size_t i;

    sqlite3_config(SQLITE_CONFIG_MULTITHREAD); /* refused, and not needed, from the second on */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    snprintf(path, sizeof(path), "%s/foyer.db", data);
    if (sqlite3_open_v2(path, &rows->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
        fprintf(stderr, "bare: %s: %s; it opens a folder that `foyer init` made\n", path,
                sqlite3_errmsg(rows->db));
        exit(1);
    }
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        execute(rows, settings[i]);
    execute(rows, is_writer ? "PRAGMA foreign_keys = ON" : "PRAGMA query_only = ON");
    sqlite3_wal_autocheckpoint(rows->db, is_writer ? 16384 : 0); /* 64 MiB, as Foyer's */
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

sqlite3_stmt *statement_take(struct rows *rows, enum statement which)
{
    if (!rows->statements[which] &&
        sqlite3_prepare_v3(rows->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                           &rows->statements[which], NULL))
        statement_failed(rows, texts[which]);
    return rows->statements[which];
}

void statement_run(struct rows *rows, enum statement which)
{
    sqlite3_stmt *statement = statement_take(rows, which);

    if (sqlite3_step(statement) != SQLITE_DONE)
        statement_failed(rows, texts[which]);
    sqlite3_reset(statement);
}

void statement_failed(struct rows *rows, const char *what)
{
    fprintf(stderr, "bare: %s: %s\n", sqlite3_errmsg(rows->db), what);
    exit(1);
}

static void execute(struct rows *rows, const char *sql)
{
    if (sqlite3_exec(rows->db, sql, NULL, NULL, NULL))
        statement_failed(rows, sql);
}

void statement_bind_text(sqlite3_stmt *statement, int at, struct text text)
{
    sqlite3_bind_text(statement, at, text.at, (int)text.len, SQLITE_STATIC);
}

void statement_bind_key(sqlite3_stmt *statement, int at, struct text text)
{
    char key[256];
    size_t i, len = text.len < sizeof(key) ? text.len : sizeof(key);

    for (i = 0; i < len; i++)
        key[i] = (char)tolower((unsigned char)text.at[i]);
    sqlite3_bind_text(statement, at, key, (int)len, SQLITE_TRANSIENT);
}

int64_t now_micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* From a pool of the thread, so that few calls reach the kernel. */
void random_bytes(void *at, size_t len)
{
    static _Thread_local unsigned char pool[256];
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
