/* foyer restore: makes a data folder of a backup. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/options.h"
#include "store/backup.h"
#include "store/db.h"
#include "store/fold.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct restore {
    const char *file, *data;
    bool as_json;
    struct arena arena;
    struct failure failure;
    struct backup_facts facts;
};

static int run(int argc, char **argv);
static bool check(struct restore *restore);
static void print(const struct restore *restore);

static const struct option options[] = {
    { "FILE", OPTION_OPERAND, offsetof(struct restore, file), OPTION_REQUIRED, NULL,
      "what `foyer backup` made" },
    { "data", OPTION_TEXT, offsetof(struct restore, data), OPTION_REQUIRED, "DIR",
      "the folder to make; it must not be there, or be empty" },
    { "json", OPTION_FLAG, offsetof(struct restore, as_json), false, NULL,
      "print one JSON object" },
    { 0 },
};

const struct command command_restore = {
    .name = "restore",
    .summary = "make a data folder of a backup",
    .options = options,
    .notes =
        "Everything is compared with the sums that the backup holds before the folder can be "
        "served. Mails\nthat were owed when the backup was made are sent once it is served: do "
        "not serve it beside the\noriginal.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct restore restore = { NULL };
    int code = options_read(&command_restore, argc, argv, &restore);
    bool is_done;

    if (code != EXIT_DONE)
        return code;
    clock_start();
    crypto_start();
    fold_start();
    db_start();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
    log_set_level(LOG_ERROR + 1);
    arena_init(&restore.arena, MIB(512));
    is_done = backup_restore(restore.file, restore.data, &restore.facts, &restore.failure,
                             &restore.arena) == ST_OK &&
              check(&restore);
    if (is_done)
        print(&restore);
    else
        command_failed(&command_restore, &restore.failure);
    arena_fini(&restore.arena);
    return is_done ? command_done(&command_restore) : EXIT_FAILED;
}

/* As the server that will be started will look at it: key and mark. */
static bool check(struct restore *restore)
{
    struct failure *failure = &restore->failure;
    struct datafolder folder;
    struct db *db = NULL;

    if (datafolder_open(&folder, restore->data, failure, &restore->arena) != ST_OK)
        return false;
    if (db_open(folder.database, DB_READ, &db, failure, &restore->arena) == ST_OK)
        datafolder_check_mark(&folder, db, failure, &restore->arena);
    db_close(db);
    datafolder_close(&folder);
    return failure->status == ST_OK;
}

static void print(const struct restore *restore)
{
    const struct backup_facts *facts = &restore->facts;
    char made_at[CLOCK_TEXT];
    struct buf out;

    clock_format(facts->made_at, made_at);
    buf_init(&out, KIB(64));
    if (restore->as_json) {
        buf_text(&out, "{\"data\":");
        buf_json(&out, str_from(restore->data));
        buf_printf(&out, ",\"madeAt\":\"%s\",\"commits\":%llu,\"files\":%llu}\n", made_at,
                   (unsigned long long)facts->commits, (unsigned long long)facts->files);
    } else {
        buf_printf(&out,
                   "restored: %s\nmade_at: %s\ncommits: %llu\nfiles: %llu\n"
                   "next: stop the server that served the original, then `foyer serve --data %s` "
                   "with the settings that it had\n",
                   restore->data, made_at, (unsigned long long)facts->commits,
                   (unsigned long long)facts->files, restore->data);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
}
