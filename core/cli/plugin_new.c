/* foyer plugin new: the folder of a plugin to begin with, which loads, does nothing yet that anybody would notice,
 * and has a test that passes.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct given {
    const char *folder, *name;
    bool as_json;
};

static int run(int argc, char **argv);
static struct str id_of(const char *folder);
static bool is_id(struct str id);
static bool make(const struct given *given, struct str id);
static bool put(const char *folder, const char *name, const struct buf *text);
static bool cannot(const char *path);
static void manifest(const struct given *given, struct str id, struct buf *out);
static void entry(struct str id, struct buf *out);
static void tests(struct str id, struct buf *out);
static void readme(const struct given *given, struct str id, struct buf *out);
static struct str title_of(const struct given *given, struct str id);

static const struct option options[] = {
    { "FOLDER", OPTION_OPERAND, offsetof(struct given, folder), OPTION_REQUIRED, NULL,
      "what is made; its last name is the plugin's id: letters, digits, '-' and '_'" },
    { "name", OPTION_TEXT, offsetof(struct given, name), false, "NAME",
      "what it is, for people; without, the id" },
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print JSON" },
    { 0 },
};

const struct command command_plugin_new = {
    .name = "plugin new",
    .summary = "make the folder of a plugin to begin with",
    .options = options,
    .notes =
        "Makes plugin.json, main.lua, tests/main_test.lua and README.md; `foyer plugin check "
        "FOLDER` "
        "and\n`foyer plugin test FOLDER` are content with it at once. A folder that is there is "
        "not touched.\nCopied to DIR/plugins of a data folder, it is in force.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct given given = { NULL };
    int code = options_read(&command_plugin_new, argc, argv, &given);
    struct str id;
    struct buf out;

    if (code != EXIT_DONE)
        return code;
    id = id_of(given.folder);
    if (!is_id(id))
        return command_misused(
            &command_plugin_new,
            "the last name of FOLDER is the plugin's id: letters, digits, '-' and "
            "'_', at most 64.");
    if (given.name && str_has_control(str_from(given.name)))
        return command_misused(&command_plugin_new, "--name must be one line.");
    if (!make(&given, id))
        return EXIT_FAILED;
    buf_init(&out, KIB(16));
    if (given.as_json) {
        buf_printf(&out, "{\"id\":\"%.*s\",\"folder\":", STR_ARG(id));
        buf_json(&out, str_from(given.folder));
        buf_text(&out, "}\n");
    } else {
        buf_printf(&out, "%s is made: see `foyer plugin test %s --watch`, and its README.md\n",
                   given.folder, given.folder);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
    return command_done(&command_plugin_new);
}

/* The last name, whatever slashes follow it. */
static struct str id_of(const char *folder)
{
    struct str path = str_from(folder), id = path;

    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    for (size_t i = 0; i < path.len; i++)
        if (path.at[i] == '/')
            id = str_slice(path.at + i + 1, path.len - i - 1);
    return id.at == path.at ? path : id;
}

static bool is_id(struct str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", id.at[i]))
            return false;
    return id.len > 0 && id.len <= 64;
}

static bool make(const struct given *given, struct str id)
{
    struct buf text;
    char path[4200];
    bool is_made;

    if (snprintf(path, sizeof(path), "%s/tests", given->folder) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return cannot(given->folder);
    }
    if (mkdir(given->folder, 0777) != 0)
        return cannot(given->folder);
    if (mkdir(path, 0777) != 0)
        return cannot(path);
    buf_init(&text, KIB(64));
    manifest(given, id, &text);
    is_made = put(given->folder, "plugin.json", &text);
    buf_clear(&text);
    entry(id, &text);
    is_made = is_made && put(given->folder, "main.lua", &text);
    buf_clear(&text);
    tests(id, &text);
    is_made = is_made && put(given->folder, "tests/main_test.lua", &text);
    buf_clear(&text);
    readme(given, id, &text);
    is_made = is_made && put(given->folder, "README.md", &text);
    buf_fini(&text);
    return is_made;
}

static bool put(const char *folder, const char *name, const struct buf *text)
{
    char path[4300];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return file_write_new(path, buf_view(text), 0644) || cannot(path);
}

