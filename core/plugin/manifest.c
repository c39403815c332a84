/* Manifest: reading plugin.json, every fault at once, each with its line. */
#include "plugin/manifest.h"

#include "base/arena.h"
#include "base/buf.h"
#include "http/json_tree.h"
#include "store/actor.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct str path, text, folder;
    struct arena *arena;
    struct buf *report;
    struct manifest *manifest;
    bool is_header;
    bool is_good;
};

typedef void read_member(struct reading *r, const char *key, json_t *value);

static read_member read_id, read_text, read_version, read_entry, read_api, read_provides,
    read_names, read_hosts, read_order, read_settings, read_always, read_describe;
static bool read_members(struct reading *r, json_t *json);
static void read_declarations(struct reading *r, const char *key);
static void fault(struct reading *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool read_list(struct reading *r, const char *key, json_t *value, struct texts *texts);
static void check_hosts(struct reading *r);
static bool is_host(struct str host);
static bool is_name(struct str text);
static struct str text_of(struct reading *r, json_t *value);

static const struct member {
    const char *key;
    read_member *read;
    bool is_required, in_folder, in_header;
} members[] = {
    { "id", read_id, true, true, false },
    { "name", read_text, true, true, true },
    { "version", read_version, true, true, true },
    { "describe", read_describe, false, false, true },
    { "api", read_api, true, true, true },
    { "entry", read_entry, false, true, false },
    { "provides", read_provides, true, true, true },
    { "capabilities", read_names, false, true, true },
    { "hosts", read_hosts, false, true, true },
    { "requires", read_names, false, true, true },
    { "order", read_order, false, true, true },
    { "settings", read_settings, false, true, false },
    { "always", read_always, false, true, true },
    { NULL, NULL, false, false, false },
};

struct manifest *manifest_read(struct str path, struct str text, struct str folder,
                               struct arena *arena, struct buf *report)
{
    struct reading r = { .path = path,
                         .text = text,
                         .folder = folder,
                         .arena = arena,
                         .report = report,
                         .is_good = true };
    json_error_t error;
    json_t *json = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    bool is_good;

    if (!json_is_object(json)) {
        buf_printf(report, "%.*s:%d: %s\n", STR_ARG(path), json ? 1 : error.line,
                   json ? "it must be an object" : error.text);
        json_decref(json);
        return NULL;
    }
    is_good = read_members(&r, json);
    json_decref(json);
    return is_good ? r.manifest : NULL;
}

struct manifest *manifest_read_header(struct str text, struct arena *arena, struct buf *report)
{
    struct reading r = {
        .text = text, .arena = arena, .report = report, .is_header = true, .is_good = true
    };
    json_t *json = json_loadb(text.at, text.len, 0, NULL);
    bool is_good = read_members(&r, json);

    json_decref(json);
    return is_good ? r.manifest : NULL;
}

static bool read_members(struct reading *r, json_t *json)
{
    const char *key;
    json_t *value;

    r->manifest = arena_new(r->arena, struct manifest);
    r->manifest->text = str_copy(r->arena, r->text);
    r->manifest->entry = STR("main.lua");
    for (const struct member *m = members; m->key && !r->is_header; m++)
        if (m->is_required && !json_object_get(json, m->key))
            fault(r, "", "\"%s\" is missing", m->key);
    json_object_foreach(json, key, value)
    {
        const struct member *m;

        for (m = members;
             m->key && (strcmp(m->key, key) != 0 || !(r->is_header ? m->in_header : m->in_folder));
             m++)
            ;
        if (m->key)
            m->read(r, key, value);
        else
            fault(r, key, "\"%s\" is unknown here", key);
    }
    check_hosts(r);
    return r->is_good;
}

bool manifest_provides(const struct manifest *manifest, enum hook_kind kind, struct str subject)
{
    if (!manifest->has_provides)
        return true;
    for (size_t i = 0; i < manifest->provides[kind].count; i++)
        if (str_eq(manifest->provides[kind].at[i], subject))
            return true;
    return false;
}

static void read_id(struct reading *r, const char *key, json_t *value)
{
    struct str id = text_of(r, value);

    if (!is_name(id))
        fault(r, key, "\"id\" must be letters, digits, '-' and '_'");
    else if (!str_eq(id, r->folder))
        fault(r, key, "\"id\" must be the name of the folder, \"%.*s\"", STR_ARG(r->folder));
    r->manifest->id = id;
}

static void read_text(struct reading *r, const char *key, json_t *value)
{
    r->manifest->name = text_of(r, value);
    if (str_is_empty(r->manifest->name))
        fault(r, key, "\"%s\" must be a text", key);
}

static void read_version(struct reading *r, const char *key, json_t *value)
{
    r->manifest->version = text_of(r, value);
    if (str_is_empty(r->manifest->version))
        fault(r, key, "\"%s\" must be a text like \"1.0.0\"", key);
}

static void read_entry(struct reading *r, const char *key, json_t *value)
{
    struct str entry = text_of(r, value);

    size_t ending = str_ends(entry, STR(".lua")) ? 4 : str_ends(entry, STR(".so")) ? 3 : 0;

    if (!ending || !is_name(str_slice(entry.at, entry.len - ending)))
        fault(r, key,
              "\"entry\" must name a file in the folder, like \"main.lua\" or \"hello.so\"");
    r->manifest->entry = entry;
}

static void read_api(struct reading *r, const char *key, json_t *value)
{
    json_int_t level = json_is_integer(value) ? json_integer_value(value) : 0;

    if (level < 1)
        fault(r, key, "\"api\" must be a number: the level that it was written for, %d",
              MANIFEST_API);
    else if (level > MANIFEST_API)
        fault(r, key, "it needs level %d of the API, and this program has %d: update it",
              (int)level, MANIFEST_API);
}

static void read_provides(struct reading *r, const char *key, json_t *value)
{
    const char *kind_name;
    json_t *list;

    r->manifest->has_provides = true;
    if (!json_is_object(value)) {
        fault(r, key, "\"provides\" must be an object like {\"render\": [\"page.home\"]}");
        return;
    }
    json_object_foreach(value, kind_name, list)
    {
        int kind;

        for (kind = 0; kind < HOOK_KINDS && strcmp(hook_kind_names[kind], kind_name) != 0; kind++)
            ;
        if (kind == HOOK_KINDS)
            fault(r, kind_name,
                  "\"%s\": level %d has rule, scope, filter, render, event, transaction, job, "
                  "route, page and command",
                  kind_name, MANIFEST_API);
        else
            read_list(r, kind_name, list, &r->manifest->provides[kind]);
    }
}

static void read_names(struct reading *r, const char *key, json_t *value)
{
    bool is_capabilities = strcmp(key, "capabilities") == 0;
    struct texts *names = is_capabilities ? &r->manifest->capabilities : &r->manifest->requires;

    if (!read_list(r, key, value, names) || !is_capabilities)
        return;
    for (size_t i = 0; i < names->count; i++)
        if (!str_is(names->at[i], "api") && !str_is(names->at[i], "kv") &&
            !str_is(names->at[i], "mail") && !str_is(names->at[i], "http") &&
            !str_is(names->at[i], "events") && !str_is(names->at[i], "cache") &&
            !str_is(names->at[i], "metrics") && permission_find(names->at[i]) < 0)
            fault(r, key,
                  "capability \"%.*s\" is unknown: level %d has \"api\", \"cache\", \"events\", "
                  "\"http\", "
                  "\"kv\", "
                  "\"mail\", \"metrics\" and the "
                  "names of permissions",
                  STR_ARG(names->at[i]), MANIFEST_API);
}

/* Names as URLs have them, "*.example.com" for all below one, "*" for any. */
static void read_hosts(struct reading *r, const char *key, json_t *value)
{
    struct texts *hosts = &r->manifest->hosts;

    if (!read_list(r, key, value, hosts))
        return;
    for (size_t i = 0; i < hosts->count; i++) {
        struct str host = hosts->at[i];

        if (str_starts(host, STR("*.")))
            host = str_slice(host.at + 2, host.len - 2);
        if (!str_is(host, "*") && !is_host(host))
            fault(r, key,
                  "host \"%.*s\": names are written like \"api.example.com\", \"*.example.com\" or "
                  "\"*\", "
                  "without https:// and port",
                  STR_ARG(hosts->at[i]));
    }
}

/* What is declared and what may be used go together. */
static void check_hosts(struct reading *r)
{
    bool has_http = false;

    for (size_t i = 0; i < r->manifest->capabilities.count; i++)
        has_http |= str_is(r->manifest->capabilities.at[i], "http");
    if (has_http && r->manifest->hosts.count == 0)
        fault(r, "capabilities",
              "capability \"http\" needs \"hosts\": those that it reaches, like "
              "[\"api.example.com\"]");
    if (!has_http && r->manifest->hosts.count > 0)
        fault(r, "hosts", "\"hosts\" needs \"http\" among the capabilities");
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.' || c == '[' || c == ']' || (c == ':' && host.at[0] == '[')))
            return false;
    }
    return host.len > 0 && host.len <= 253;
}

static void read_order(struct reading *r, const char *key, json_t *value)
{
    const char *side;
    json_t *list;

    if (!json_is_object(value)) {
        fault(r, key, "\"order\" must be an object like {\"after\": [\"permissions\"]}");
        return;
    }
    json_object_foreach(value, side, list)
    {
        if (strcmp(side, "after") == 0)
            read_list(r, side, list, &r->manifest->after);
        else if (strcmp(side, "before") == 0)
            read_list(r, side, list, &r->manifest->before);
        else
            fault(r, side, "\"%s\": only \"after\" and \"before\" stand in \"order\"", side);
    }
}

static void read_settings(struct reading *r, const char *key, json_t *value)
{
    char *text;

    if (!json_is_object(value)) {
        fault(r, key, "\"settings\" must be an object");
        return;
    }
    text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    r->manifest->settings = str_copy(r->arena, str_from(text));
    free(text);
    read_declarations(r, key);
}

static void read_declarations(struct reading *r, const char *key)
{
    struct value tree;
    struct str reason = value_from_json(r->manifest->settings, r->arena, &tree);
    size_t count = str_is_absent(reason) ? tree.object.count : 0;
    struct plugin_setting *settings = arena_array(r->arena, struct plugin_setting, count);

    if (!str_is_absent(reason))
        fault(r, key, "\"settings\": %.*s", STR_ARG(reason));
    if (count > SETTINGS_MAX)
        fault(r, key, "more than %d settings are declared", SETTINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct value_member *member = &tree.object.members[i];

        reason = setting_read(member->name, &member->value, &settings[i], r->arena);
        if (!str_is_absent(reason))
            fault(r, str_copy(r->arena, member->name).at, "%.*s", STR_ARG(reason));
    }
    r->manifest->declared = settings;
    r->manifest->declared_count = count;
}

static void read_always(struct reading *r, const char *key, json_t *value)
{
    if (!json_is_boolean(value))
        fault(r, key, "\"always\" must be true or false");
    r->manifest->is_always_on = json_is_true(value);
}

static void read_describe(struct reading *r, const char *key, json_t *value)
{
    r->manifest->describe = text_of(r, value);
    if (str_is_empty(r->manifest->describe))
        fault(r, key, "\"%s\" must be a text", key);
}

static bool read_list(struct reading *r, const char *key, json_t *value, struct texts *texts)
{
    size_t count = json_array_size(value);

    if (r->is_header && json_is_object(value) && json_object_size(value) == 0)
        return true; /* {} of Lua */
    if (!json_is_array(value)) {
        fault(r, key, "\"%s\" must be an array of texts", key);
        return false;
    }
    texts->at = arena_array(r->arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        texts->at[i] = text_of(r, json_array_get(value, i));
        if (str_is_empty(texts->at[i])) {
            fault(r, key, "\"%s\" must be an array of texts", key);
            return false;
        }
    }
    texts->count = count;
    return true;
}

/* Jansson keeps no lines of members: the first line that has the key in quotes is it. */
static void fault(struct reading *r, const char *key, const char *format, ...)
{
    struct str quoted = str_printf(r->arena, "\"%s\"", key);
    const char *at = key[0] ? memmem(r->text.at, r->text.len, quoted.at, quoted.len) : NULL;
    int line = 1;
    va_list args;

    for (const char *c = r->text.at; at && c < at; c++)
        line += *c == '\n';
    if (!r->is_header)
        buf_printf(r->report, "%.*s:%d: ", STR_ARG(r->path), line);
    va_start(args, format);
    buf_vprintf(r->report, format, args);
    va_end(args);
    buf_char(r->report, '\n');
    r->is_good = false;
}

static bool is_name(struct str text)
{
    if (text.len == 0 || text.len > 64)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* Absent: no text. */
static struct str text_of(struct reading *r, json_t *value)
{
    if (!json_is_string(value))
        return STR_NONE;
    return str_copy(r->arena, str_slice(json_string_value(value), json_string_length(value)));
}
