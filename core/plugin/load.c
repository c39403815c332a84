/* Load: generations out of files, and out of what was in force when the server last ran.
 *
 * DATA/scripts/.in-force holds all that came from DATA, as one text. It is written before a generation
 * becomes current, so that it is never older than what answers.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/host_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PACK_MOST = 32 * 1024 * 1024 };

static struct generation *load(struct host *host, const struct sources *sources,
                               struct generation *current, struct buf *report);
static bool is_same(const struct generation *current, const struct plugin *plugins, size_t count);
static bool kept_path(const struct host *host, char path[4400]);

struct sources host_sources(const struct host *host)
{
    const struct config *config = host->options.config;

    return (struct sources){ .scripts = config ? config->scripts : NULL,
                             .data = host->data,
                             .pins = config ? config->native_plugins_file : NULL,
                             .overlays = host->options.overlays,
                             .overlay_count = host->options.overlay_count,
                             .folder = host->options.folder,
                             .folder_id = host->options.folder_id };
}

struct generation *host_load(struct host *host, const struct script_overlay *overlays, size_t count,
                             struct buf *report)
{
    struct sources sources = host_sources(host);

    if (count > 0) {
        sources.overlays = overlays;
        sources.overlay_count = count;
    }
    return load(host, &sources, NULL, report);
}

struct generation *host_load_changed(struct host *host, struct buf *report)
{
    struct sources sources = host_sources(host);
    struct generation *current = host_hold(host);
    struct generation *loaded = load(host, &sources, current, report);

    if (loaded != current)
        host_drop(host, current);
    return loaded;
}

void host_give_up(struct host *host, struct generation *generation)
{
    bool is_held;

    mutex_lock(&host->lock);
    is_held = generation == host->current;
    mutex_unlock(&host->lock);
    if (is_held)
        host_drop(host, generation);
    else
        generation_free(generation);
}

struct generation *host_load_folder(struct host *host, const char *folder, struct str id,
                                    struct buf *report)
{
    struct sources sources = host_sources(host);

    sources.folder = folder;
    sources.folder_id = id;
    return load(host, &sources, NULL, report);
}

struct generation *host_load_kept(struct host *host)
{
    struct sources sources = host_sources(host);
    struct generation *generation = NULL;
    struct arena arena;
    struct buf ignored;
    char path[4400];

    arena_init(&arena, PACK_MOST + MIB(1));
    buf_init(&ignored, REPORT_BYTES);
    if (kept_path(host, path)) {
        sources.pack = file_read(&arena, path, PACK_MOST);
        if (!str_is_absent(sources.pack))
            generation = load(host, &sources, NULL, &ignored);
    }
    buf_fini(&ignored);
    arena_fini(&arena);
    return generation;
}

void host_keep(struct host *host, const struct generation *generation)
{
    struct arena arena;
    char path[4400];
    bool is_same;

    if (host->options.is_scratch || !host->data || !kept_path(host, path))
        return;
    arena_init(&arena, PACK_MOST + MIB(1));
    is_same = str_eq(file_read(&arena, path, PACK_MOST), generation->pack);
    arena_fini(&arena);
    if (!is_same && !file_write(path, generation->pack, 0600))
        log_warn(STR_NONE, "what is in force cannot be kept for the next start",
                 LOG_C("file", path), LOG_C("reason", strerror(errno)));
}

/* current: is given again where the files make the same; NULL: is not looked at. */
static struct generation *load(struct host *host, const struct sources *sources,
                               struct generation *current, struct buf *report)
{
    struct generation *generation;
    struct plugin *plugins;
    struct arena arena;
    struct str pack;
    size_t count;
    bool is_good;

    arena_init(&arena, GENERATION_BYTES);
    /* What can be read is loaded also when something else cannot: all faults are told at once. */
    is_good = sources_read(sources, &arena, &plugins, &count, &pack, report);
    is_good &= natives_load(&host->natives, plugins, count, &arena, report);
    if (is_good && is_same(current, plugins, count)) {
        plugins_free(plugins, count);
        arena_fini(&arena);
        return current;
    }
    generation = generation_new(host->options.runtime, host->known, &arena, plugins, count, report);
    if (is_good && generation) {
        generation->host = host;
        generation->pack = pack;
        return generation;
    }
    generation_free(generation);
    return NULL;
}

static bool is_same(const struct generation *current, const struct plugin *plugins, size_t count)
{
    uint8_t digest[DIGEST];

    if (!current)
        return false;
    plugins_digest(plugins, count, digest);
    return memcmp(digest, current->digest, sizeof(digest)) == 0;
}

/* False: there is no folder for scripts, and nothing of the admin's. */
static bool kept_path(const struct host *host, char path[4400])
{
    struct stat info;

    snprintf(path, 4400, "%s/scripts", host->data);
    if (stat(path, &info) != 0)
        return false;
    snprintf(path, 4400, "%s/scripts/.in-force", host->data);
    return true;
}
