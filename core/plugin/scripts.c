/* Scripts: what api/ and cli/ see and change of the files. */
#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "plugin/folder.h"
#include "plugin/host_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void show(const struct plugin *plugin, const struct plugin *in_force, struct str report,
                 struct arena *arena, struct script_info *info);
static const struct plugin *find(const struct plugin *plugins, size_t count, struct str id);
static struct str describe(struct str source);
static struct str report_of(struct str report, struct str path, struct arena *arena);
static enum status cannot_write(const char *path, struct buf *report);
static bool check_name(struct str name, struct buf *report);
static enum status check(struct host *host, struct str name, struct str source, struct buf *report);

size_t host_scripts(struct host *host, struct arena *arena, struct script_info **scripts)
{
    struct sources sources = host_sources(host);
    struct str pack;
    struct generation *generation = host_hold(host);
    struct plugin *plugins;
    size_t count, shown = 0;
    struct buf report, ignored;
    struct arena files;

    arena_init(&files, GENERATION_BYTES);
    buf_init(&report, REPORT_BYTES);
    buf_init(&ignored, REPORT_BYTES);
    host_report(host, &report);
    sources_read(&sources, &files, &plugins, &count, &pack, &ignored);
    *scripts = arena_array(arena, struct script_info, count + PLUGINS_MAX);
    for (size_t i = 0; i < count; i++)
        show(&plugins[i],
             generation ? find(generation->plugins, generation->plugin_count, plugins[i].id) : NULL,
             buf_view(&report), arena, &(*scripts)[shown++]);
    /* In force, and taken away from the disk since. */
    for (size_t i = 0; generation && i < generation->plugin_count; i++)
        if (!find(plugins, count, generation->plugins[i].id))
            show(&generation->plugins[i], &generation->plugins[i], buf_view(&report), arena,
                 &(*scripts)[shown++]);
    host_drop(host, generation);
    buf_fini(&report);
    buf_fini(&ignored);
    arena_fini(&files);
    return shown;
}

bool host_script(struct host *host, struct str name, struct arena *arena,
                 struct script_info *script)
{
    struct script_info *all;
    size_t count = host_scripts(host, arena, &all);

    for (size_t i = 0; i < count; i++)
        if (str_eq(all[i].name, name)) {
            *script = all[i];
            return true;
        }
    return false;
}

void host_in_force(struct host *host, struct arena *arena, struct in_force *in_force)
{
    struct generation *generation = host_hold(host);

    *in_force = (struct in_force){ .held = generation };
    if (!generation)
        return;
    in_force->number = generation->number;
    in_force->since = generation->since;
    in_force->scripts = arena_array(arena, struct script_info, PLUGINS_MAX);
    for (size_t i = 0; i < generation->plugin_count; i++) {
        const struct plugin *plugin = &generation->plugins[i];

        if (plugin->is_from_data)
            in_force->scripts[in_force->count++] = (struct script_info){ .name = plugin->id,
                                                                         .origin = plugin->origin,
                                                                         .source = plugin->text };
    }
}

void host_in_force_end(struct host *host, struct in_force *in_force)
{
    host_drop(host, in_force->held);
}

enum status host_check(struct host *host, struct str name, struct str source, struct buf *report)
{
    enum status status;

    if (!check_name(name, report))
        return ST_UNPROCESSABLE;
    mutex_lock(&host->reloading);
    status = check(host, name, source, report);
    mutex_unlock(&host->reloading);
    return status;
}

enum status host_check_folder(struct host *host, struct str id, struct str text, struct buf *report)
{
    enum status status;

    if (!sources_is_plugin_id(id)) {
        buf_printf(report, "%.*s: the id of a plugin is letters, digits, '_' and '-'\n",
                   STR_ARG(id));
        return ST_UNPROCESSABLE;
    }
    mutex_lock(&host->reloading);
    status = check(host, id, text, report);
    mutex_unlock(&host->reloading);
    return status;
}

bool host_is_script_name(struct str name)
{
    return sources_is_script_name(name);
}

enum status host_put(struct host *host, struct str name, struct str source, struct buf *report)
{
    bool is_script = sources_is_script_name(name);
    enum status status;

    if (!host->data) {
        buf_text(report, "there is no data folder\n");
        return ST_UNAVAILABLE;
    }
    if (!is_script && !sources_is_plugin_id(name))
        return check_name(name, report) ? ST_OK : ST_UNPROCESSABLE;
    mutex_lock(&host->reloading);
    status = check(host, name, source, report);
    if (status == ST_OK) {
        buf_clear(report);
        status = is_script ? host_write_script(host, name, source, report)
                           : folder_put(host->data, name, source, STR_NONE, "left", report);
        if (status == ST_OK && is_script)
            host_forget_left(host, name);
        if (status == ST_OK && host_reload_locked(host, report) != ST_OK)
            status = ST_CONFLICT;
    }
    mutex_unlock(&host->reloading);
    return status;
}

