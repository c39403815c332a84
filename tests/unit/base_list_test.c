/* Lists and tables. */
#include "harness.h"

#include "base/list.h"
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
    char name;
    struct list_node node;
};

static const char *names(struct list_node *head)
{
    static char text[32];
    size_t len = 0;

    LIST_EACH(head, node)
    text[len++] = LIST_ITEM(node, struct item, node)->name;
    text[len] = '\0';
    return text;
}

TEST(a_list_keeps_order_and_its_links)
{
    struct item items[4] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' }, { .name = 'd' } };
    struct list_node head, other;

    list_init(&head);
    list_init(&other);
    for (int i = 0; i < 4; i++)
        list_init(&items[i].node);
    CHECK(list_is_empty(&head) && list_first(&head) == NULL && list_last(&head) == NULL);
    list_append(&head, &items[1].node);
    list_append(&head, &items[2].node);
    list_prepend(&head, &items[0].node);
    CHECK_STR(names(&head), "abc");
    CHECK(list_is_in(&items[0].node) && !list_is_in(&items[3].node));
    list_insert_before(&items[1].node, &items[3].node);
    CHECK_STR(names(&head), "adbc");
    CHECK(list_first(&head) == &items[0].node && list_last(&head) == &items[2].node);
    EXPECT_ABORT(list_append(&other, &items[3].node));
    list_remove(&items[3].node);
    list_remove(&items[3].node);
    CHECK_STR(names(&head), "abc");
    list_append(&other, &items[3].node);
    list_move_all(&other, &head);
    CHECK_STR(names(&other), "dabc");
    CHECK(list_is_empty(&head));
    list_move_all(&other, &head);
    list_move_all(&head, &other);
    CHECK_STR(names(&head), "dabc");
    CHECK(list_pop(&head) == &items[3].node);
    CHECK(!list_is_in(&items[3].node));
    CHECK_STR(names(&head), "abc");
}

TEST(the_current_item_may_be_removed_while_walking)
{
    struct list_node head;
    int freed = 0;

    list_init(&head);
    for (int i = 0; i < 10; i++) {
        struct item *item = calloc(1, sizeof *item);

        CHECK(item != NULL);
        item->name = (char)('0' + i);
        list_init(&item->node);
        list_append(&head, &item->node);
    }
    LIST_EACH(&head, node)
    {
        struct item *item = LIST_ITEM(node, struct item, node);

        if (item->name % 2 == 0)
            continue;
        list_remove(node);
        free(item);
        freed++;
    }
    CHECK_INT(freed, 5);
    CHECK_STR(names(&head), "02468");
    while (!list_is_empty(&head))
        free(LIST_ITEM(list_pop(&head), struct item, node));
    CHECK(list_pop(&head) == NULL);
}

enum { MANY = 3000 };

static char keys[MANY][16];
static int values[MANY];

static void make_keys(void)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "key %d", i);
        values[i] = i;
    }
}

TEST(a_table_finds_what_was_put)
{
    struct table table;

    make_keys();
    table_init(&table, MANY);
    CHECK(table_get(&table, STR("x")) == NULL);
    CHECK(table_remove(&table, STR("x")) == NULL);
    for (int i = 0; i < MANY; i++) {
        CHECK(table_put(&table, str_from(keys[i]), &values[i]));
        CHECK_INT(table.count, i + 1);
    }
    for (int i = 0; i < MANY; i++)
        CHECK(table_get(&table, str_from(keys[i])) == &values[i]);
    CHECK(table_get(&table, STR("key 3000")) == NULL);
    CHECK(table_get(&table, STR("KEY 1")) == NULL);
    CHECK(table.count * 4 <= table.capacity * 3);
    table_clear(&table);
    CHECK(table_get(&table, STR("key 1")) == NULL);
    CHECK_INT(table.count, 0);
    table_fini(&table);
}

TEST(keys_are_bytes_and_the_empty_one_is_a_key)
{
    struct table table;
    int a, b, c, d;

    table_init(&table, 10);
    CHECK(table_put(&table, STR(""), &a));
    CHECK(table_put(&table, STR("a\0b"), &b));
    CHECK(table_put(&table, STR("a\0c"), &c));
    CHECK(table_put(&table, STR_NONE, &d));
    CHECK(table_get(&table, STR("")) == &a);
    CHECK(table_get(&table, STR("a\0b")) == &b);
    CHECK(table_get(&table, STR("a\0c")) == &c);
    CHECK(table_get(&table, STR_NONE) == &d);
    CHECK(table_get(&table, STR("a")) == NULL);
    EXPECT_ABORT(table_put(&table, STR("x"), NULL));
    table_fini(&table);
}

