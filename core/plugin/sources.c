/* Sources: layers of files, by path; plugins are made of them in plugins.c. */
#include "plugin/sources.h"

#include "base/check.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/limits.h"
#include "plugin/folder.h"
#include "plugin/layers.h"
#include "plugin/pack.h"
#include "plugin/routes.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAYER_FILES_MAX = 1024 };

static struct str make_pack(const struct layers *layers);
static bool add_pack(struct layers *layers, struct str pack);
static bool add_plugin(struct layers *layers, const char *folder, struct str id);
static bool add_data(struct layers *layers, const char *data);
static bool add_embedded(struct layers *layers, const char *prefix);
static bool add_folder(struct layers *layers, const char *folder, struct str prefix, int depth);
static bool add_entry(struct layers *layers, const char *folder, const char *name,
                      struct str prefix, int depth);
static bool is_link(const char *path);
static bool refuse_file(struct layers *layers, struct str path, const char *why);
static bool add_file(struct layers *layers, const char *path, struct str name);
static bool is_in_assets(struct str name);
static bool is_library(struct str name);
static size_t most_bytes(struct str name);
static struct layer_file *put(struct layers *layers, struct str name);
static void replace_plugins(struct layers *layers, const char *data);
static void drop_plugin(struct layers *layers, struct str folder);
static bool put_overlay(struct layers *layers, const struct sources *sources,
                        const struct script_overlay *overlay);
static bool put_plugin(struct layers *layers, const struct sources *sources,
                       const struct script_overlay *overlay);
static int by_name(const void *a, const void *b);

bool sources_read(const struct sources *sources, struct arena *arena, struct plugin **plugins,
                  size_t *count, struct str *pack, struct buf *report)
{
    struct layers layers = { .arena = arena, .report = report };
    bool is_good = true;

    *plugins = NULL;
    *count = 0;
    *pack = STR_NONE;
    layers.at = arena_array(arena, struct layer_file, LAYER_FILES_MAX);
    if (!sources->scripts)
        is_good &= add_embedded(&layers, "scripts/");
    else if (access(sources->scripts, R_OK) != 0) {
        buf_printf(report, "%s: cannot be read: %s\n", sources->scripts, strerror(errno));
        return false;
    } else
        is_good &= add_folder(&layers, sources->scripts, STR("scripts/"), 0);
    is_good &= add_embedded(&layers, "plugins/");
    if (!str_is_absent(sources->pack))
        is_good &= add_pack(&layers, str_copy(arena, sources->pack)); /* it outlives the file */
    else if (sources->data)
        is_good &= add_data(&layers, sources->data);
    if (sources->folder)
        is_good &= add_plugin(&layers, sources->folder, sources->folder_id);
    for (size_t i = 0; i < sources->overlay_count; i++)
        is_good &= put_overlay(&layers, sources, &sources->overlays[i]);
    qsort(layers.at, layers.count, sizeof(*layers.at), by_name);
    *pack = make_pack(&layers);
    return layers_make_plugins(&layers, plugins, count) && is_good;
}

/* ---- What came from DATA, as one text ---------------------------------------------------------- */

static struct str make_pack(const struct layers *layers)
{
    struct str pack;
    struct buf out;

    buf_init(&out, SIZE_MAX / 4);
    for (size_t i = 0; i < layers->count; i++)
        if (layers->at[i].is_from_data)
            pack_add(&out, layers->at[i].name, layers->at[i].source);
    pack = str_copy(layers->arena, out.len ? buf_view(&out) : STR(""));
    buf_fini(&out);
    return pack;
}

static bool add_pack(struct layers *layers, struct str pack)
{
    struct packed_file file;

    /* The manifests first: a plugin takes the place of the bundled one as a whole. */
    for (struct str rest = pack; pack_next(&rest, &file);)
        if (str_ends(file.name, STR("/plugin.json")) && str_starts(file.name, STR("plugins/")))
            drop_plugin(layers, str_slice(file.name.at, file.name.len - 11));
    while (pack_next(&pack, &file)) {
        struct layer_file *place = put(layers, file.name);

        if (!place)
            return false;
        place->source = file.source;
        place->is_from_data = true;
    }
    return str_is_empty(pack);
}

/* As if it lay in DATA/plugins. */
static bool add_plugin(struct layers *layers, const char *folder, struct str id)
{
    struct str prefix = str_printf(layers->arena, "plugins/%.*s/", STR_ARG(id));

    layers->origin_is_data = true;
    drop_plugin(layers, prefix);
    return add_folder(layers, folder, prefix, 1);
}

static bool add_data(struct layers *layers, const char *data)
{
    struct str folder = str_printf(layers->arena, "%s/scripts", data);
    bool is_good;

    layers->origin_is_data = true;
    is_good = add_folder(layers, folder.at, STR("scripts/"), 0);
    replace_plugins(layers, data);
    folder = str_printf(layers->arena, "%s/plugins", data);
    return add_folder(layers, folder.at, STR("plugins/"), 0) && is_good;
}