static bool cannot(const char *path)
{
    if (errno == EEXIST)
        fprintf(stderr, "foyer plugin new: %s is there already: name another folder.\n", path);
    else
        fprintf(stderr, "foyer plugin new: %s cannot be made: %s\n", path, strerror(errno));
    return false;
}

/* ---- What stands in them ------------------------------------------------------------------------ */

static void manifest(const struct given *given, struct str id, struct buf *out)
{
    buf_printf(out, "{\n  \"id\": \"%.*s\",\n  \"name\": ", STR_ARG(id));
    buf_json(out, title_of(given, id));
    buf_text(out,
             ",\n"
             "  \"version\": \"0.1.0\",\n"
             "  \"api\": 1,\n"
             "  \"provides\": { \"rule\": [\"client.delete\"] },\n"
             "  \"capabilities\": [],\n"
             "  \"settings\": {\n"
             "    \"by_hand\": { \"type\": \"boolean\", \"default\": false, \"help\": \"Keys never "
             "delete clients.\" }\n"
             "  }\n"
             "}\n");
}

static void entry(struct str id, struct buf *out)
{
    buf_printf(
        out,
        "-- %.*s: what it answers. plugin.json says what it provides, and which settings it has.\n"
        "local foyer = require(\"foyer\")\n"
        "\n"
        "-- Nobody notices it until a workspace sets by_hand.\n"
        "foyer.rule(\"client.delete\", { describe = \"keys never delete\" }, function(ctx)\n"
        "  if ctx.settings.by_hand and ctx.actor:is(\"apiKey\") then\n"
        "    return foyer.deny(\"by_hand_only\", \"Clients are deleted by people.\")\n"
        "  end\n"
        "end)\n",
        STR_ARG(id));
}

static void tests(struct str id, struct buf *out)
{
    buf_printf(out,
               "local test = require(\"test\")\n"
               "\n"
               "local key = { kind = \"apiKey\", permissions = { \"delete_clients\" } }\n"
               "local by_hand = { [\"%.*s\"] = { by_hand = true } }\n"
               "\n"
               "test(\"keys delete until a workspace sets by_hand\", function(t)\n"
               "  local jane = { id = t.id(\"jane\") }\n"
               "\n"
               "  t.allows(\"client.delete\", { actor = key, target = jane })\n"
               "  t.equal(t.denies(\"client.delete\", { actor = key, target = jane, settings = "
               "by_hand }), "
               "\"by_hand_only\")\n"
               "end)\n",
               STR_ARG(id));
    buf_text(
        out,
        "\n"
        "-- The same in earnest: a workspace of its own, with a database, people and a clock.\n"
        "test(\"the API refuses a key where a workspace sets by_hand\", function(t)\n"
        "  local w = t.workspace { settings = { by_hand = true } }\n"
        "  local jane = w:client { givenName = \"Jane\", familyName = \"Doe\", email = "
        "\"jane@example.com\" }\n"
        "  local robot = w:key { name = \"robot\", scopes = { \"view_clients\", "
        "\"delete_clients\" } }\n"
        "\n"
        "  t.refused(robot:delete(\"/v1/clients/\" .. jane.id), 403, \"by_hand_only\")\n"
        "  t.equal(w.owner:delete(\"/v1/clients/\" .. jane.id).status, 200)\n"
        "end)\n");
}

static void readme(const struct given *given, struct str id, struct buf *out)
{
    struct str title = title_of(given, id);

    buf_printf(
        out,
        "# %.*s\n"
        "\n"
        "A plugin of Foyer.\n"
        "\n"
        "```\n"
        "foyer plugin test . --watch             run tests/ whenever a file changes\n"
        "foyer plugin check . --data DATA        load it beside what is there, and ask old "
        "decisions again\n"
        "cp -r . DATA/plugins/%.*s               put it in force\n"
        "foyer plugin set %.*s by_hand=true --data DATA\n"
        "```\n"
        "\n"
        "| setting | is |\n"
        "| --- | --- |\n"
        "| `by_hand` | whether API keys are kept from deleting clients; at first they are not |\n",
        STR_ARG(title), STR_ARG(id), STR_ARG(id));
}

static struct str title_of(const struct given *given, struct str id)
{
    return given->name && given->name[0] ? str_from(given->name) : id;
}