TEST(an_equal_key_takes_the_entry_over)
{
    char first[] = "same", second[] = "same";
    struct table table;
    struct str key;
    size_t at = 0;
    void *value;
    int a, b;

    table_init(&table, 1);
    CHECK(table_put(&table, str_from(first), &a));
    CHECK(table_put(&table, str_from(second), &b));
    CHECK_INT(table.count, 1);
    memset(first, 'x', 4); /* no longer kept */
    CHECK(table_get(&table, STR("same")) == &b);
    CHECK(table_next(&table, &at, &key, &value) && key.at == second && value == &b);
    CHECK(!table_next(&table, &at, &key, &value));
    table_fini(&table);
}

TEST(a_full_table_refuses_new_keys_alone)
{
    struct table table;

    make_keys();
    table_init(&table, 100);
    for (int i = 0; i < 100; i++)
        CHECK(table_put(&table, str_from(keys[i]), &values[i]));
    CHECK(!table_put(&table, str_from(keys[100]), &values[100]));
    CHECK(table_get(&table, str_from(keys[100])) == NULL);
    CHECK(table_put(&table, str_from(keys[5]), &values[6]));
    CHECK(table_remove(&table, str_from(keys[5])) == &values[6]);
    CHECK(table_put(&table, str_from(keys[100]), &values[100]));
    table_fini(&table);
    table_init(&table, 0);
    CHECK(!table_put(&table, STR("x"), &values[0]));
    table_fini(&table);
}

/* Against an array, with a table small enough that runs wrap around its end all the time. */
TEST(removal_in_any_order_leaves_the_rest_findable)
{
    bool is_in[24] = { false };
    struct table table;
    unsigned seed = 12345;

    make_keys();
    table_init(&table, 24);
    for (int step = 0; step < 100000; step++) {
        int i = (int)((seed = seed * 1664525u + 1013904223u) >> 16) % 24;

        if (seed & 0x8000) {
            CHECK(table_put(&table, str_from(keys[i]), &values[i]));
            is_in[i] = true;
        } else {
            CHECK((table_remove(&table, str_from(keys[i])) != NULL) == is_in[i]);
            is_in[i] = false;
        }
        if (step % 10 == 0)
            for (int k = 0; k < 24; k++)
                CHECK((table_get(&table, str_from(keys[k])) == &values[k]) == is_in[k]);
    }
    table_fini(&table);
}

static bool is_odd(struct str key, void *value, void *arg)
{
    CHECK(str_starts(key, STR("key ")));
    CHECK(arg == keys);
    return *(int *)value % 2 == 1;
}

static bool is_any(struct str key, void *value, void *arg)
{
    (void)key;
    (void)value;
    (void)arg;
    return true;
}

TEST(a_sweep_removes_the_dead_alone)
{
    struct table table;

    make_keys();
    for (int count = 0; count < 200; count++) {
        struct str key;
        void *value;
        size_t at = 0, walked = 0;

        table_init(&table, 1000);
        for (int i = 0; i < count; i++)
            CHECK(table_put(&table, str_from(keys[i]), &values[i]));
        CHECK_INT(table_sweep(&table, is_odd, keys), count / 2);
        for (int i = 0; i < count; i++)
            CHECK((table_get(&table, str_from(keys[i])) != NULL) == (i % 2 == 0));
        while (table_next(&table, &at, &key, &value))
            walked += *(int *)value % 2 == 0;
        CHECK_INT(walked, (count + 1) / 2);
        CHECK_INT(table_sweep(&table, is_any, NULL), (count + 1) / 2);
        CHECK_INT(table.count, 0);
        table_fini(&table);
    }
}

TEST(each_table_has_a_secret_of_its_own)
{
    struct table one, two;

    table_init(&one, 1);
    table_init(&two, 1);
    CHECK(memcmp(one.secret, two.secret, sizeof one.secret) != 0);
    table_fini(&one);
    table_fini(&two);
}
