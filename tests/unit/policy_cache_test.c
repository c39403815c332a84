/* The cache of plugins: what a transaction sees of it, who sees what, when it goes, and many at once. */
#include "base/limits.h"
#include "base/thread.h"
#include "harness.h"
#include "plugin/cache.h"
#include "store/tx.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct cache_place place;

static void open_cache(void)
{
    arena_init(&arena, MIB(64));
    place = (struct cache_place){
        .cache = cache_new(), .plugin = STR("crm"), .edition = 1, .workspace = 1, .version = 1
    };
}

static void close_cache(void)
{
    cache_free(place.cache);
    arena_fini(&arena);
}

static struct tx begin(int64_t now, bool is_writing)
{
    return (struct tx){ .arena = &arena, .now = now, .is_writing = is_writing };
}

static void set(struct tx *tx, const char *key, const char *json, int64_t expires_at)
{
    const struct cache_change change = {
        .kind = CACHE_SET, .key = str_from(key), .value = str_from(json), .expires_at = expires_at
    };
    int64_t sum;

    CHECK(cache_change(tx, &place, &change, &sum));
}

/* -1: it cannot be added to. */
static int64_t add(struct tx *tx, const char *key, int64_t number)
{
    const struct cache_change change = {
        .kind = CACHE_ADD, .key = str_from(key), .number = number, .expires_at = tx->now + 10
    };
    int64_t sum;

    return cache_change(tx, &place, &change, &sum) ? sum : -1;
}

static void take_away(struct tx *tx, const char *key)
{
    const struct cache_change change = { .kind = CACHE_DELETE, .key = str_from(key) };
    int64_t sum;

    CHECK(cache_change(tx, &place, &change, &sum));
}

static struct str seen(const char *key, int64_t now)
{
    struct tx tx = begin(now, false);

    return cache_get(&tx, &place, str_from(key));
}

TEST(an_entry_ends_when_its_time_is_over)
{
    struct cache_figures figures;
    struct tx tx = begin(100, false);

    open_cache();
    set(&tx, "a", "{\"b\":1}", 150);
    CHECK_STR(seen("a", 149), "{\"b\":1}");
    CHECK(str_is_absent(seen("a", 150)));
    CHECK(str_is_absent(seen("a", 149)));
    CHECK_INT(add(&tx, "n", 2), 2);
    tx.now = 105;
    CHECK_INT(add(&tx, "n", 3), 5);
    CHECK_STR(seen("n", 109), "5");
    tx.now = 110; /* it ends when it was to end first */
    CHECK_INT(add(&tx, "n", 1), 1);
    set(&tx, "t", "\"text\"", 200);
    CHECK_INT(add(&tx, "t", 1), -1);
    set(&tx, "most", "9223372036854775807", 200);
    CHECK_INT(add(&tx, "most", 1), -1);
    CHECK_STR(seen("most", 120), "9223372036854775807");
    take_away(&tx, "most");
    take_away(&tx, "none");
    CHECK(str_is_absent(seen("most", 120)));
    cache_figures(place.cache, &figures);
    CHECK_INT(figures.entries, 2);
    close_cache();
}

TEST(another_text_choice_workspace_or_plugin_begins_empty)
{
    struct tx tx = begin(100, false);
    struct cache_place first;

    open_cache();
    first = place;
    set(&tx, "a", "1", 150);
    place.edition = 2;
    CHECK(str_is_absent(seen("a", 100)));
    place = first;
    place.version = 2;
    CHECK(str_is_absent(seen("a", 100)));
    place = first;
    place.workspace = 2;
    CHECK(str_is_absent(seen("a", 100)));
    place = first;
    place.plugin = STR("cr");
    CHECK(str_is_absent(seen("a", 100)));
    place = first;
    CHECK_STR(seen("a", 100), "1");
    close_cache();
}

