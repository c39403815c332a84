/* Scratch: the folder, opening and closing, and what takes what would leave. */
#include "exec/scratch_inside.h"

#include "api/routes.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "exec/courier.h"
#include "exec/courier_fetch_inside.h"
#include "exec/inside.h"
#include "exec/script.h"
#include "exec/writer.h"
#include "lua/engine.h"
#include "mail/message.h"
#include "store/db.h"
#include "store/mail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 64 * 1024 };

#define BASE_URL "https://portal.example"
/* Before any time that a test may begin with: the database never goes back behind its last commit. */
#define MADE_AT (INT64_C(946684800) * CLOCK_SECOND)

static struct scratch *open_new(int64_t now, struct arena *arena, struct str *why);
static bool open_server(struct scratch *scratch, struct arena *arena, struct str *why);
static void close_server(struct scratch *scratch);
static void set_config(struct scratch *scratch);
static void close_it(struct scratch *scratch);
static bool restart(struct scratch *scratch, struct arena *arena, struct str *why);
static int64_t now_of(const struct scratch *scratch);
static struct str tested(void);
static bool make_model(struct arena *arena, struct str *why);
static bool make_folder(struct scratch *scratch, struct arena *arena, struct str *why);
static bool copy_file(const char *from, const char *to);
static bool copy_scripts(const char *to, struct arena *arena);
static bool link_plugins(const char *to, struct arena *arena);
static bool cannot(struct arena *arena, const char *path, struct str *why);
static struct str text_of(struct scratch *scratch, struct str text);

static const struct scratch_calls calls = {
    .open = open_new,
    .close = close_it,
    .restart = restart,
    .found = scratch_found,
    .hire = scratch_hire,
    .sign_in = scratch_sign_in,
    .request = scratch_request,
    .reply = scratch_reply,
    .transaction = scratch_transaction,
    .run = scratch_run,
    .answer = scratch_answer,
    .now = now_of,
    .look = scratch_look,
    .kept = scratch_kept,
    .trouble = scratch_trouble,
    .tested = tested,
};

static struct scratch_options options;
static unsigned made; /* folders, in this process */

void scratch_begin(const struct scratch_options *given)
{
    options = *given;
    scratch_calls = &calls;
}

void scratch_end(void)
{
    scratch_calls = NULL;
    db_set_unsynced(false);
}

static struct str tested(void)
{
    if (options.folder)
        return options.folder_id;
    return options.overlay_count == 1 ? options.overlays[0].name : STR_NONE;
}

static int64_t now_of(const struct scratch *scratch)
{
    return scratch->now;
}

void scratch_set_sources(struct host_options *host)
{
    host->is_scratch = true;
    host->overlays = options.overlays;
    host->overlay_count = options.overlay_count;
    host->folder = options.folder;
    host->folder_id = options.folder_id;
}

/* Anew for each workspace, so that what a server draws beside them changes nothing of them. */
void scratch_fix_chance(uint32_t workspace)
{
    uint8_t seed[CRYPTO_KEY] = "tests begin with this";

    bytes_put_u32(seed + CRYPTO_KEY - sizeof(workspace), workspace);
    crypto_fix(seed);
}

/* ---- Opening ----------------------------------------------------------------------------------- */

static struct scratch *open_new(int64_t now, struct arena *arena, struct str *why)
{
    struct scratch *scratch = xcalloc(1, sizeof(*scratch));

    arena_init(&scratch->arena, MIB(64));
    scratch->last_mail = &scratch->mails;
    scratch->last_line = &scratch->lines;
    scratch->now = now;
    clock_fix(MADE_AT);
    db_set_unsynced(true);
    log_catch(scratch_log, scratch);
    if (make_folder(scratch, arena, why)) {
        clock_fix(now);
        scratch_fix_chance(0);
        if (open_server(scratch, arena, why))
            return scratch;
    }
    close_it(scratch);
    return NULL;
}

