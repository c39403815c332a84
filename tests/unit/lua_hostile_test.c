/* Hostile scripts: each of tests/lua/hostile ends as its first line says, on the load budget and on
 * the budget of a rule, and leaves a state that works.
 */
#include "base/limits.h"
#include "harness.h"
#include "lua/budget.h"
#include "lua_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 4, NAME = 512, SOURCE = 160 * 1024, LEAST = 70 };

struct hostile {
    char name[NAME];
    char source[SOURCE];
    char expect[100]; /* "timeout", "error:…" */
};

static int is_lua(const struct dirent *entry)
{
    return str_ends(str_from(entry->d_name), STR(".lua"));
}

static const char *folder(void)
{
    static char path[NAME];
    const char *slash = strrchr(__FILE__, '/');

    snprintf(path, sizeof(path), "%.*s/../lua/hostile", (int)(slash - __FILE__), __FILE__);
    return path;
}

static void read_script(struct hostile *script, const char *name)
{
    char path[2 * NAME];
    const char *end;
    size_t len;
    FILE *file;

    snprintf(script->name, sizeof(script->name), "%s", name);
    snprintf(path, sizeof(path), "%s/%s", folder(), name);
    file = fopen(path, "rb");
    CHECK(file != NULL);
    len = fread(script->source, 1, sizeof(script->source) - 1, file);
    fclose(file);
    script->source[len] = '\0';
    CHECK(strncmp(script->source, "-- expect: ", 11) == 0);
    end = strstr(script->source, " -- ");
    CHECK(end != NULL && end < strchr(script->source, '\n'));
    snprintf(script->expect, sizeof(script->expect), "%.*s", (int)(end - script->source) - 11,
             script->source + 11);
}

/* What happened, in the words of the first line; "" where the error is the expected one. */
static bool is_expected(const struct hostile *script, struct lua_fixture *lua, enum status status)
{
    const char *kind = status == ST_OK ? "ok" : script_kind_name(lua->error.kind);

    if (strncmp(script->expect, "error:", 6) == 0)
        return (strcmp(kind, "runtime") == 0 || strcmp(kind, "syntax") == 0) &&
               memmem(lua->error.message.at, lua->error.message.len, script->expect + 6,
                      strlen(script->expect + 6)) != NULL;
    return strcmp(kind, script->expect) == 0;
}

static void check_usable(struct lua_fixture *lua)
{
    CHECK(script_memory_peak(lua->state) <= LIMIT_SCRIPT_STATE + KIB(64));
    CHECK_STR(lua_answer(lua, "local t = {} for i = 1, 100 do t[i] = i end "
                              "return #t .. ('x'):rep(3) .. ('abc'):match('b')"),
              "100xxxb");
}

static void run_on_load(const struct hostile *script)
{
    struct lua_fixture lua;
    enum status status;

    lua_begin(&lua, NULL);
    status = script_load(lua.state, str_from(script->name), str_from(script->source),
                         LIMIT_LOAD_MICROSECONDS / BUDGET_SCALE, NULL, &lua.error);
    if (!is_expected(script, &lua, status))
        harness_failed(__FILE__, __LINE__, "%s: expected %s, not %s", script->name, script->expect,
                       status == ST_OK ? "ok" : lua_error_text(&lua));
    check_usable(&lua);
    lua_end(&lua);
}

/* The same as a function: 5 ms are less than some need to fill the memory, which is as good an end. */
static void run_as_rule(const struct hostile *script)
{
    static char wrapped[SOURCE + 100];
    struct lua_fixture lua;
    enum status status;

    lua_begin(&lua, NULL);
    snprintf(wrapped, sizeof(wrapped), "return function(...) %s\nend", script->source);
    if (lua_load_text(&lua, wrapped) == ST_OK) {
        for (int i = 0; i < 3; i++) {
            status = lua_run(&lua);
            if (!is_expected(script, &lua, status) && lua.error.kind != SCRIPT_TIMEOUT)
                harness_failed(__FILE__, __LINE__, "%s as a rule: expected %s, not %s",
                               script->name, script->expect,
                               status == ST_OK ? "ok" : lua_error_text(&lua));
        }
    }
    check_usable(&lua);
    lua_end(&lua);
}

static void run_part(int part)
{
    static struct hostile script;
    struct dirent **entries;
    int count = scandir(folder(), &entries, is_lua, alphasort);

    CHECK(count >= LEAST);
    for (int i = 0; i < count; i++) {
        if (i % PARTS == part) {
            read_script(&script, entries[i]->d_name);
            harness_note("%s", script.name);
            run_on_load(&script);
            run_as_rule(&script);
        }
        free(entries[i]);
    }
    free(entries);
}

TEST(hostile_scripts_end_as_expected_first_part)
{
    run_part(0);
}

TEST(hostile_scripts_end_as_expected_second_part)
{
    run_part(1);
}

TEST(hostile_scripts_end_as_expected_third_part)
{
    run_part(2);
}

TEST(hostile_scripts_end_as_expected_fourth_part)
{
    run_part(3);
}
