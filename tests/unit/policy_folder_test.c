/* Folder: the files of a plugin as one text, back again as a folder, and what is read while somebody writes. */
#include "base/limits.h"
#include "each_fault.h"
#include "lua/engine.h"
#include "plugin/folder.h"
#include "plugin/host.h"
#include "plugin/pack.h"
#include "plugin/sources.h"
#include "plugin/trial.h"
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST                                                                                   \
    "{\"id\": \"house\", \"name\": \"House\", \"version\": \"1\", \"api\": 1,\n"                   \
    " \"provides\": {\"rule\": [\"client.list\"]}}\n"
#define HEAD  "local foyer = require(\"foyer\")\n"
#define GOOD  HEAD "foyer.rule(\"client.list\", function() return foyer.allow(\"good\") end)\n"
#define FAILS HEAD "foyer.rule(\"client.list\", require(\"lib.bad\"))\n"
#define BAD   "return function(ctx) return ctx.nothing.at_all end\n"

static struct rules rules;

static void put(const char *name, const char *text)
{
    char path[300];
    FILE *file;

    snprintf(path, sizeof(path), "data/plugins/%s", name);
    for (char *at = path; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        mkdir(test_path(path), 0700);
    }
    file = fopen(test_path(path), "w");
    CHECK(file);
    fputs(text, file);
    fclose(file);
}

static const char *file(const char *name)
{
    static char text[1000];
    char path[300];
    FILE *opened;
    size_t len;

    snprintf(path, sizeof(path), "data/plugins/%s", name);
    opened = fopen(test_path(path), "r");
    len = opened ? fread(text, 1, sizeof(text) - 1, opened) : 0;
    text[len] = '\0';
    if (opened)
        fclose(opened);
    return opened ? text : "none";
}

static void put_good(void)
{
    put("house/plugin.json", MANIFEST);
    put("house/main.lua", GOOD);
    unlink(test_path("data/plugins/house/lib/bad.lua"));
}

static void put_failing(void)
{
    put("house/main.lua", FAILS);
    put("house/lib/bad.lua", BAD);
}

static void ask(int times)
{
    for (int i = 0; i < times; i++) {
        rules_begin(&rules);
        rules_ask(&rules, "client.list", NULL);
        rules_end(&rules);
    }
}

static enum status put_text(struct str text, struct str library, struct buf *report)
{
    return folder_put(test_path("data"), STR("house"), text, library, "left", report);
}

TEST(a_pack_gives_its_files_back_and_tells_where_it_is_spoilt)
{
    struct packed_file file;
    struct buf pack;
    struct str rest;

    buf_init(&pack, 1000);
    pack_add(&pack, STR("a name.lua"), STR("one\ntwo"));
    pack_add(&pack, STR("b"), STR(""));
    rest = buf_view(&pack);
    CHECK(pack_next(&rest, &file));
    CHECK_STR(file.name, "a name.lua");
    CHECK_STR(file.source, "one\ntwo");
    CHECK(pack_next(&rest, &file));
    CHECK_STR(file.source, "");
    CHECK(!pack_next(&rest, &file) && rest.len == 0);
    for (size_t len = 1; len < pack.len; len++) { /* cut anywhere, nothing is read beyond */
        rest = str_slice(pack.at, len);
        while (pack_next(&rest, &file))
            ;
        CHECK(rest.len > 0 || len == 21);
    }
    rest = STR("a 99999999999999999999\nx\n");
    CHECK(!pack_next(&rest, &file));
    rest = STR("a -1\nx\n");
    CHECK(!pack_next(&rest, &file));
    buf_fini(&pack);
}

TEST(a_folder_that_keeps_failing_is_left_with_all_of_its_files)
{
    struct script_left left[2];

    put_good();
    put("house/assets/a.svg", "<svg/>");
    put("house/tests/main_test.lua", "-- tests");
    rules_open(&rules);
    rules.config.script_trial_seconds = 600;
    put_failing();
    CHECK_INT(host_reload(rules.host, NULL), ST_OK);
    ask(TRIAL_FAILURES);
    host_end_trials(rules.host);
    CHECK_STR(file("house/main.lua"), GOOD);
    CHECK_STR(file("house/lib/bad.lua"), "none");
    CHECK_STR(file("house/assets/a.svg"), "<svg/>");
    CHECK_STR(file("house/tests/main_test.lua"), "-- tests");
    CHECK_STR(file("house.quarantined/main.lua"), FAILS);
    CHECK_STR(file("house.quarantined/lib/bad.lua"), BAD);
    CHECK(strstr(file("house.quarantined.txt"), "house/lib/bad.lua:1"));
    CHECK_INT(host_left(rules.host, &rules.arena, left, 2), 1);
    CHECK_STR(left[0].name, "house");
    CHECK(strstr(left[0].source.at, "ctx.nothing"));
    CHECK(strstr(left[0].before.at, "allow"));
    rules_close(&rules);
}

