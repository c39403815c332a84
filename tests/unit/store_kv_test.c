/* Entries of scripts: versions, ends, pages, what is full; and that a test's entries are the same. */
#include "base/clock.h"
#include "store/kv.h"
#include "store/query.h"
#include "store_fixture.h"

#include <string.h>

#define NOW INT64_C(1795471980000000)

struct keeping {
    struct store store;
    struct kept_entries kept;
    struct tx tx;
};

static void begin(struct keeping *k, bool in_test)
{
    store_open(&k->store);
    store_sql(&k->store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at) VALUES"
                         " (1, zeroblob(16), 'One', 1, 1), (2, randomblob(16), 'Two', 1, 1)");
    CHECK_INT(tx_batch_begin(k->store.db), ST_OK);
    store_job(&k->store, &k->tx);
    k->kept = (struct kept_entries){ .first = NULL };
    k->tx.now = NOW;
    k->tx.workspace = 1;
    k->tx.kept = in_test ? &k->kept : NULL;
}

static void end(struct keeping *k)
{
    tx_job_end(&k->tx, false);
    tx_batch_abandon(k->store.db);
    store_close(&k->store);
}

static int64_t set(struct keeping *k, const char *key, const char *value)
{
    return kv_set(&k->tx, &(struct kv_wish){
                              .plugin = STR("a"), .key = str_from(key), .value = str_from(value) });
}

static const char *get(struct keeping *k, const char *plugin, const char *key)
{
    struct kv_entry entry;

    return kv_get(&k->tx, str_from(plugin), str_from(key), &entry)
               ? str_copy(k->tx.arena, entry.value).at
               : "nothing";
}

static void keep_and_lose(bool in_test)
{
    struct kv_wish wish = { .plugin = STR("a"), .key = STR("k"), .is_conditional = true };
    struct kv_entry entry;
    struct keeping k;
    int64_t first, second;

    begin(&k, in_test);
    CHECK_STR(str_from(get(&k, "a", "k")), "nothing");
    wish.value = STR("1");
    first = kv_set(&k.tx, &wish);
    CHECK(first > 0);
    CHECK_INT(kv_set(&k.tx, &wish), 0); /* it is there already */
    wish.version = first;
    wish.value = STR("2");
    second = kv_set(&k.tx, &wish);
    CHECK(second > first);
    CHECK_INT(kv_set(&k.tx, &wish), 0); /* of a version that was */
    CHECK_STR(str_from(get(&k, "a", "k")), "2");
    CHECK_STR(str_from(get(&k, "b", "k")), "nothing");
    CHECK(!kv_delete(&k.tx, &wish));
    wish.version = second;
    CHECK(kv_delete(&k.tx, &wish));
    CHECK_STR(str_from(get(&k, "a", "k")), "nothing");
    CHECK(set(&k, "k", "3") > second); /* a version never comes again */

    wish = (struct kv_wish){ STR("a"), STR("t"), STR("4"), .expires_at = NOW + CLOCK_SECOND };
    CHECK(kv_set(&k.tx, &wish) > 0);
    CHECK(kv_get(&k.tx, STR("a"), STR("t"), &entry));
    CHECK_INT(entry.expires_at, NOW + CLOCK_SECOND);
    k.tx.now = NOW + CLOCK_SECOND;
    CHECK(!kv_get(&k.tx, STR("a"), STR("t"), &entry));
    CHECK_INT(tx_status(&k.tx), ST_OK);
    end(&k);
}

TEST(an_entry_is_changed_by_its_version_and_ends)
{
    keep_and_lose(false);
}

TEST(entries_of_a_test_are_as_those_of_the_database)
{
    keep_and_lose(true);
}

static void list(bool in_test)
{
    static const char *const keys[] = { "b/2", "a", "b/1", "b/\xC3\xA9", "c", "b" };
    struct kv_entry *entries;
    struct keeping k;

    begin(&k, in_test);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        CHECK(set(&k, keys[i], "1") > 0);
    CHECK_INT(kv_list(&k.tx, STR("a"), STR("b/"), STR_NONE, 10, &entries), 3);
    CHECK_STR(entries[0].key, "b/1");
    CHECK_STR(entries[2].key, "b/\xC3\xA9");
    CHECK_INT(kv_list(&k.tx, STR("a"), STR("b/"), STR("b/1"), 1, &entries), 1);
    CHECK_STR(entries[0].key, "b/2");
    CHECK_INT(kv_list(&k.tx, STR("a"), STR(""), STR_NONE, 10, &entries), 6);
    CHECK_INT(kv_list(&k.tx, STR("x"), STR(""), STR_NONE, 10, &entries), 0);
    end(&k);
}

TEST(entries_are_listed_by_key)
{
    list(false);
    list(true);
}

TEST(each_workspace_has_entries_of_its_own)
{
    struct keeping k;

    begin(&k, false);
    CHECK(set(&k, "k", "1") > 0);
    k.tx.workspace = 2;
    CHECK_STR(str_from(get(&k, "a", "k")), "nothing");
    end(&k);
}

TEST(what_has_expired_is_swept)
{
    struct kv_wish wish = { STR("a"), STR("t"), STR("4"), .expires_at = NOW + 1 };
    struct keeping k;

    begin(&k, false);
    CHECK(set(&k, "stays", "1") > 0);
    CHECK(kv_set(&k.tx, &wish) > 0);
    CHECK_INT(kv_sweep(&k.tx, 10), 0);
    k.tx.now = NOW + 1;
    CHECK_INT(kv_sweep(&k.tx, 10), 1);
    CHECK_INT(kv_sweep(&k.tx, 10), 0);
    CHECK_STR(str_from(get(&k, "a", "stays")), "1");
    end(&k);
}

/* The item is undone, what was kept before stays, and room is there again after a deletion. */
static void fill(const char *sizes)
{
    static char large[KV_VALUE_MAX + 1];
    struct failure failure = { 0 };
    struct keeping k;

    memset(large, '1', KV_VALUE_MAX);
    begin(&k, false);
    CHECK(set(&k, "first", large) > 0);
    CHECK_INT(query_run(&k.tx, sizes, NO_ARGS), 1);
    tx_item_begin(&k.tx);
    CHECK(set(&k, "second", large) > 0); /* the last that has room */
    CHECK_INT(tx_item_end(&k.tx, &failure), ST_OK);
    tx_item_begin(&k.tx);
    set(&k, "third", "1");
    CHECK_INT(tx_item_end(&k.tx, &failure), ST_UNPROCESSABLE);
    CHECK_STR(failure.code, "kv_full");
    CHECK_STR(str_from(get(&k, "a", "third")), "nothing");
    CHECK(kv_delete(&k.tx, &(struct kv_wish){ .plugin = STR("a"), .key = STR("first") }));
    CHECK(set(&k, "third", "1") > 0);
    CHECK_INT(tx_status(&k.tx), ST_OK);
    end(&k);
}

TEST(a_plugin_that_keeps_256_mib_is_told_that_it_is_full)
{
    /* Two values of 64 KiB and their names: 131,083 bytes. */
    fill("UPDATE kv_sizes SET bytes = bytes + 268435456 - 131083");
}

TEST(a_plugin_that_keeps_a_million_entries_is_told_that_it_is_full)
{
    fill("UPDATE kv_sizes SET entries = entries + 999998");
}
