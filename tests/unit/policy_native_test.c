/* Native plugins: pins, values of plugins, and what a manifest may name. The rest is seen from outside: tests/native. */
#include "base/config_check.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "harness.h"
#include "http/json_tree.h"
#include "plugin/native_inside.h"

#include <math.h>
#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

/* "" where it may run. */
static struct str refuse(struct arena *arena, const char *given, const char *file,
                         const char *digest)
{
    const struct native_pins pins = { .given = str_from(given), .file = str_from(file) };
    struct str reason = native_pins_refuse(&pins, STR("hello"), str_from(digest), arena);

    return str_is_absent(reason) ? STR("") : str_slice(reason.at, 28);
}

TEST(what_is_pinned_in_either_place_may_run)
{
    struct arena arena;

    arena_init(&arena, MIB(1));
    CHECK_STR(refuse(&arena, "hello=" A, NULL, A), "");
    CHECK_STR(refuse(&arena, "other=" B ", hello = " A " ,hello=" C, NULL, C), "");
    CHECK_STR(refuse(&arena, NULL, "# pins\n\nhello = " A "\nhello=" B "\n", B), "");
    CHECK_STR(refuse(&arena, NULL, "other=" A ", hello=" B, B), "");
    CHECK_STR(refuse(&arena, "hello=" C, "hello=" A, A), "");
    CHECK_STR(refuse(&arena,
                     "hello=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                     NULL, A),
              "");
    arena_fini(&arena);
}

TEST(what_is_not_pinned_may_not_run)
{
    struct arena arena;

    arena_init(&arena, MIB(1));
    CHECK_STR(refuse(&arena, NULL, NULL, A), "it is not pinned, and native");
    CHECK_STR(refuse(&arena, "", "", A), "it is not pinned, and native");
    CHECK_STR(refuse(&arena, "hell=" A ",hello2=" A, "#hello=" A "\n", A),
              "it is not pinned, and native");
    CHECK_STR(refuse(&arena, "hello=" B, NULL, A), "it is pinned to the SHA-256 ");
    CHECK_STR(refuse(&arena, NULL, "hello=" B "\nhello=" C, A), "it is pinned to the SHA-256 ");
    arena_fini(&arena);
}

TEST(a_pin_is_an_id_and_a_digest)
{
    CHECK(!check_native_plugins(STR("hello=" A)));
    CHECK(!check_native_plugins(STR("hello = " A ", b=" B)));
    CHECK(check_native_plugins(STR("hello")));
    CHECK(check_native_plugins(STR("hello=")));
    CHECK(check_native_plugins(STR("=" A)));
    CHECK(check_native_plugins(STR("hello=" A "a")));
    CHECK(check_native_plugins(STR("hello=" A ",")));
    CHECK(check_native_plugins(STR("hello=g" A)));
}

static struct str json(struct arena *arena, const struct value *value)
{
    struct buf out;
    struct str text;

    buf_init(&out, KIB(64));
    value_to_json(value, &out);
    text = str_copy(arena, buf_view(&out));
    buf_fini(&out);
    return text;
}

TEST(a_tree_goes_to_a_plugin_and_comes_back)
{
    static const char text[] =
        "{\"a\":[1,2.5,true,null,\"\xc3\xa4\"],\"b\":{\"c\":[]},\"d\":\"\",\"e\":{}}";
    const struct foyer_value *given, *a;
    struct value value, back;
    struct arena arena;

    arena_init(&arena, MIB(1));
    CHECK(str_is_absent(value_from_json(str_from(text), &arena, &value)));
    given = native_value_give(&arena, &value);
    a = foyer_get(given, "a");
    CHECK_INT(a->length, 5);
    CHECK_INT(a->items[0].integer, 1);
    CHECK(foyer_is(&a->items[4], "\xc3\xa4"));
    CHECK_INT(a->items[4].text[2], 0);
    CHECK(!foyer_get(given, "f"));
    CHECK(!foyer_get(a, "a"));
    CHECK_STR(foyer_text_of(a), "");
    CHECK(str_is_absent(native_value_take(&arena, given, &back)));
    CHECK_STR(json(&arena, &back), text);
    arena_fini(&arena);
}

static void refuses(struct foyer_value value, const char *reason)
{
    struct value taken;
    struct arena arena;

    arena_init(&arena, MIB(64));
    CHECK_STR(native_value_take(&arena, &value, &taken), reason);
    arena_fini(&arena);
}

TEST(trees_of_plugins_that_are_none_are_refused)
{
    static char long_text[VALUE_BYTES + 2];
    struct foyer_member member = { .name = NULL }, object;
    struct foyer_value items[2], value = foyer_text("x");

    memset(long_text, 'x', sizeof(long_text) - 1);
    value.text = NULL;
    refuses(value, "a text is NULL");
    refuses(foyer_text(long_text), "its texts are longer than 1 MB");
    refuses(foyer_text("\xc3"), "a text is no UTF-8");
    refuses(foyer_number(NAN), "a number is not finite");
    refuses(foyer_array(NULL, 1), "an array's items are NULL");
    refuses(foyer_object(NULL, 1), "an object's members are NULL");
    refuses(foyer_object(&member, 1), "a text is NULL");
    refuses(foyer_array(items, VALUE_NODES + 1), "it has more than 20,000 values");
    value.type = 99;
    refuses(value, "a value is of no type that there is");
    items[0] = foyer_array(items, 1); /* in a circle */
    refuses(items[0], "it nests deeper than 32");
    items[0] = items[1] = foyer_array(items, 2); /* and one that would double 32 times */
    refuses(items[0], "it nests deeper than 32");
    object.name = "round";
    object.value = foyer_object(&object, 1);
    refuses(object.value, "it nests deeper than 32");
}

TEST(what_older_plugins_know_of_the_table_is_where_it_was)
{
    CHECK_INT(offsetof(struct foyer_host, rule), 8);
    CHECK_INT(offsetof(struct foyer_host, get), 8 + 5 * sizeof(void *));
    CHECK_INT(offsetof(struct foyer_host, deadline), 8 + 18 * sizeof(void *));
    CHECK_INT(offsetof(struct foyer_host, on), 8 + 19 * sizeof(void *));
    CHECK_INT(offsetof(struct foyer_host, tell), 8 + 22 * sizeof(void *));
    CHECK_INT(FOYER_DATA, 8);
    CHECK_INT(FOYER_ARGS, 10);
}

TEST(the_header_and_the_table_are_of_one_date)
{
    CHECK_INT(native_host.size, sizeof(struct foyer_host));
    CHECK_INT(native_host.date, FOYER_PLUGIN_DATE);
    CHECK(FOYER_HAS(&native_host, deadline));
    for (size_t at = offsetof(struct foyer_host, rule); at < sizeof(native_host);
         at += sizeof(void *)) {
        void *function;

        memcpy(&function, (const char *)&native_host + at, sizeof(function));
        CHECK(function != NULL);
    }
    /* Of level 1: what stands here stays, whatever is added. */
    CHECK_INT(sizeof(struct foyer_value), 16);
    CHECK_INT(sizeof(struct foyer_member), 24);
    CHECK_INT(offsetof(struct foyer_host, rule), 8);
    CHECK_INT(offsetof(struct foyer_host, deadline), 8 + 18 * sizeof(void *));
    CHECK_INT(offsetof(struct foyer_plugin_table, self_test), 32);
    CHECK_INT(offsetof(struct foyer_options, before), 48);
}