/* With `reloading` held. Two scripts with faults can be mended one after the other: what is refused
 * is a script with faults of its own. */
static enum status check(struct host *host, struct str name, struct str source, struct buf *report)
{
    const struct script_overlay overlay = { .name = name, .source = source };
    struct generation *generation;
    size_t before = report->len;
    struct arena arena;
    struct str own;

    generation = host_load(host, &overlay, 1, report);
    if (generation) {
        generation_free(generation);
        return ST_OK;
    }
    arena_init(&arena, MIB(1));
    own = report_of(str_slice(report->at + before, report->len - before), name, &arena);
    if (!str_is_empty(own)) {
        report->len = before;
        buf_printf(report, "%.*s\n", STR_ARG(own));
    }
    arena_fini(&arena);
    return str_is_empty(own) ? ST_OK : ST_UNPROCESSABLE;
}

/* ---- Trying ------------------------------------------------------------------------------------ */

struct policy *host_try(struct host *host, const struct script_overlay *overlays, size_t count,
                        struct buf *report)
{
    struct generation *generation;

    mutex_lock(&host->reloading);
    generation = host_load(host, overlays, count, report);
    mutex_unlock(&host->reloading);
    return generation ? &seat_new(generation, NULL)->policy : NULL;
}

struct policy *host_try_folder(struct host *host, const char *folder, struct str id,
                               struct buf *report)
{
    struct generation *generation;

    mutex_lock(&host->reloading);
    generation = host_load_folder(host, folder, id, report);
    mutex_unlock(&host->reloading);
    return generation ? &seat_new(generation, NULL)->policy : NULL;
}

void host_try_end(struct policy *policy)
{
    struct seat *seat = (struct seat *)policy;
    struct generation *generation;

    if (!policy)
        return;
    generation = seat->generation;
    seat_free(seat);
    generation_free(generation);
}

struct policy *host_beside(const struct policy *policy)
{
    return &seat_new(((const struct seat *)policy)->generation, NULL)->policy;
}

void host_beside_end(struct policy *beside)
{
    seat_free((struct seat *)beside);
}

const struct plugin *host_plugins(const struct policy *policy, size_t *count)
{
    const struct generation *generation = ((const struct seat *)policy)->generation;

    *count = generation ? generation->plugin_count : 0;
    return generation ? generation->plugins : NULL;
}

const struct plugin *host_plugin(const struct policy *policy, struct str id)
{
    size_t count;
    const struct plugin *plugins = host_plugins(policy, &count);

    return find(plugins, count, id);
}

struct str plugin_name(const struct plugin *plugin)
{
    const struct manifest *says = plugin_says(plugin);

    if (says && !str_is_empty(says->name))
        return says->name;
    return describe(plugin->source);
}

void host_registered(const struct policy *policy, struct str name, struct buf *out)
{
    const struct generation *generation = ((const struct seat *)policy)->generation;
    const struct plugin *plugin =
        generation ? find(generation->plugins, generation->plugin_count, name) : NULL;

    for (size_t i = 0; plugin && i < plugin->registration_count; i++) {
        const struct registration *one = &plugin->registrations[i];

        buf_printf(out, "%s %.*s", hook_kind_names[one->kind], STR_ARG(one->subject));
        if (one->kind == HOOK_EVENT && one->name.at) /* its deliveries are kept under that */
            buf_printf(out, " as %.*s", STR_ARG(one->name));
        buf_printf(out, " (%.*s)\n", STR_ARG(one->where));
    }
}

struct str host_test_of(const struct host *host, struct str name, struct arena *arena)
{
    if (!host->data || !sources_is_script_name(name))
        return STR_NONE;
    return file_read(
        arena,
        str_printf(arena, "%s/scripts/%.*s_test.lua", host->data, (int)name.len - 4, name.at).at,
        LIMIT_SCRIPT_SOURCE);
}

void host_test(struct policy *policy, struct str path, struct str source, struct testing *testing,
               struct buf *report)
{
    host_test_plugin(policy, STR_NONE, path, source, testing, report);
}

void host_test_plugin(struct policy *policy, struct str id, struct str path, struct str source,
                      struct testing *testing, struct buf *report)
{
    const struct generation *generation = ((const struct seat *)policy)->generation;
    const struct plugin *plugin = str_is_absent(id) ? NULL : host_plugin(policy, id);
    const struct plugin file = { .id = path,
                                 .name = plugin ? id : path, /* whose tests they are */
                                 .path = path,
                                 .source = source,
                                 .files = plugin ? plugin->files : NULL,
                                 .file_count = plugin ? plugin->file_count : 0 };