TEST(a_folder_that_somebody_changed_meanwhile_is_not_touched)
{
    put_good();
    rules_open(&rules);
    rules.config.script_trial_seconds = 600;
    put_failing();
    CHECK_INT(host_reload(rules.host, NULL), ST_OK);
    ask(TRIAL_FAILURES);
    put("house/lib/bad.lua", "-- mended, and not read yet\n");
    host_end_trials(rules.host);
    CHECK_STR(file("house/lib/bad.lua"), "-- mended, and not read yet\n");
    CHECK_STR(file("house.quarantined/main.lua"), "none");
    rules_close(&rules);
}

TEST(whatever_cannot_be_written_no_file_of_a_folder_is_lost)
{
    put_good();
    put("house/notes.md", "notes");
    rules_open(&rules);
    rules.config.script_trial_seconds = 600;
    EACH_FAULT(1u << FAULT_FILE)
    {
        struct script_left left;
        bool was_hit;

        fault_arm(0, 0);
        put_good();
        CHECK_INT(host_reload(rules.host, NULL), ST_OK);
        put_failing();
        CHECK_INT(host_reload(rules.host, NULL), ST_OK);
        ask(TRIAL_FAILURES);
        fault_arm(each_fault.sites, each_fault.nth);
        host_end_trials(rules.host);
        was_hit = EACH_FAULT_END();
        CHECK_STR(file("house/notes.md"), "notes");
        if (strcmp(file("house/main.lua"), FAILS) != 0) {
            CHECK_STR(file("house/main.lua"), GOOD);
            CHECK_STR(file("house.quarantined/lib/bad.lua"), BAD);
        } else {
            CHECK_STR(file("house/lib/bad.lua"), BAD);
        }
        if (!was_hit)
            CHECK_STR(file("house/main.lua"), GOOD);
        host_left_kept(rules.host, host_left(rules.host, &rules.arena, &left, 1));
    }
    rules_close(&rules);
}

TEST(a_folder_that_is_a_link_is_left_as_it_is)
{
    struct buf report;

    put("../elsewhere/plugin.json", MANIFEST);
    put("../elsewhere/main.lua", GOOD);
    put("other/plugin.json", "");
    CHECK_INT(symlink("../elsewhere", test_path("data/plugins/house")), 0);
    buf_init(&report, 1000);
    CHECK_INT(put_text(STR("main.lua 5\n-- me\n"), STR_NONE, &report), ST_OK);
    CHECK_STR(file("house/main.lua"), "-- me");
    CHECK_STR(file("../elsewhere/main.lua"), GOOD);
    CHECK_STR(file("house.left/main.lua"), GOOD);
    CHECK_INT(put_text(STR_NONE, STR_NONE, &report), ST_OK);
    CHECK_STR(file("house/main.lua"), "none");
    CHECK_STR(file("house.left/main.lua"), "-- me");
    CHECK_STR(file("../elsewhere/main.lua"), GOOD);
    CHECK_STR(buf_view(&report), "");
    buf_fini(&report);
}

TEST(a_library_comes_back_where_that_build_is_still_there)
{
    struct plugin_file files[] = { { .name = STR("a.so"), .source = STR("bytes") } };
    struct plugin plugin = { .id = STR("house"), .files = files, .file_count = 1 };
    struct arena arena;
    struct buf report;
    struct str text;

    arena_init(&arena, MIB(1));
    buf_init(&report, 1000);
    text = folder_text(&plugin, &arena);
    CHECK(!memmem(text.at, text.len, "bytes", 5));
    put("house/a.so", "others");
    CHECK_INT(put_text(text, STR_NONE, &report), ST_UNPROCESSABLE);
    CHECK_STR(buf_view(&report), "house/a.so: that build of the library is not there any more\n");
    CHECK_STR(file("house/a.so"), "others");
    CHECK_INT(put_text(text, STR("bytes"), &report), ST_OK);
    CHECK_STR(file("house/a.so"), "bytes");
    CHECK_STR(file("house.left/a.so"), "others");
    put("house/a.so", "newer");
    put("house.left/a.so", "bytes");
    CHECK_INT(put_text(text, STR_NONE, &report), ST_OK);
    CHECK_STR(file("house/a.so"), "bytes");
    buf_fini(&report);
    arena_fini(&arena);
}

