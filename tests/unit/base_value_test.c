/* Value: making, finding, comparing and copying trees. */
#include "base/arena.h"
#include "base/value.h"
#include "harness.h"

#include <string.h>

TEST(an_absent_text_is_a_nil_value)
{
    CHECK_INT(value_string(STR_NONE).type, VALUE_NIL);
    CHECK_INT(value_string(STR("")).type, VALUE_STRING);
}

TEST(members_are_found_by_name)
{
    const struct value_member members[] = { { STR("name"), value_string(STR("Ann")) },
                                            { STR("age"), value_integer(41) } };
    struct value object = value_object(members, 2);

    CHECK_STR(value_get_string(&object, STR("name")), "Ann");
    CHECK(str_is_absent(value_get_string(&object, STR("age"))));
    CHECK_INT(value_get(&object, STR("age"))->integer, 41);
    CHECK(value_get(&object, STR("nam")) == NULL);
    CHECK(value_get(NULL, STR("name")) == NULL);
    CHECK(value_get(&members[0].value, STR("name")) == NULL);
}

TEST(objects_are_equal_in_any_order_and_arrays_are_not)
{
    const struct value_member one[] = { { STR("a"), value_integer(1) },
                                        { STR("b"), value_bool(true) } };
    const struct value_member two[] = { { STR("b"), value_bool(true) },
                                        { STR("a"), value_integer(1) } };
    const struct value items[] = { value_integer(1), value_integer(2) };
    const struct value turned[] = { value_integer(2), value_integer(1) };
    struct value a = value_object(one, 2);
    struct value b = value_object(two, 2);
    struct value c = value_object(two, 1);
    struct value integer = value_integer(1);
    struct value number = value_number(1.0);
    struct value list = value_array(items, 2);
    struct value other = value_array(turned, 2);

    CHECK(value_eq(&a, &b));
    CHECK(!value_eq(&a, &c));
    CHECK(!value_eq(&integer, &number));
    CHECK(value_eq(&list, &list));
    CHECK(!value_eq(&list, &other));
}

TEST(a_copied_value_shares_nothing_with_its_source)
{
    char text[] = "Ann";
    struct value item = value_string(str_slice(text, 3));
    struct value_member member = { STR("names"), value_array(&item, 1) };
    struct value object = value_object(&member, 1);
    struct arena arena;
    struct value copy;

    arena_init(&arena, 4096);
    copy = value_copy(&arena, &object);
    CHECK(value_eq(&copy, &object));
    memset(text, 'x', 3);
    CHECK(!value_eq(&copy, &object));
    CHECK_STR(value_get(&copy, STR("names"))->array.items[0].string, "Ann");
    arena_fini(&arena);
}
