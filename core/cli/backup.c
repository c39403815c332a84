/* foyer backup: one file with all of a data folder, made while the server goes on.
 *
 * The server copies its database (only its writer may), and the rest is done here: a backup costs
 * the server little, and dies with this command.
 */
#include "store/backup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/road.h"
#include "exec/control.h"
#include "http/json.h"
#include "store/db.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct backup {
    const char *data, *target;
    bool as_json;
    struct road road;
    struct backup_facts facts;
    struct str path; /* absolute */
};

static int run(int argc, char **argv);
static bool make(struct backup *backup);
static bool choose_path(struct backup *backup);
static bool check_target(struct backup *backup);
static bool copy_by_server(struct backup *backup, const char *copy);
static bool copy_here(struct backup *backup, const char *copy);
static void progress(struct str line);
static void end_progress(void);
static void watch_signals(const char *copy);
static void on_signal(int number);
static void print(const struct backup *backup);

static const struct option options[] = {
    { "FILE|DIR", OPTION_OPERAND, offsetof(struct backup, target), OPTION_REQUIRED, NULL,
      "where it goes: a file, or a folder, in which it is named by the time" },
    { "data", OPTION_TEXT, offsetof(struct backup, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may be running on it" },
    { "json", OPTION_FLAG, offsetof(struct backup, as_json), false, NULL, "print one JSON object" },
    { 0 },
};

const struct command command_backup = {
    .name = "backup",
    .summary = "keep all of a data folder in one file, also of a running server",
    .options = options,
    .notes =
        "A plain tar: the database as of one commit, files, mails, scripts, plugins and "
        "server.key. "
        "It\nholds that key: keep it as safe as the data folder. It gets its name when it is "
        "whole, "
        "checked\nand on the disk; an older backup of that name is replaced then. `foyer restore` "
        "makes a data\nfolder of it again, `foyer check --backup FILE` reads it through.\n",
    .run = run,
};

static char unfinished[PATH_MAX]; /* the copy, for the handler of signals */

static int run(int argc, char **argv)
{
    struct backup backup = { NULL };
    int code = options_read(&command_backup, argc, argv, &backup);
    bool is_done;

    if (code != EXIT_DONE)
        return code;
    is_done = road_open(&backup.road, &command_backup, backup.data) && make(&backup);
    if (is_done)
        print(&backup);
    road_close(&backup.road);
    return is_done ? command_done(&command_backup) : EXIT_FAILED;
}

static bool make(struct backup *backup)
{
    struct road *road = &backup->road;
    struct arena *arena = &road->arena;
    const char *temporary, *copy;
    bool is_copied;

    if (!choose_path(backup) || !check_target(backup)) {
        command_failed(&command_backup, &road->failure);
        return false;
    }
    temporary = backup_temporary(arena, backup->path.at).at;
    copy = str_printf(arena, "%s.db", temporary).at;
    backup->facts.made_at = clock_wall();
    if (!file_write_new(copy, STR(""), 0600)) {
        file_explain(&road->failure, arena, "write", copy, errno);
        command_failed(&command_backup, &road->failure);
        return false;
    }
    watch_signals(copy);
    is_copied = road->fd >= 0 ? copy_by_server(backup, copy) : copy_here(backup, copy);
    end_progress();
    if (is_copied && backup_write(road->folder.path, copy, temporary, backup->path.at,
                                  &backup->facts, &road->failure, arena) != ST_OK) {
        command_failed(&command_backup, &road->failure);
        is_copied = false;
    }
    unlink(copy);
    return is_copied;
}

/* The server works in a folder of its own: it gets an absolute path. */
static bool choose_path(struct backup *backup)
{
    struct road *road = &backup->road;
    struct str given = str_from(backup->target), parent = STR("."), name = given;
    char made_at[CLOCK_TEXT], real[PATH_MAX];
    const char *slash = strrchr(given.at, '/');
    struct stat info;

    if (str_is_empty(given) || str_is(given, "-")) {
        failure_set(&road->failure, &road->arena, ST_INVALID, NULL,
                    "`%s` is no place: name a file or a folder (a backup is checked after it is "
                    "written, so it cannot go into a pipe).",
                    given.at);
        return false;
    }
    if (stat(given.at, &info) == 0 && S_ISDIR(info.st_mode)) {
        clock_format(clock_wall(), made_at);
        parent = given;
        name = str_printf(&road->arena, "foyer-%.10s-%.2s%.2s%.2s.tar", made_at, made_at + 11,
                          made_at + 14, made_at + 17);
    } else if (slash) {
        parent = str_slice(given.at, slash == given.at ? 1 : (size_t)(slash - given.at));
        name = str_from(slash + 1);
    }
    if (str_is_empty(name)) {
        failure_set(&road->failure, &road->arena, ST_NOT_FOUND, NULL,
                    "There is no folder %s: make it, or name a file.", given.at);
        return false;
    }
    if (!realpath(str_copy(&road->arena, parent).at, real)) {
        file_explain(&road->failure, &road->arena, "use", str_copy(&road->arena, parent).at, errno);
        return false;
    }
    backup->path = str_printf(&road->arena, "%s/%.*s", real, STR_ARG(name));
    return true;
}

/* Nothing but an older backup is replaced, and none lies among what it keeps. */
static bool check_target(struct backup *backup)
{
    struct road *road = &backup->road;
    struct stat info;
    char real[PATH_MAX];
    size_t len;

    if (lstat(backup->path.at, &info) == 0 && !backup_is_archive(backup->path.at)) {
        failure_set(&road->failure, &road->arena, ST_CONFLICT, NULL,
                    "%s is there, and is no backup of Foyer: name another file.", backup->path.at);
        return false;
    }
    if (!realpath(road->folder.path, real))
        return file_explain(&road->failure, &road->arena, "use", road->folder.path, errno) == ST_OK;
    len = strlen(real);
    if (!strncmp(backup->path.at, real, len) && backup->path.at[len] == '/') {
        failure_set(&road->failure, &road->arena, ST_CONFLICT, NULL,
                    "%s lies in the data folder and would be lost with it: name a place on another "
                    "disk.",
                    backup->path.at);
        return false;
    }
    return true;
}

static bool copy_by_server(struct backup *backup, const char *copy)
{
    struct road *road = &backup->road;
    struct backup_answer answer = { 0 };
    struct json_t *json = NULL;
    struct buf given, out;
    uint64_t which;
    bool is_done;

    buf_init(&given, KIB(64));
    buf_init(&out, KIB(64));
    given_put(&given, "path", copy);
    is_done = road_ask(road, "backup database", given_end(&given), true, &out, progress);
    if (is_done && (json_parse(buf_view(&out), &road->arena, &json, &road->failure) != ST_OK ||
                    json_read(&backup_answer_entity, json, JSON_CREATE, &road->arena, &answer,
                              &which, &road->failure) != ST_OK)) {
        command_failed(&command_backup, &road->failure);
        is_done = false;
    }
    backup->facts.commits = (uint64_t)answer.commits;
    json_free(json);
    buf_fini(&given);
    buf_fini(&out);
    return is_done;
}

static bool copy_here(struct backup *backup, const char *copy)
{
    struct road *road = &backup->road;
    struct failure *failure = &road->failure;
    struct backup_copy *made;
    struct db *db = NULL;

    if (datafolder_read(&road->folder, failure, &road->arena) == ST_OK &&
        db_open(road->folder.database, DB_READ, &db, failure, &road->arena) == ST_OK &&
        datafolder_check_mark(&road->folder, db, failure, &road->arena) == ST_OK &&
        backup_copy_open(db, copy, &made, failure, &road->arena) == ST_OK) {
        while (backup_copy_step(made))
            ;
        backup_copy_close(made, &backup->facts.commits, failure, &road->arena);
    }
    db_close(db);
    if (failure->status != ST_OK)
        command_failed(&command_backup, failure);
    return failure->status == ST_OK;
}

static bool has_progress;

/* A person sees one line that changes; a log would fill with them. */
static void progress(struct str line)
{
    has_progress |= isatty(2);
    if (isatty(2))
        fprintf(stderr, "\rfoyer backup: %.*s", STR_ARG(line));
    else
        fprintf(stderr, "foyer backup: %.*s\n", STR_ARG(line));
}

static void end_progress(void)
{
    if (has_progress)
        fputc('\n', stderr);
}

/* Ctrl-C leaves nothing behind. What is being archived then has no other name yet than this one. */
static void watch_signals(const char *copy)
{
    struct sigaction action = { .sa_handler = on_signal };

    snprintf(unfinished, sizeof(unfinished), "%s", copy);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static void on_signal(int number)
{
    unlink(unfinished);
    unfinished[strlen(unfinished) - 3] = '\0'; /* the archive: the same without ".db" */
    unlink(unfinished);
    _exit(128 + number);
}

static void print(const struct backup *backup)
{
    const struct backup_facts *facts = &backup->facts;
    char made_at[CLOCK_TEXT];
    struct buf out;

    clock_format(facts->made_at, made_at);
    buf_init(&out, KIB(64));
    if (backup->as_json) {
        buf_text(&out, "{\"path\":");
        buf_json(&out, backup->path);
        buf_printf(&out, ",\"madeAt\":\"%s\",\"commits\":%llu,\"files\":%llu,\"bytes\":%llu}\n",
                   made_at, (unsigned long long)facts->commits, (unsigned long long)facts->files,
                   (unsigned long long)facts->bytes);
    } else {
        buf_printf(&out, "backup: %.*s\ncommits: %llu\nfiles: %llu\nbytes: %llu\n",
                   STR_ARG(backup->path), (unsigned long long)facts->commits,
                   (unsigned long long)facts->files, (unsigned long long)facts->bytes);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
}
