/* Layers: plugins out of files. A script is a plugin of one file; a folder has a manifest. */
#include "plugin/layers.h"
#include "plugin/routes.h"

#include "base/limits.h"
#include "plugin/folder.h"
#include "plugin/native.h"

#include <string.h>

static bool add_plugin(const struct layers *layers, struct plugin *plugins, size_t *count,
                       const struct plugin *plugin);
static bool add_folder(const struct layers *layers, const struct layer_file *manifest_file,
                       struct plugin *plugins, size_t *count);
static bool add_files(const struct layers *layers, struct plugin *plugin, struct str prefix,
                      struct str path_prefix, bool is_scripts);
static bool make_text(const struct layers *layers, struct plugin *plugin);
static void make_native(const struct layers *layers, struct plugin *plugin);
static bool has_manifest(const struct layers *layers, size_t first);
static bool has_slash(struct str text);

bool layers_make_plugins(const struct layers *layers, struct plugin **plugins, size_t *count)
{
    bool is_good = true;

    *plugins = arena_array(layers->arena, struct plugin, PLUGINS_MAX);
    *count = 0;
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer_file *file = &layers->at[i];
        struct str rest = file->name, top;

        str_cut(&rest, '/', &top);
        if (str_is(top, "plugins")) {
            is_good &= has_manifest(layers, i);
            if (str_ends(rest, STR("/plugin.json")))
                is_good &= add_folder(layers, file, *plugins, count);
        } else if (!has_slash(rest) && str_ends(rest, STR(".lua"))) {
            struct plugin plugin = {
                .id = rest,
                .name = str_slice(rest.at, rest.len - 4),
                .path = str_is_absent(file->path) ? rest : file->path,
                .source = file->source,
                .text = file->source,
                .is_from_data = file->is_from_data,
                .shipped = file->shipped,
                .origin = !file->is_from_data            ? SCRIPT_SHIPPED
                          : str_is_absent(file->shipped) ? SCRIPT_ADDED
                                                         : SCRIPT_CHANGED,
            };

            is_good &= add_files(layers, &plugin, STR("scripts/"), STR(""), true);
            is_good &= add_plugin(layers, *plugins, count, &plugin);
        }
    }
    return is_good;
}

static bool add_plugin(const struct layers *layers, struct plugin *plugins, size_t *count,
                       const struct plugin *plugin)
{
    if (*count == PLUGINS_MAX) {
        buf_printf(layers->report, "%.*s: more than %d scripts and plugins\n",
                   STR_ARG(plugin->path), PLUGINS_MAX);
        return false;
    }
    for (size_t i = 0; i < *count; i++)
        if (str_eq(plugins[i].name, plugin->name)) {
            buf_printf(layers->report, "%.*s: \"%.*s\" is also the name of %.*s\n",
                       STR_ARG(plugin->path), STR_ARG(plugin->name), STR_ARG(plugins[i].path));
            return false;
        }
    plugins[(*count)++] = *plugin;
    return true;
}

static bool add_folder(const struct layers *layers, const struct layer_file *manifest_file,
                       struct plugin *plugins, size_t *count)
{
    struct str rest = manifest_file->name, id, prefix;
    struct plugin plugin = { .origin = SCRIPT_PLUGIN };