TEST(what_a_transaction_changes_is_held_until_it_commits)
{
    struct tx tx = begin(100, true), other;
    struct failure failure = { .status = ST_OK };

    open_cache();
    set(&tx, "a", "1", 150);
    CHECK_STR(cache_get(&tx, &place, STR("a")), "1");
    CHECK_INT(add(&tx, "a", 5), 6);
    CHECK_STR(cache_get(&tx, &place, STR("a")), "6");
    take_away(&tx, "b");
    CHECK_INT(add(&tx, "b", 7), 7);
    CHECK(str_is_absent(seen("a", 100)));

    other = begin(100, false); /* meanwhile */
    CHECK_INT(add(&other, "b", 100), 100);
    tx_held_apply(tx.held);
    CHECK_STR(seen("a", 100), "6");
    CHECK_STR(seen("b", 100), "7");

    tx = begin(101, true); /* is rolled back, and runs again */
    CHECK_INT(add(&tx, "a", 1), 7);
    tx = begin(101, true);
    CHECK_INT(add(&tx, "a", 1), 7);
    tx_held_apply(tx.held);
    CHECK_STR(seen("a", 101), "7");

    tx = begin(102, true);
    tx.is_writing = false; /* without a database an item has nothing to undo there */
    tx_item_begin(&tx);
    tx.is_writing = true;
    CHECK_INT(add(&tx, "a", 1), 8);
    tx.is_writing = false;
    CHECK_INT(tx_item_end(&tx, &failure), ST_OK);
    tx_item_begin(&tx);
    tx.is_writing = true;
    CHECK_INT(add(&tx, "a", 10), 18);
    tx_fail(&tx, ST_CONFLICT, NULL, "no");
    tx.is_writing = false;
    CHECK_INT(tx_item_end(&tx, &failure), ST_CONFLICT);
    CHECK_STR(cache_get(&tx, &place, STR("a")), "8");
    tx_held_apply(tx.held);
    CHECK_STR(seen("a", 102), "8");
    close_cache();
}

TEST(what_was_not_used_for_longest_goes_first)
{
    static char large[60000];
    struct cache_figures figures;
    struct tx tx = begin(100, false);
    char key[20];

    open_cache();
    memset(large, '1', sizeof(large) - 1);
    set(&tx, "first", "1", 1000);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "%d", i);
        set(&tx, key, large, 1000);
        CHECK_STR(seen("first", 100), "1");
    }
    cache_figures(place.cache, &figures);
    CHECK(figures.bytes <= LIMIT_CACHE_PLACE);
    CHECK(figures.evicted >= 25 && figures.evicted < 50);
    CHECK(str_is_absent(seen("0", 100)));
    CHECK_INT(seen("99", 100).len, sizeof(large) - 1);
    for (int i = 0; i < 2000; i++) { /* many workspaces */
        place.workspace = 2 + i % 20;
        snprintf(key, sizeof(key), "%d", i);
        set(&tx, key, large, 1000);
    }
    cache_figures(place.cache, &figures);
    CHECK(figures.bytes <= LIMIT_CACHE);
    CHECK(figures.bytes > LIMIT_CACHE - 2 * sizeof(large));
    place.workspace = 1;
    CHECK(str_is_absent(seen("99", 100)));
    close_cache();
}

enum { THREADS = 4, TIMES = 3000 };

static void hammer(void *arg)
{
    struct cache_place own = place;
    struct arena mine;
    struct tx tx;
    char key[20];
    int64_t sum;

    arena_init(&mine, MIB(1));
    for (int i = 0; i < TIMES; i++) {
        struct cache_change change = {
            .kind = CACHE_ADD, .key = STR("sum"), .number = 1, .expires_at = 1000
        };

        arena_reset(&mine);
        tx = (struct tx){ .arena = &mine, .now = 100 + i % 7, .is_writing = i % 3 == 0 };
        CHECK(cache_change(&tx, &own, &change, &sum));
        own.workspace = 1 + (i + *(const int *)arg) % 3;
        snprintf(key, sizeof(key), "%d", i % 50);
        change = (struct cache_change){ .kind = i % 5 ? CACHE_SET : CACHE_DELETE,
                                        .key = str_from(key),
                                        .value = STR("\"some text\""),
                                        .expires_at = 103 };
        CHECK(cache_change(&tx, &own, &change, &sum));
        cache_get(&tx, &own, str_from(key));
        own.workspace = 1;
        tx_held_apply(tx.held);
    }
    arena_fini(&mine);
}

TEST(many_threads_add_and_nothing_is_lost)
{
    struct thread threads[THREADS];
    int numbers[THREADS];

    open_cache();
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK_INT(thread_start(&threads[i], "hammer", hammer, &numbers[i]), ST_OK);
    }
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    CHECK_STR(seen("sum", 100), "12000");
    close_cache();
}