    generation->runtime->test(policy, &file, generation->known, testing, report);
}

static bool check_name(struct str name, struct buf *report)
{
    if (sources_is_script_name(name))
        return true;
    buf_printf(report,
               "%.*s:1: a script's name is letters, digits, '_' and '-' (at most 60), then"
               " .lua, and it is no _test.lua\n",
               STR_ARG(name));
    return false;
}

enum status host_write_script(const struct host *host, struct str name, struct str source,
                              struct buf *report)
{
    char path[4400];

    snprintf(path, sizeof(path), "%s/scripts", host->data);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return cannot_write(path, report);
    snprintf(path, sizeof(path), "%s/scripts/%.*s", host->data, STR_ARG(name));
    if (str_is_absent(source))
        return file_remove(path) || errno == ENOENT ? ST_OK : cannot_write(path, report);
    return file_write(path, source, 0600) ? ST_OK : cannot_write(path, report);
}

static enum status cannot_write(const char *path, struct buf *report)
{
    enum status status = errno == ENOSPC || errno == EDQUOT ? ST_DISK_FULL : ST_UNAVAILABLE;

    buf_printf(report, "%s: cannot be written: %s\n", path, strerror(errno));
    return status;
}

/* plugin is what lies on disk (or what is shipped); in_force may be another text, or NULL. */
static void show(const struct plugin *plugin, const struct plugin *in_force, struct str report,
                 struct arena *arena, struct script_info *info)
{
    bool is_on_disk = plugin != in_force;
    const struct plugin *shown = plugin->manifest || !in_force ? plugin : in_force;
    const struct manifest *says = plugin_says(shown);

    *info = (struct script_info){
        .name = str_copy(arena, plugin->id),
        .origin = in_force ? in_force->origin : plugin->origin,
        .path = str_copy(arena, plugin->path),
        .source = in_force ? str_copy(arena, in_force->source) : STR_NONE,
        .shipped = plugin->shipped.at ? str_copy(arena, plugin->shipped) : STR_NONE,
        .on_disk = plugin->is_from_data && is_on_disk && !plugin->manifest
                       ? str_copy(arena, plugin->text)
                       : STR_NONE,
        .report = report_of(report, plugin->manifest ? plugin->id : plugin->path, arena),
        .describe =
            str_copy(arena, shown->header && shown->header->describe.at ? shown->header->describe
                                                                        : plugin_name(shown)),
        .version = says && says->version.at ? str_copy(arena, says->version) : STR_NONE,
    };
    if (str_is_empty(info->report) && plugin->is_from_data &&
        (!in_force || !str_eq(in_force->text, plugin->text)))
        info->report = STR("another script or plugin has a fault: nothing new is loaded until it is"
                           " mended");
}

struct str host_text_on_disk(const struct host *host, struct str id, struct arena *arena)
{
    struct sources sources = host_sources(host);
    struct str pack, text = STR_NONE;
    const struct plugin *found;
    struct plugin *plugins;
    struct arena files;
    struct buf ignored;
    size_t count;

    arena_init(&files, GENERATION_BYTES);
    buf_init(&ignored, REPORT_BYTES);
    sources_read(&sources, &files, &plugins, &count, &pack, &ignored);
    buf_fini(&ignored);
    found = find(plugins, count, id);
    if (found && found->is_from_data)
        text = str_copy(arena, found->text);
    arena_fini(&files);
    return text;
}

static const struct plugin *find(const struct plugin *plugins, size_t count, struct str id)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(plugins[i].id, id))
            return &plugins[i];
    return NULL;
}

/* The first line of the comment that a file begins with. */
static struct str describe(struct str source)
{
    struct str line;

    if (!str_cut(&source, '\n', &line) || !str_starts(line, STR("--")))
        return STR("");
    while (line.len && line.at[0] == '-')
        line = str_slice(line.at + 1, line.len - 1);
    return str_trim(line);
}

/* The lines of a report that are about one file, or a folder's. */
static struct str report_of(struct str report, struct str path, struct arena *arena)
{
    struct str line, found = STR("");

    while (!str_is_absent(report) && str_cut(&report, '\n', &line))
        if (line.len > path.len && str_starts(line, path) &&
            (line.at[path.len] == ':' || line.at[path.len] == '/'))
            found = str_printf(arena, "%.*s%.*s\n", STR_ARG(found), STR_ARG(line));
    return str_trim(found);
}
