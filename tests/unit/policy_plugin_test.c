/* Plugins of a folder: manifests, files, and that they are held to what they say. */
#include "plugin/manifest.h"
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD "local foyer = require(\"foyer\")\n"
#define SAYS(provides, more)                                                                       \
    "{\"id\": \"crm\", \"name\": \"CRM\", \"version\": \"1.0\", \"api\": 1,\n"                     \
    " \"provides\": " provides more "}"

static void write_file(const char *name, const char *text)
{
    char path[200];

    mkdir(test_path("data"), 0700);
    mkdir(test_path("data/plugins"), 0700);
    mkdir(test_path("data/plugins/crm"), 0700);
    mkdir(test_path("data/plugins/crm/lib"), 0700);
    mkdir(test_path("data/plugins/crm/templates"), 0700);
    snprintf(path, sizeof(path), "data/plugins/crm/%s", name);
    test_write_file(path, str_from(text));
}

static void reload(struct rules *rules, const char *report)
{
    struct buf text;

    buf_init(&text, 10000);
    CHECK_INT(host_reload(rules->host, &text), report[0] ? ST_UNPROCESSABLE : ST_OK);
    CHECK_STR(str_trim(buf_view(&text)), report);
    buf_fini(&text);
}

TEST(a_plugin_of_a_folder_has_files_templates_and_settings)
{
    struct rendered rendered;
    struct rules rules;

    write_file("plugin.json", SAYS("{\"render\": [\"mail.invite\"]}",
                                   ", \"settings\": {\"word\": {\"type\": \"text\", \"default\": "
                                   "\"Hi\"}}"));
    write_file("main.lua",
               HEAD "local words = require(\"lib.words\")\n"
                    "local body = foyer.template.load(\"templates/body.html\")\n"
                    "foyer.render(\"mail.invite\", function(ctx, data)\n"
                    "  return { html = body({ word = ctx.settings.word, name = words.name }) }\n"
                    "end)");
    write_file("lib/words.lua", "return { name = \"<Jane>\" }");
    write_file("templates/body.html", "<p>{{ word }} {{ name }}</p>");
    rules_open_alone(&rules);
    reload(&rules, "");
    rules_begin(&rules);
    CHECK_INT(policy_render(&rules.tx, "mail.invite", STR_NONE, STR("{}"), &rendered), ST_OK);
    CHECK_STR(rendered.html, "<p>Hi &lt;Jane&gt;</p>");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(a_plugin_is_held_to_its_manifest)
{
    struct rules rules;

    rules_open_alone(&rules);
    write_file("plugin.json", SAYS("{\"rule\": [\"client.list\"]}", ""));
    write_file("main.lua", HEAD "foyer.rule(\"client.read\", function() end)");
    reload(&rules,
           "crm/main.lua:2: plugin.json does not list it: add \"rule\": [\"client.read\"] to "
           "\"provides\"");
    write_file("main.lua", HEAD "foyer.settings {}");
    write_file("plugin.json", SAYS("{}", ", \"settings\": {}"));
    reload(&rules, "crm/main.lua:2: the settings of this plugin are in its plugin.json");
    write_file("plugin.json", SAYS("{}", ", \"requires\": [\"dashboard\"]"));
    write_file("main.lua", "");
    reload(&rules, "crm/plugin.json: it requires \"dashboard\", which is not there");
    write_file("plugin.json", SAYS("{}", ", \"entry\": \"start.lua\""));
    reload(&rules, "crm/plugin.json: its entry \"start.lua\" is not there");
    rules_close(&rules);
}

TEST(every_fault_of_a_manifest_is_named_with_its_line)
{
    static const struct {
        const char *text, *report;
    } cases[] = {
        { "{", "p:1: string or '}' expected near end of file\n" },
        { "[]", "p:1: it must be an object\n" },
        { "{}", "p:1: \"id\" is missing\np:1: \"name\" is missing\np:1: \"version\" is missing\n"
                "p:1: \"api\" is missing\np:1: \"provides\" is missing\n" },
        { "{\"id\": \"x y\", \"name\": 1, \"version\": \"1\",\n\"api\": 2,\n\"provides\": []}",
          "p:1: \"id\" must be letters, digits, '-' and '_'\np:1: \"name\" must be a text\n"
          "p:2: it needs level 2 of the API, and this program has 1: update it\n"
          "p:3: \"provides\" must be an object like {\"render\": [\"page.home\"]}\n" },
        { "{\"id\": \"other\", \"name\": \"C\", \"version\": \"1\", \"api\": 1, \"provides\": {\n"
          "\"on\": [], \"rule\": [1]},\n\"capabilities\": [\"http\"], \"colour\": 1}",
          "p:1: \"id\" must be the name of the folder, \"crm\"\n"
          "p:2: \"on\": level 1 has rule, scope, filter, render, event and transaction\n"
          "p:2: \"rule\" must be an array of texts\n"
          "p:3: capability \"http\" is unknown: level 1 has \"api\", \"kv\", \"mail\" and the "
          "names of "
          "permissions\n"
          "p:3: \"colour\" is unknown here\n" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena;
        struct buf report;

        arena_init(&arena, 1 << 20);
        buf_init(&report, 10000);
        CHECK(!manifest_read(STR("p"), str_from(cases[i].text), STR("crm"), &arena, &report));
        CHECK_STR(buf_view(&report), cases[i].report);
        buf_fini(&report);
        arena_fini(&arena);
    }
}

TEST(a_plugin_of_a_name_takes_the_place_of_the_bundled_one)
{
    struct rendered rendered;
    struct rules rules;

    mkdir(test_path("data"), 0700);
    mkdir(test_path("data/plugins"), 0700);
    mkdir(test_path("data/plugins/portal"), 0700);
    test_write_file("data/plugins/portal/plugin.json",
                    STR("{\"id\": \"portal\", \"name\": \"Ours\", \"version\": \"2\", \"api\": 1,"
                        " \"provides\": {\"render\": [\"page.home\"]}}"));
    test_write_file("data/plugins/portal/main.lua",
                    STR(HEAD "foyer.render(\"page.home\", function() return \"ours\" end)"));
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK_INT(policy_render(&rules.tx, "page.home", STR_NONE, STR("{}"), &rendered), ST_OK);
    CHECK_STR(rendered.text, "ours");
    CHECK_INT(policy_render(&rules.tx, "page.sign_in", STR_NONE, STR("{}"), &rendered),
              ST_RULE_ERROR);
    rules_end(&rules);
    rules_close(&rules);
}