bool sources_is_script_name(struct str name)
{
    return name.len > 4 && name.len <= 64 && str_ends(name, STR(".lua")) &&
           !str_ends(name, STR("_test.lua")) &&
           sources_is_plugin_id(str_slice(name.at, name.len - 4));
}

bool sources_is_plugin_id(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static bool add_embedded(struct layers *layers, const char *prefix)
{
    for (const struct embedded_file *file = embedded_files; file->path; file++) {
        struct layer_file *place;

        if (!str_starts(str_from(file->path), str_from(prefix)) ||
            !sources_is_wanted(str_from(file->path)))
            continue;
        place = put(layers, str_from(file->path));
        if (!place)
            return false;
        place->source = place->shipped = str_slice(file->at, file->len);
    }
    return true;
}

/* A folder that is not there has nothing in it. */
static bool add_folder(struct layers *layers, const char *folder, struct str prefix, int depth)
{
    DIR *dir = opendir(folder);
    bool is_good = true;
    struct dirent *entry;

    if (!dir) {
        if (errno == ENOENT || errno == ENOTDIR)
            return true;
        buf_printf(layers->report, "%s: cannot be read: %s\n", folder, strerror(errno));
        return false;
    }
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            is_good &= add_entry(layers, folder, entry->d_name, prefix, depth);
    closedir(dir);
    return is_good;
}

static bool add_entry(struct layers *layers, const char *folder, const char *name,
                      struct str prefix, int depth)
{
    struct str path = str_printf(layers->arena, "%s/%s", folder, name);
    struct str inside = str_printf(layers->arena, "%.*s%s", STR_ARG(prefix), name);
    struct stat info;

    if (stat(path.at, &info) != 0) {
        int why = errno;

        if (lstat(path.at, &info) != 0)
            return true; /* gone in between: what is left is looked at again */
        return !sources_is_wanted(inside) || refuse_file(layers, path, strerror(why));
    }
    if (depth > 0 && str_starts(prefix, STR("plugins/")) && is_link(path.at) &&
        (S_ISDIR(info.st_mode) || sources_is_wanted(inside)))
        return refuse_file(layers, path, "it is a link: what a plugin reads lies in its folder");
    if (depth == 0 && str_eq(prefix, STR("plugins/")) &&
        (!S_ISDIR(info.st_mode) || folder_is_left(inside)))
        return true; /* beside the plugins */
    if (S_ISDIR(info.st_mode) && depth < SOURCES_DEPTH)
        return add_folder(layers, path.at, str_concat(layers->arena, inside, STR("/")), depth + 1);
    if (!sources_is_wanted(inside) || (str_ends(inside, STR(".so")) && !is_library(inside)))
        return true;
    return S_ISREG(info.st_mode) ? add_file(layers, path.at, inside)
                                 : refuse_file(layers, path, "it is no file");
}

static bool is_link(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* A link whose end is gone for a moment must not bring the shipped rules back. */
static bool refuse_file(struct layers *layers, struct str path, const char *why)
{
    buf_printf(layers->report, "%.*s: cannot be read: %s\n", STR_ARG(path), why);
    return false;
}

static bool add_file(struct layers *layers, const char *path, struct str name)
{
    struct layer_file *place;
    struct str text;

    if (str_eq(str_slice(name.at, 8), STR("scripts/")) && str_ends(name, STR(".lua")) &&
        !memchr(name.at + 8, '/', name.len - 8) &&
        !sources_is_script_name(str_slice(name.at + 8, name.len - 8))) {
        buf_printf(
            layers->report,
            "%s:1: a script's name is letters, digits, '_' and '-' (at most 60), then .lua\n",
            path);
        return false;
    }
    text = file_read(layers->arena, path, most_bytes(name));
    if (str_is_absent(text) && errno == EFBIG) {
        buf_printf(layers->report, "%s: cannot be read: larger than %zu KiB\n", path,
                   most_bytes(name) / 1024);
        return false;
    }
    if (str_is_absent(text)) {
        buf_printf(layers->report, "%s: cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    place = put(layers, name);
    if (!place)
        return false;
    place->source = text;
    if (!layers->origin_is_data)
        place->shipped = text;
    else
        place->is_from_data = true;
    return true;
}

/* Tests are read by who runs them. */
bool sources_is_wanted(struct str name)
{
    static const char *const endings[] = { ".lua", ".html", ".txt", ".json", ".so" };

    if (str_ends(name, STR("_test.lua")) || memmem(name.at, name.len, "/tests/", 7))
        return false;
    if (is_in_assets(name))
        return asset_type(name) != NULL;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (str_ends(name, str_from(endings[i])))
            return true;
    return false;
}

/* "plugins/crm/assets/crm.css": what browsers fetch. */
static bool is_in_assets(struct str name)
{
    struct str rest = name, part;

    return str_starts(name, STR("plugins/")) && str_cut(&rest, '/', &part) &&
           str_cut(&rest, '/', &part) && str_starts(rest, STR("assets/"));
}

bool sources_is_of_plugin(struct str name)
{
    if (str_starts(name, STR("tests/")) || str_starts(name, STR(".")) ||
        memmem(name.at, name.len, "/.", 2))
        return false;
    if (str_starts(name, STR("assets/")))
        return asset_type(name) != NULL;
    return folder_is_library(name) || (sources_is_wanted(name) && !str_ends(name, STR(".so")));
}

/* "plugins/hello/hello.so", and nothing deeper: what a build leaves there is not read. */
static bool is_library(struct str name)
{
    struct str rest = name, part;
    int parts = 0;

    while (str_cut(&rest, '/', &part) && ++parts < 4)
        ;
    return parts == 3 && str_starts(name, STR("plugins/")) && str_ends(name, STR(".so"));
}

static size_t most_bytes(struct str name)
{
    return is_library(name)     ? LIMIT_NATIVE_LIBRARY
           : is_in_assets(name) ? LIMIT_ASSET
                                : LIMIT_SCRIPT_SOURCE;
}

/* The place of that name, made where there is none. NULL: too many. */
static struct layer_file *put(struct layers *layers, struct str name)
{
    for (size_t i = 0; i < layers->count; i++)
        if (str_eq(layers->at[i].name, name))
            return &layers->at[i];
    if (layers->count == LAYER_FILES_MAX) {
        buf_printf(layers->report, "%.*s: more than %d files\n", STR_ARG(name), LAYER_FILES_MAX);
        return NULL;
    }
    layers->at[layers->count] = (struct layer_file){ .name = name };
    return &layers->at[layers->count++];
}

/* A plugin in DATA takes the place of the bundled one of its name as a whole. */
static void replace_plugins(struct layers *layers, const char *data)
{
    struct str folder = str_printf(layers->arena, "%s/plugins", data);
    DIR *dir = opendir(folder.at);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        struct stat info;

        if (entry->d_name[0] != '.' &&
            stat(str_printf(layers->arena, "%s/%s/plugin.json", folder.at, entry->d_name).at,
                 &info) == 0)
            drop_plugin(layers, str_printf(layers->arena, "plugins/%s/", entry->d_name));
    }
    if (dir)
        closedir(dir);
}

static void drop_plugin(struct layers *layers, struct str folder)
{
    size_t kept = 0;

    for (size_t i = 0; i < layers->count; i++)
        if (!str_starts(layers->at[i].name, folder))
            layers->at[kept++] = layers->at[i];
    layers->count = kept;
}

static bool put_overlay(struct layers *layers, const struct sources *sources,
                        const struct script_overlay *overlay)
{
    struct layer_file *place;

    if (!str_ends(overlay->name, STR(".lua")))
        return put_plugin(layers, sources, overlay);
    place = put(layers, str_concat(layers->arena, STR("scripts/"), overlay->name));
    if (!place)
        return true;
    place->source = str_is_absent(overlay->source) ? place->shipped : overlay->source;
    place->path = overlay->path;
    place->is_from_data = !str_is_absent(overlay->source);
    if (str_is_absent(place->source)) /* taken away, and nothing of that name is shipped */
        *place = layers->at[--layers->count];
    return true;
}

/* The text of a folder (folder.h) in its place. */
static bool put_plugin(struct layers *layers, const struct sources *sources,
                       const struct script_overlay *overlay)
{
    struct str prefix = str_printf(layers->arena, "plugins/%.*s/", STR_ARG(overlay->name));
    struct str rest = overlay->source;
    struct packed_file file;

    drop_plugin(layers, prefix);
    if (str_is_absent(rest))
        return add_embedded(layers, prefix.at);
    while (pack_next(&rest, &file)) {
        struct layer_file *place = put(layers, str_concat(layers->arena, prefix, file.name));

        if (!place)
            return false;
        place->is_from_data = true;
        place->source = file.source;
        if (!folder_is_by_digest(&file))
            continue;
        place->source = folder_bytes(sources->data, overlay->name, &file, STR_NONE, layers->arena);
        if (str_is_absent(place->source) && !folder_is_library(file.name)) {
            *place = layers->at[--layers->count];
        } else if (str_is_absent(place->source)) {
            buf_printf(layers->report,
                       "%.*s/%.*s: that build is not there any more: put it there by hand (%.*s)\n",
                       STR_ARG(overlay->name), STR_ARG(file.name), STR_ARG(str_trim(file.source)));
            place->source = STR("");
            return false;
        }
    }
    return true;
}

/* Scripts first: what admins read comes before what plugins add. */
static int by_name(const void *a, const void *b)
{
    struct str x = ((const struct layer_file *)a)->name, y = ((const struct layer_file *)b)->name;
    int order = str_starts(y, STR("scripts/")) - str_starts(x, STR("scripts/"));

    if (order)
        return order;
    order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

    return order ? order : (x.len > y.len) - (x.len < y.len);
}
