/* Migrate check: is the schema what the migrations of this program make? For foyer check. */
#include "store/migrate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "store/migration.h"

#include <string.h>

static void compare(struct db *db, struct buf *report);
static int make_model(sqlite3 **model);
static int next_row(sqlite3_stmt *statement);
static int order_of(sqlite3_stmt *ours, sqlite3_stmt *model, int has_ours, int has_model);

/* By name; what SQLite makes by itself has no text. */
static const char schema_sql[] =
    "SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";

enum status migrate_check(struct db *db, struct buf *report, struct arena *arena)
{
    struct failure failure = { 0 };
    size_t before = report->len;
    int done;

    if (migration_check_done(db, &done, &failure, arena) != ST_OK)
        buf_printf(report, "%.*s\n", STR_ARG(failure.message));
    else if (done < migrate_newest())
        buf_printf(report, "migrations %d to %d are still to come: the next start runs them\n",
                   done + 1, migrate_newest());
    else
        compare(db, report);
    return report->len == before ? ST_OK : ST_UNAVAILABLE;
}

/* Walks both schemas by name. */
static void compare(struct db *db, struct buf *report)
{
    sqlite3_stmt *ours = NULL, *wanted = NULL;
    sqlite3 *model = NULL;
    int code = make_model(&model);

    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(model, schema_sql, -1, &wanted, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db->handle, schema_sql, -1, &ours, NULL);
    if (code == SQLITE_OK) {
        int has_ours = next_row(ours), has_wanted = next_row(wanted);

        while (has_ours || has_wanted) {
            int order = order_of(ours, wanted, has_ours, has_wanted);
            sqlite3_stmt *at = order <= 0 ? ours : wanted;

            if (order)
                buf_printf(report, "the %s %s is %s\n", (const char *)sqlite3_column_text(at, 1),
                           (const char *)sqlite3_column_text(at, 0),
                           order < 0 ? "not of Foyer: drop it" : "missing: restore a backup");
            else if (strcmp((const char *)sqlite3_column_text(ours, 2),
                            (const char *)sqlite3_column_text(wanted, 2)) != 0)
                buf_printf(report, "the %s %s was changed by hand: restore a backup\n",
                           (const char *)sqlite3_column_text(ours, 1),
                           (const char *)sqlite3_column_text(ours, 0));
            if (order <= 0)
                has_ours = next_row(ours);
            if (order >= 0)
                has_wanted = next_row(wanted);
        }
    } else {
        buf_printf(report, "the schema cannot be compared: %s\n", sqlite3_errstr(code));
    }
    sqlite3_finalize(ours);
    sqlite3_finalize(wanted);
    sqlite3_close(model);
}

static int make_model(sqlite3 **model)
{
    const struct embedded_file *file = embedded_files;
    struct migration migration;
    int code = sqlite3_open(":memory:", model);

    if (code == SQLITE_OK)
        code = sqlite3_exec(*model, migration_table_sql, NULL, NULL, NULL);
    while (code == SQLITE_OK && migration_next(&file, &migration))
        code = migration_run_script(*model, migration.sql);
    return code;
}

static int next_row(sqlite3_stmt *statement)
{
    return sqlite3_step(statement) == SQLITE_ROW;
}

/* < 0: ours has more; > 0: the model has more. */
static int order_of(sqlite3_stmt *ours, sqlite3_stmt *model, int has_ours, int has_model)
{
    if (!has_ours || !has_model)
        return has_model - has_ours;
    return strcmp((const char *)sqlite3_column_text(ours, 0),
                  (const char *)sqlite3_column_text(model, 0));
}