    str_cut(&rest, '/', &id);
    str_cut(&rest, '/', &id);
    if (has_slash(rest)) /* plugins/ID/sub/plugin.json is nobody's */
        return true;
    plugin.manifest = manifest_read(str_concat(layers->arena, id, STR("/plugin.json")),
                                    manifest_file->source, id, layers->arena, layers->report);
    if (!plugin.manifest)
        return false;
    prefix = str_printf(layers->arena, "plugins/%.*s/", STR_ARG(id));
    plugin.id = plugin.name = id;
    plugin.path =
        str_printf(layers->arena, "%.*s/%.*s", STR_ARG(id), STR_ARG(plugin.manifest->entry));
    if (!add_files(layers, &plugin, prefix, str_concat(layers->arena, id, STR("/")), false))
        return false;
    for (size_t i = 0; i < plugin.file_count; i++)
        if (str_eq(plugin.files[i].name, plugin.manifest->entry))
            plugin.source = plugin.files[i].source;
    if (str_is_absent(plugin.source)) {
        buf_printf(layers->report, "%.*s/plugin.json: its entry \"%.*s\" is not there\n",
                   STR_ARG(id), STR_ARG(plugin.manifest->entry));
        return false;
    }
    plugin.is_from_data = manifest_file->is_from_data;
    if (plugin.is_from_data && !make_text(layers, &plugin))
        return false;
    if (str_ends(plugin.manifest->entry, STR(".so")))
        make_native(layers, &plugin);
    return add_plugin(layers, plugins, count, &plugin);
}

/* What the plugin can require and render. Scripts share what lies in folders below scripts/. */
static bool add_files(const struct layers *layers, struct plugin *plugin, struct str prefix,
                      struct str path_prefix, bool is_scripts)
{
    plugin->files = arena_array(layers->arena, struct plugin_file, PLUGIN_FILES_MAX);
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer_file *file = &layers->at[i];
        struct str name = str_slice(file->name.at + prefix.len, file->name.len - prefix.len);

        if (!str_starts(file->name, prefix) || (is_scripts && !has_slash(name)))
            continue;
        if (plugin->file_count == PLUGIN_FILES_MAX) {
            buf_printf(layers->report, "%.*s: more than %d files\n",
                       STR_ARG(str_concat(layers->arena, path_prefix, name)), PLUGIN_FILES_MAX);
            return false;
        }
        plugin->files[plugin->file_count++] =
            (struct plugin_file){ .name = name,
                                  .path = str_concat(layers->arena, path_prefix, name),
                                  .source = file->source,
                                  .tag = str_starts(name, STR("assets/"))
                                             ? asset_tag(file->source, layers->arena)
                                             : STR_NONE };
    }
    return true;
}

/* Asked of each file: it looks from the first one of a folder. A folder that has lost its manifest is no
 * plugin that was taken away: what is in force of it stays until it is whole again, or gone. */
static bool has_manifest(const struct layers *layers, size_t first)
{
    struct str rest = layers->at[first].name, folder, prefix, manifest;

    str_cut(&rest, '/', &folder);
    if (!str_cut(&rest, '/', &folder) || str_is_absent(rest)) /* a file beside the folders */
        return true;
    prefix = str_printf(layers->arena, "plugins/%.*s/", STR_ARG(folder));
    if (first > 0 && str_starts(layers->at[first - 1].name, prefix))
        return true;
    manifest = str_concat(layers->arena, prefix, STR("plugin.json"));
    for (size_t i = first; i < layers->count && str_starts(layers->at[i].name, prefix); i++)
        if (str_eq(layers->at[i].name, manifest))
            return true;
    buf_printf(layers->report, "%.*s/plugin.json:1: it is missing\n", STR_ARG(folder));
    return false;
}

static bool make_text(const struct layers *layers, struct plugin *plugin)
{
    if (folder_text_bytes(plugin) > LIMIT_PLUGIN_TEXT) {
        buf_printf(layers->report,
                   "%.*s/plugin.json: its files are larger than %d KiB together: what is no Lua, "
                   "template or JSON need not lie there\n",
                   STR_ARG(plugin->id), (int)(LIMIT_PLUGIN_TEXT / 1024));
        return false;
    }
    plugin->text = folder_text(plugin, layers->arena);
    return true;
}

/* Whoever looks at scripts is shown what tells one build from another. */
static void make_native(const struct layers *layers, struct plugin *plugin)
{
    plugin->library = plugin->source;
    plugin->source = str_printf(layers->arena, "native library, SHA-256 %.*s\n",
                                STR_ARG(native_digest(plugin->library, layers->arena)));
}

static bool has_slash(struct str text)
{
    return text.len && memchr(text.at, '/', text.len) != NULL;
}