static bool open_server(struct scratch *scratch, struct arena *arena, struct str *why)
{
    const struct server_options server = { .config = &scratch->config,
                                           .runtime = &lua_runtime,
                                           .routes = api_routes,
                                           .scratch = scratch };
    struct failure failure = { 0 };
    struct buf report;

    set_config(scratch);
    scratch->is_open = true;
    if (server_open(&scratch->server, &server, &failure, arena) != ST_OK) {
        *why = str_copy(arena, failure.message);
        return false;
    }
    if (host_is_failing(scratch->server.host)) {
        buf_init(&report, MIB(1));
        host_report(scratch->server.host, &report);
        *why = str_copy(arena, str_trim(buf_view(&report)));
        buf_fini(&report);
        return false;
    }
    server_set_bound(&scratch->server, "127.0.0.1:80");
    courier_begin(scratch->server.courier);
    writer_rest(scratch->server.writer); /* who listens is known before anything happens */
    return true;
}

/* The defaults, whatever the environment says, but for what runs. */
static void set_config(struct scratch *scratch)
{
    static char *const nothing[] = { NULL };
    struct config *config = &scratch->config;
    struct buf error;

    buf_init(&error, KIB(64));
    NEVER(!config_load(config, NULL, nothing, NULL, 0, &error));
    buf_fini(&error);
    config->data = scratch->path;
    config->base_url = BASE_URL;
    config->scripts = options.config->scripts;
    config->native_plugins = options.config->native_plugins;
    config->native_plugins_file = options.config->native_plugins_file;
    config->script_trial_seconds = 0; /* a text that fails is the test's to notice */
    config->loops = config->readers = config->password_workers = 1;
    config->rate_limit_per_key = 0;
    config->access_log = false;
    config->password_cost = "minimal";
}

static void close_it(struct scratch *scratch)
{
    if (!scratch)
        return;
    close_server(scratch);
    if (!options.is_kept && scratch->path[0])
        file_remove_folder(scratch->path);
    log_catch(NULL, NULL);
    crypto_fix(NULL);
    clock_fix(CLOCK_RUNS);
    arena_fini(&scratch->arena);
    free(scratch);
}

static void close_server(struct scratch *scratch)
{
    if (!scratch->is_open)
        return;
    if (scratch->server.scripts) {
        scratch_drain(scratch);
        scripts_abandon(scratch->server.scripts);
    }
    job_free(scratch->job); /* a test has failed before its answer */
    scratch->job = NULL;
    scratch->fetch_count = 0;
    server_close(&scratch->server);
    scratch->is_open = false;
}

static bool restart(struct scratch *scratch, struct arena *arena, struct str *why)
{
    close_server(scratch);
    return open_server(scratch, arena, why);
}

/* ---- Its folder -------------------------------------------------------------------------------- */

/* A data folder with a database and without a workspace, once a process: migrations take longer than copying. */
static bool make_model(struct arena *arena, struct str *why)
{
    const char *path = str_printf(arena, "%s/model", options.temporary).at;
    struct failure failure = { 0 };
    struct datafolder folder;
    struct db *db = NULL;
    bool is_made;

    if (mkdir(options.temporary, 0700) != 0)
        return cannot(arena, options.temporary, why);
    is_made = datafolder_create(&folder, path, &failure, arena) == ST_OK &&
              datafolder_open_database(&folder, &db, &failure, arena) == ST_OK &&
              db_checkpoint(db, true) == ST_OK;
    db_close(db);
    datafolder_close(&folder);
    if (!is_made)
        *why = str_copy(arena, str_is_empty(failure.message) ? STR("the model cannot be made")
                                                             : failure.message);
    return is_made;
}

static bool make_folder(struct scratch *scratch, struct arena *arena, struct str *why)
{
    static const char *const files[] = { "foyer.db", "server.key", "commits" };
    static bool has_model;

    if (!has_model && !make_model(arena, why))
        return false;
    has_model = true;
    snprintf(scratch->path, sizeof(scratch->path), "%s/%u", options.temporary, ++made);
    if (mkdir(scratch->path, 0700) != 0)
        return cannot(arena, scratch->path, why);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const char *to = str_printf(arena, "%s/%s", scratch->path, files[i]).at;

        if (!copy_file(str_printf(arena, "%s/model/%s", options.temporary, files[i]).at, to))
            return cannot(arena, to, why);
    }
    if (options.data &&
        (!copy_scripts(scratch->path, arena) || !link_plugins(scratch->path, arena)))
        return cannot(arena, scratch->path, why);
    return true;
}

