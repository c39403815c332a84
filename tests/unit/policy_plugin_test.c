/* Plugins of a folder: manifests, files, and that they are held to what they say. */
#include "api/clients.h"
#include "plugin/generation.h"
#include "policy_fixture.h"
#include "store/kv.h"

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

#define GOOD(rest)                                                                                 \
    "{\"id\": \"crm\", \"name\": \"C\", \"version\": \"1\", \"api\": 1, \"provides\": {},\n" rest

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
          "\"on\": [], \"rule\": [1]},\n\"capabilities\": [\"https\"], \"colour\": 1}",
          "p:1: \"id\" must be the name of the folder, \"crm\"\n"
          "p:2: \"on\": level 1 has rule, scope, filter, render, event, transaction, job, route, "
          "page and command\n"
          "p:2: \"rule\" must be an array of texts\n"
          "p:3: capability \"https\" is unknown: level 1 has \"api\", \"cache\", \"events\", "
          "\"http\", "
          "\"kv\", \"mail\", \"metrics\" "
          "and the names of permissions\n"
          "p:3: \"colour\" is unknown here\n" },
        { "{\"id\": \"crm\", \"name\": \"C\", \"version\": \"1\", \"api\": 1, \"provides\": {},\n"
          "\"always\": 1, \"settings\": {\n\"a\": {\"type\": \"integer\", \"default\": 9, \"max\": "
          "5},\n"
          "\"b\": {\"type\": \"choice\", \"default\": \"x\"},\n\"c\": {\"type\": \"word\"},\n"
          "\"d\": {\"type\": \"text\", \"default\": \"\", \"secret\": true},\n\"e f\": 1,\n"
          "\"g\": {\"type\": \"boolean\", \"default\": true, \"min\": 1}}}",
          "p:2: \"always\" must be true or false\n"
          "p:3: setting a: the default must be a whole number up to 5\n"
          "p:4: setting b: choices must be an array of texts\n"
          "p:5: setting c: type must be number, integer, text, boolean, choice or secret\n"
          "p:6: setting d: \"secret\" is none of type, default, min, max, choices, help\n"
          "p:7: setting e f: a name is letters, digits and '_', at most 64\n"
          "p:8: setting g: a boolean has no min\n" },
        { GOOD("\"capabilities\": [\"http\"]}"),
          "p:2: capability \"http\" needs \"hosts\": those that it reaches, like "
          "[\"api.example.com\"]\n" },
        { GOOD("\"hosts\": [\"api.example.com\"]}"),
          "p:2: \"hosts\" needs \"http\" among the capabilities\n" },
        { GOOD(
              "\"capabilities\": [\"http\"], \"hosts\": [\"https://a.example\", \"*.b.example\"]}"),
          "p:2: host \"https://a.example\": names are written like \"api.example.com\", "
          "\"*.example.com\" or \"*\", without https:// and port\n" },
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

/* ---- Scripts that say what they are ------------------------------------------------------------- */

static void refused(const char *source, const char *report)
{
    struct rules rules;

    rules_open_alone(&rules);
    rules_script("mine.lua", source);
    reload(&rules, report);
    rules_close(&rules);
}

TEST(a_script_is_held_to_its_header)
{
    refused(
        HEAD "foyer.plugin { provides = { rule = { \"client.list\" } } }\n"
             "foyer.rule(\"client.read\", function() end)",
        "mine.lua:3: foyer.plugin does not list it: add rule = { \"client.read\" } to provides");
    refused(
        HEAD "foyer.plugin { api = 2 }",
        "mine.lua:2: foyer.plugin: it needs level 2 of the API, and this program has 1: update it");
    refused(HEAD "foyer.plugin { colour = \"red\" }",
            "mine.lua:2: foyer.plugin: \"colour\" is unknown here");
    refused(HEAD "foyer.plugin { settings = {} }",
            "mine.lua:2: foyer.plugin: \"settings\" is unknown here");
    refused(HEAD "foyer.plugin { requires = { \"crm\" } }",
            "mine.lua:1: it requires \"crm\", which is not there");
    refused(HEAD "foyer.rule(\"client.list\", function() end)\nfoyer.plugin {}",
            "mine.lua:3: foyer.plugin is called once, before all else");
    refused(HEAD "foyer.plugin {}\nfoyer.plugin {}",
            "mine.lua:3: foyer.plugin is called once, before all else");
}

#define FILTER                                                                                     \
    "foyer.filter(\"client.create\", function()\n"                                                 \
    "  local ok, why = pcall(foyer.kv.get, \"x\")\n"                                               \
    "  return foyer.reject(\"said\", ok and \"it may\" or why)\n"                                  \
    "end)"

/* What the filter above came to. */
static struct str said(struct rules *rules)
{
    struct client client = { .given_name = STR("Jane") };
    struct kept_entries kept = { .first = NULL };
    uint64_t given = 0;