TEST(pictures_come_back_where_they_still_lie_and_else_stay)
{
    struct plugin_file files[] = { { .name = STR("assets/a.png"), .source = STR("\xff one") },
                                   { .name = STR("assets/b.css"), .source = STR("b{}") },
                                   { .name = STR("assets/c.png"), .source = STR("\xff gone") } };
    struct plugin plugin = { .id = STR("house"), .files = files, .file_count = 3 };
    struct arena arena;
    struct buf report;
    struct str text;

    arena_init(&arena, MIB(1));
    buf_init(&report, 1000);
    text = folder_text(&plugin, &arena);
    CHECK(str_is_utf8(text));
    CHECK(memmem(text.at, text.len, "b{}", 3));
    put("house/assets/a.png", "\xff two");
    put("house/assets/b.css", "c{}");
    put("house/assets/note.md", "not read");
    put("house.left/assets/a.png", "\xff one");
    CHECK_INT(put_text(text, STR_NONE, &report), ST_OK);
    CHECK_STR(file("house/assets/b.css"), "b{}");
    CHECK_STR(file("house/assets/a.png"), "\xff one");
    CHECK_STR(file("house/assets/note.md"), "not read");
    CHECK_STR(file("house/assets/c.png"), "none");
    buf_fini(&report);
    arena_fini(&arena);
}

TEST(a_folder_of_too_much_text_is_refused_and_told)
{
    struct buf report, text;

    put_good();
    rules_open(&rules);
    buf_init(&text, KIB(200));
    while (text.len < KIB(120))
        buf_text(&text, "-- a line that says nothing at all, but is there, as others are, too\n");
    for (int i = 0; i < 20; i++) {
        char name[40];

        snprintf(name, sizeof(name), "house/lib/n%d.lua", i);
        buf_char(&text, '\n');
        put(name, str_copy(&rules.arena, buf_view(&text)).at);
    }
    buf_init(&report, KIB(4));
    CHECK_INT(host_reload(rules.host, &report), ST_UNPROCESSABLE);
    CHECK(strstr(str_copy(&rules.arena, buf_view(&report)).at,
                 "house/plugin.json: its files are larger than 2048 KiB together"));
    buf_fini(&report);
    buf_fini(&text);
    rules_close(&rules);
}

TEST(a_folder_that_is_being_written_is_not_settled)
{
    struct sources sources = { .data = test_path("data") };
    int looks = 0;

    put("house/lib/one.lua", "");
    CHECK(!sources_are_settled(&sources));
    while (!sources_are_settled(&sources) && looks++ < 500)
        usleep(20000);
    CHECK(sources_are_settled(&sources));
    CHECK_INT(rename(test_path("data/plugins/house"), test_path("data/plugins/moved")), 0);
    CHECK(sources_are_settled(&sources)); /* a whole folder in its place is no writing */
    put("moved/lib/two.lua", "");
    CHECK(!sources_are_settled(&sources));
}

/* Whoever loads writes, too. */
static struct runtime meddling;
static int meddled;

static struct instance *meddle(const struct plugin *plugin, const struct known *known,
                               struct registry *registry, struct arena *arena, struct fault *fault)
{
    char text[40];

    if (meddled >= 0) {
        snprintf(text, sizeof(text), "-- %d %0*d", meddled, 1 + meddled % 20, 0);
        meddled++;
        put("house/lib/other.lua", text);
    }
    return lua_runtime.open(plugin, known, registry, arena, fault);
}

TEST(what_changes_while_it_is_read_is_not_taken_half)
{
    const struct config config = { 0 };
    struct host_options options = {
        .config = &config, .data = test_path("data"), .runtime = &meddling, .slots = 1
    };
    struct failure failure = { 0 };
    struct arena arena;
    struct host *host;
    struct buf report;

    rules_open(&rules);
    options.router = rules.router;
    meddling = lua_runtime;
    meddling.open = meddle;
    meddled = -1;
    arena_init(&arena, MIB(1));
    buf_init(&report, KIB(4));
    put_good();
    CHECK_INT(host_open(&options, &host, &failure, &arena), ST_OK);
    CHECK_INT(host_generation(host), 1);
    meddled = 0;
    put("house/lib/other.lua", "-- new");
    CHECK_INT(host_reload(host, &report), ST_UNPROCESSABLE);
    CHECK(strstr(str_copy(&arena, buf_view(&report)).at, "change while they are read"));
    CHECK(meddled > 1);
    CHECK_INT(host_generation(host), 1);
    meddled = -1;
    CHECK_INT(host_reload(host, NULL), ST_OK);
    CHECK_INT(host_generation(host), 2);
    host_close(host);
    buf_fini(&report);
    arena_fini(&arena);
    rules_close(&rules);
}