static bool copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, cause;
    char bytes[COPY_BYTES];
    ssize_t got = -1;

    if (in >= 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out >= 0)
        while ((got = read(in, bytes, sizeof(bytes))) > 0)
            if (!file_put(out, str_slice(bytes, (size_t)got))) {
                got = -1;
                break;
            }
    cause = errno;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    errno = cause;
    return got == 0;
}

/* A test may put other texts there: those of the data folder stay as they are. */
static bool copy_scripts(const char *to, struct arena *arena)
{
    const char *from = str_printf(arena, "%s/scripts", options.data).at;
    const char *folder = str_printf(arena, "%s/scripts", to).at;
    DIR *dir = opendir(from);
    struct dirent *entry;
    bool is_good = true;

    if (!dir)
        return true;
    is_good = mkdir(folder, 0700) == 0;
    while (is_good && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && str_ends(str_from(entry->d_name), STR(".lua")))
            is_good = copy_file(str_printf(arena, "%s/%s", from, entry->d_name).at,
                                str_printf(arena, "%s/%s", folder, entry->d_name).at);
    closedir(dir);
    return is_good;
}

/* Nothing is ever written into those. */
static bool link_plugins(const char *to, struct arena *arena)
{
    const char *folder = str_printf(arena, "%s/plugins", to).at;
    char *from = realpath(str_printf(arena, "%s/plugins", options.data).at, NULL);
    DIR *dir = from ? opendir(from) : NULL;
    struct dirent *entry;
    bool is_good = true;

    if (dir)
        is_good = mkdir(folder, 0700) == 0;
    while (dir && is_good && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            is_good = symlink(str_printf(arena, "%s/%s", from, entry->d_name).at,
                              str_printf(arena, "%s/%s", folder, entry->d_name).at) == 0;
    if (dir)
        closedir(dir);
    free(from);
    return is_good;
}

static bool cannot(struct arena *arena, const char *path, struct str *why)
{
    struct failure failure = { 0 };

    file_explain(&failure, arena, "make", path, errno);
    *why = str_copy(arena, failure.message);
    return false;
}

/* ---- What would leave -------------------------------------------------------------------------- */

/* What is refused before anything is connected to is refused here, too. */
void scratch_fetch(struct scratch *scratch, struct fetch *fetch)
{
    const char *fault = libcurl_load(); /* it takes URLs apart */
    bool is_https, is_good = false;
    char *url = NULL;

    if (fault)
        snprintf(fetch->error, FETCH_ERROR, "%s", fault);
    else
        is_good = fetch_place(fetch, fetch->url, &url, &is_https);
    free(url);
    if (!is_good) {
        fetch->done(fetch);
        return;
    }
    PRE(scratch->fetch_count < LIMIT_HANDLERS);
    scratch->fetches[scratch->fetch_count++] = fetch;
}

void scratch_mail(struct scratch *scratch, const struct mail *mail, const struct message *message)
{
    struct scratch_kept_mail *kept = arena_new(&scratch->arena, struct scratch_kept_mail);

    *kept = (struct scratch_kept_mail){
        .workspace = mail->workspace,
        .to = text_of(scratch, mail->recipient),
        .from = text_of(scratch, message->from_name),
        .render = text_of(scratch, mail->render),
        .locale = text_of(scratch, mail->locale),
        .subject = text_of(scratch, message->subject),
        .text = text_of(scratch, message->text),
        .html = text_of(scratch, message->html),
        .at = scratch->now,
    };
    *scratch->last_mail = kept;
    scratch->last_mail = &kept->next;
}

static struct str text_of(struct scratch *scratch, struct str text)
{
    return str_is_absent(text) ? text : str_copy(&scratch->arena, text);
}