    rules->tx.is_writing = true;
    rules->tx.kept = &kept;
    CHECK_INT(policy_filter(&rules->tx, "client.create", &client_entity, NULL, &client, &given),
              ST_UNPROCESSABLE);
    return rules->tx.failure.message;
}

TEST(a_script_with_a_header_uses_what_it_lists_and_one_without_what_it_likes)
{
    static const struct {
        const char *header, *said;
    } cases[] = {
        { "", "it may" },
        { "foyer.plugin { capabilities = { \"kv\", \"mail\" } }\n", "it may" },
        { "foyer.plugin { capabilities = { \"mail\" } }\n",
          "foyer.kv.get needs \"kv\" among the capabilities of foyer.plugin" },
        { "foyer.plugin {}\n", "foyer.kv.get needs \"kv\" among the capabilities of foyer.plugin" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules rules;
        struct arena arena;
        struct str text;

        arena_init(&arena, 1 << 20);
        rules_script("mine.lua", str_printf(&arena, HEAD "%s" FILTER, cases[i].header).at);
        rules_open_alone(&rules);
        rules_begin(&rules);
        harness_note("%s", cases[i].header);
        text = said(&rules);
        CHECK(strstr(text.at, cases[i].said));
        rules_end(&rules);
        rules_close(&rules);
        arena_fini(&arena);
    }
}

TEST(a_header_orders_names_and_keeps_a_script_on)
{
    const struct plugin *plugin;
    struct rules rules;
    struct script_info info;

    rules_script("b.lua",
                 HEAD "foyer.plugin { name = \"The second\", version = \"1.2\", always = true,\n"
                      "  describe = \"Comes first.\", order = { before = { \"a\" } } }\n"
                      "foyer.rule(\"client.list\", function() return foyer.deny(\"b\") end)");
    rules_script("a.lua",
                 HEAD "foyer.rule(\"client.list\", function() return foyer.deny(\"a\") end)");
    rules_open_alone(&rules);
    for (int i = 0; i < 2; i++) { /* what is loaded again says the same */
        rules_begin(&rules);
        CHECK_STR(rules_ask(&rules, "client.list", NULL).code, "b");
        plugin = host_plugin(rules.policy, STR("b.lua"));
        CHECK(plugin);
        CHECK_STR(plugin_name(plugin), "The second");
        CHECK_STR(plugin->always, "it says that it is always on");
        rules_end(&rules);
        CHECK(host_script(rules.host, STR("b.lua"), &rules.arena, &info));
        CHECK_STR(info.describe, "Comes first.");
        CHECK_STR(info.version, "1.2");
        rules_script("c.lua", "-- Another generation.");
        reload(&rules, "");
    }
    rules_close(&rules);
}

/* ---- Bad input ---------------------------------------------------------------------------------- */

TEST(what_is_not_listed_fails_the_call_and_not_the_load)
{
    struct rules rules;

    write_file("plugin.json", SAYS("{\"filter\": [\"client.create\"]}", ""));
    write_file("main.lua", HEAD FILTER);
    rules_open_alone(&rules);
    reload(&rules, "");
    rules_begin(&rules);
    CHECK(
        strstr(said(&rules).at, "foyer.kv.get needs \"kv\" among the capabilities of plugin.json"));
    rules_end(&rules);
    rules_close(&rules);
}

TEST(a_template_that_misses_a_variable_names_it_and_the_caller_falls_back)
{
    struct rendered rendered;
    struct rules rules;

    write_file("plugin.json", SAYS("{\"render\": [\"mail.invite\"]}", ""));
    write_file("main.lua", HEAD "local body = foyer.template.load(\"templates/body.html\")\n"
                                "foyer.render(\"mail.invite\", function(ctx, data)\n"
                                "  return { html = body({ word = \"x\" }) }\n"
                                "end)");
    write_file("templates/body.html", "<p>{{ word }}</p>\n<p>{{ wrod }}</p>\n");
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK_INT(policy_render(&rules.tx, "mail.invite", STR_NONE, STR("{}"), &rendered),
              ST_RULE_ERROR);
    CHECK(strstr(rendered.fallback.at, "crm/templates/body.html:2"));
    CHECK(strstr(rendered.fallback.at, "wrod"));
    CHECK_INT(tx_status(&rules.tx), ST_OK);
    rules_end(&rules);
    rules_close(&rules);
}

TEST(two_of_one_name_are_refused_and_what_is_in_force_stays)
{
    struct rules rules;

    write_file("plugin.json", SAYS("{\"rule\": [\"client.list\"]}", ""));
    write_file("main.lua",
               HEAD "foyer.rule(\"client.list\", function() return foyer.deny(\"crm\") end)");
    rules_open_alone(&rules);
    rules_script("crm.lua", "-- of the same name");
    reload(&rules, "crm/main.lua: \"crm\" is also the name of crm.lua");
    rules_begin(&rules);
    CHECK_STR(rules_ask(&rules, "client.list", NULL).code, "crm");
    rules_end(&rules);
    rules_close(&rules);
}
