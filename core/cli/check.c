/* foyer check: looks whether a data folder is sound, and changes nothing in it.
 *
 * A running server is no obstacle: then what it has committed so far is looked at.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "cli/options.h"
#include "store/backup.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/sweep.h"

#include <stdio.h>
#include <sys/stat.h>

struct check {
    const char *data, *backup;
    bool as_json;
    struct arena arena;
    struct failure failure; /* why nothing could be looked at */
    struct datafolder folder;
    struct db *db;
    int64_t holder; /* process that has the folder; 0: nobody */
    struct buf report;
};

static int run(int argc, char **argv);
static int look(struct check *check);
static int look_at_backup(struct check *check);
static void look_at_folder(struct check *check);
static void look_at_database(struct check *check);
static void look_at_rows(struct check *check);
static void note(struct check *check, struct failure *failure);
static void print(const struct check *check);
static void print_json(const struct check *check);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct check, data), false, "DIR",
      "the data folder; a server may be running on it" },
    { "backup", OPTION_TEXT, offsetof(struct check, backup), false, "FILE",
      "instead: read a backup through and compare it with its sums" },
    { "json", OPTION_FLAG, offsetof(struct check, as_json), false, NULL, "print one JSON object" },
    { 0 },
};

const struct command command_check = {
    .name = "check",
    .summary = "look whether a data folder, or a backup, is sound",
    .options = options,
    .notes =
        "Looks at the lock, the key, the mark of commits, every page and index of the database, "
        "its\nschema, and whether its rows contradict each other. Changes nothing. Exit code 1: "
        "something is\nwrong, and each line says what to do.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct check check = { 0 };
    int code = options_read(&command_check, argc, argv, &check);

    if (code != EXIT_DONE)
        return code;
    if (!check.data == !check.backup)
        return command_misused(&command_check, check.data ? "takes either --data or --backup."
                                                          : "needs --data (or --backup).");
    clock_start();
    crypto_start();
    db_start();
    arena_init(&check.arena, MIB(64));
    buf_init(&check.report, MIB(1));
    check.folder.lock_fd = check.folder.mark_fd = -1;
    code = check.backup ? look_at_backup(&check) : look(&check);
    db_close(check.db);
    datafolder_close(&check.folder);
    buf_fini(&check.report);
    arena_fini(&check.arena);
    return code;
}

static int look(struct check *check)
{
    if (datafolder_look(&check->folder, check->data, &check->holder, &check->failure,
                        &check->arena) != ST_OK)
        return command_failed(&command_check, &check->failure);
    look_at_folder(check);
    look_at_database(check);
    if (check->as_json)
        print_json(check);
    else
        print(check);
    return command_done(&command_check) == EXIT_DONE && check->report.len == 0 ? EXIT_DONE
                                                                               : EXIT_FAILED;
}

static int look_at_backup(struct check *check)
{
    struct backup_facts facts;
    char made_at[CLOCK_TEXT];
    struct buf out;

    if (backup_verify(check->backup, &facts, &check->failure, &check->arena) != ST_OK) {
        if (!check->as_json)
            return command_failed(&command_check, &check->failure);
        note(check, &check->failure);
        print_json(check);
        return EXIT_FAILED;
    }
    clock_format(facts.made_at, made_at);
    buf_init(&out, KIB(64));
    if (check->as_json) {
        buf_printf(&out,
                   "{\"sound\":true,\"findings\":[],\"madeAt\":\"%s\",\"commits\":%llu,"
                   "\"files\":%llu}\n",
                   made_at, (unsigned long long)facts.commits, (unsigned long long)facts.files);
    } else {
        buf_printf(&out, "%s: sound; commit %llu, made at %s, %llu files\n", check->backup,
                   (unsigned long long)facts.commits, made_at, (unsigned long long)facts.files);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
    return command_done(&command_check);
}

static void look_at_folder(struct check *check)
{
    struct failure failure = { 0 };
    struct stat info;

    if (stat(check->folder.path, &info) == 0 && (info.st_mode & 077))
        buf_printf(&check->report, "others may look into %s: chmod 700 %s\n", check->folder.path,
                   check->folder.path);
    datafolder_read(&check->folder, &failure, &check->arena);
    note(check, &failure);
}

static void look_at_database(struct check *check)
{
    struct failure failure = { 0 };

    if (db_open(check->folder.database, DB_READ, &check->db, &failure, &check->arena) != ST_OK) {
        note(check, &failure);
        return;
    }
    datafolder_check_mark(&check->folder, check->db, &failure, &check->arena);
    note(check, &failure);
    if (db_check(check->db, &check->report) == ST_OK &&
        migrate_check(check->db, &check->report, &check->arena) == ST_OK)
        look_at_rows(check);
}

static void look_at_rows(struct check *check)
{
    struct tx tx;

    tx_init(&tx, check->db, &check->arena, clock_wall());
    tx_begin_read(&tx);
    sweep_run(&tx, &check->report);
    tx_end_read(&tx);
}

static void note(struct check *check, struct failure *failure)
{
    if (failure->status != ST_OK)
        buf_printf(&check->report, "%.*s\n", STR_ARG(failure->message));
}

static void print(const struct check *check)
{
    if (check->holder)
        printf("in use by process %lld: looked at what it has committed so far\n",
               (long long)check->holder);
    if (check->report.len)
        fwrite(check->report.at, 1, check->report.len, stdout);
    printf("%s: %s\n", check->folder.path, check->report.len ? "not sound" : "sound");
}

static void print_json(const struct check *check)
{
    struct str rest = buf_view(&check->report), line;
    struct buf out;
    bool is_first = true;

    buf_init(&out, MIB(4));
    buf_text(&out, check->report.len ? "{\"sound\":false" : "{\"sound\":true");
    if (check->holder)
        buf_printf(&out, ",\"inUseBy\":%lld", (long long)check->holder);
    else if (!check->backup)
        buf_text(&out, ",\"inUseBy\":null");
    buf_text(&out, ",\"findings\":[");
    while (str_cut(&rest, '\n', &line)) {
        if (str_is_empty(line))
            continue;
        if (!is_first)
            buf_char(&out, ',');
        is_first = false;
        buf_json(&out, line);
    }
    buf_text(&out, "]}\n");
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
}
