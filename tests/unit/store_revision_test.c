/* Revisions: which text of a script is live, what was before it, and going back. */
#include "store/revision.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <string.h>

#define NAME STR("house_rules.lua")

static struct store store;
static struct tx tx;

static void begin(void)
{
    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    tx.now = 1000;
    tx.actor = (struct actor){ .kind = ACTOR_STAFF, .road = "session" };
}

static void end(void)
{
    tx_job_end(&tx, tx_status(&tx) == ST_OK);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    store_close(&store);
}

/* "3 live, 2 replaced, 1 replaced", newest first. */
static const char *states(void)
{
    static const char *const names[] = { "live", "refused", "replaced", "rolled back",
                                         "quarantined" };
    struct revision *revisions;
    struct str text = STR("");
    size_t count;

    CHECK_INT(revision_list(&tx, NAME, &revisions, &count), ST_OK);
    for (size_t i = 0; i < count; i++)
        text = str_printf(&store.arena, "%.*s%s%lld %s", STR_ARG(text), i ? ", " : "",
                          (long long)revisions[i].version, names[revisions[i].state]);
    return text.at;
}

static void put(const char *source)
{
    CHECK_INT(revision_insert(&tx, NAME, str_from(source)), ST_OK);
}

TEST(each_text_that_is_put_is_a_version_and_the_same_one_is_none)
{
    struct revision revision;

    begin();
    put("-- one");
    put("-- one");
    put("-- two");
    CHECK_INT(revision_insert_refused(&tx, NAME, STR("no"), STR("house_rules.lua:1: no")), ST_OK);
    CHECK_STR(str_from(states()), "3 refused, 2 live, 1 replaced");
    CHECK_INT(revision_load(&tx, NAME, 1, &revision), ST_OK);
    CHECK_STR(revision.source, "-- one");
    CHECK_INT(revision.bytes, 6);
    CHECK_INT(revision.sha256.len, 64);
    CHECK_INT(revision.created_at, 1000);
    CHECK_STR(revision.actor_kind, "internalUser");
    CHECK_INT(revision_load(&tx, NAME, 3, &revision), ST_OK);
    CHECK_STR(revision.report, "house_rules.lua:1: no");
    CHECK_INT(revision_load(&tx, STR("other.lua"), 1, &revision), ST_NOT_FOUND);
    tx_job_end(&tx, false);
    tx_batch_abandon(store.db);
    store_close(&store);
}

TEST(going_back_is_a_version_of_its_own_and_goes_on_further_back)
{
    struct revision revision;

    begin();
    put("-- one");
    put("-- two");
    put("-- three");
    CHECK_INT(revision_before(&tx, NAME, STR("-- three")), 2);
    CHECK(tx.effects.scripts);
    tx.effects.scripts = 0;
    CHECK_INT(revision_go_back(&tx, NAME, 2), ST_OK);
    CHECK(tx.effects.scripts); /* the writer waits for it before it looks at what is in force */
    CHECK_STR(str_from(states()), "4 live, 3 rolled back, 2 replaced, 1 replaced");
    CHECK_INT(revision_load(&tx, NAME, 4, &revision), ST_OK);
    CHECK_INT(revision.back_to, 2);
    CHECK_STR(revision.source, "-- two");
    CHECK_INT(revision_before(&tx, NAME, STR("-- two")), 1); /* not 2, which says the same */
    CHECK_INT(revision_go_back(&tx, NAME, 1), ST_OK);
    CHECK_INT(revision_before(&tx, NAME, STR("-- one")), 0);
    CHECK_INT(revision_go_back(&tx, NAME, 0), ST_OK);
    CHECK_STR(str_from(states()), "5 rolled back, 4 rolled back, 3 rolled back, 2 rolled back, 1"
                                  " rolled back");
    CHECK_INT(revision_go_back(&tx, NAME, 3), ST_OK); /* forward again */
    CHECK_STR(str_from(states()), "6 live, 5 rolled back, 4 rolled back, 3 rolled back, 2 rolled"
                                  " back, 1 rolled back");
    end();
}

TEST(a_text_that_was_changed_by_hand_is_noted_before_it_is_left)
{
    begin();
    put("-- one");
    CHECK_INT(revision_before(&tx, NAME, STR("-- by hand")), 1);
    CHECK_INT(revision_note(&tx, NAME, STR("-- by hand")), ST_OK);
    CHECK_INT(revision_go_back(&tx, NAME, 1), ST_OK);
    CHECK_STR(str_from(states()), "3 live, 2 rolled back, 1 replaced");
    CHECK_INT(revision_note(&tx, NAME, STR("-- one")), ST_OK); /* as it lies there */
    CHECK_STR(str_from(states()), "3 live, 2 rolled back, 1 replaced");
    end();
}

TEST(what_is_in_force_is_followed_and_what_is_on_its_way_stays)
{
    struct revision_text texts[] = { { NAME, STR("-- by hand") } };

    begin();
    CHECK_INT(revision_follow(&tx, texts, 1, 1000), ST_OK);
    CHECK_INT(revision_follow(&tx, texts, 1, 1000), ST_OK);
    CHECK_STR(str_from(states()), "1 live");
    tx.now = 2000;
    put("-- put, and not yet loaded");
    CHECK_INT(revision_follow(&tx, texts, 1, 1500), ST_OK);
    CHECK_STR(str_from(states()), "2 live, 1 replaced");
    CHECK_INT(revision_follow(&tx, texts, 0, 1500), ST_OK);
    CHECK_STR(str_from(states()), "2 live, 1 replaced");
    CHECK_INT(revision_follow(&tx, texts, 0, 3000), ST_OK); /* somebody deleted the file */
    CHECK_STR(str_from(states()), "2 replaced, 1 replaced");
    CHECK_STR(revision_last_changed(&tx), NULL);
    end();
}

TEST(what_is_quarantined_says_why_and_is_no_version_to_go_back_to)
{
    struct revision revision;

    begin();
    put("-- good");
    put("-- bad");
    CHECK_STR(revision_quarantined(&tx, NAME), NULL);
    CHECK_INT(revision_quarantine(&tx, NAME, STR("-- bad"), STR("-- good"), STR("oh")), ST_OK);
    CHECK_STR(str_from(states()), "3 live, 2 quarantined, 1 replaced");
    CHECK_INT(revision_load(&tx, NAME, 2, &revision), ST_OK);
    CHECK_STR(revision.report, "oh");
    CHECK_INT(revision_load(&tx, NAME, 3, &revision), ST_OK);
    CHECK_INT(revision.back_to, 1);
    CHECK_STR(revision_quarantined(&tx, NAME), "oh");
    CHECK_INT(revision_before(&tx, NAME, STR("-- good")), 0);
    CHECK_INT(revision_insert_refused(&tx, NAME, STR("no"), STR("faults")), ST_OK);
    CHECK_STR(revision_quarantined(&tx, NAME), "oh"); /* nothing has mended it yet */
    put("-- better");
    CHECK_STR(revision_quarantined(&tx, NAME), NULL);
    end();
}

TEST(a_first_text_that_is_quarantined_leaves_none)
{
    begin();
    CHECK_INT(revision_quarantine(&tx, NAME, STR("-- by hand"), STR_NONE, STR("oh")), ST_OK);
    CHECK_STR(str_from(states()), "1 quarantined");
    CHECK_STR(revision_quarantined(&tx, NAME), "oh");
    CHECK_INT(revision_follow(&tx, NULL, 0, 3000), ST_OK);
    CHECK_STR(str_from(states()), "1 quarantined");
    end();
}

TEST(of_each_script_the_newest_versions_are_kept)
{
    struct revision *revisions;
    size_t count;

    begin();
    for (int i = 0; i < REVISIONS_KEPT + 20; i++)
        put(str_printf(&store.arena, "-- %d", i).at);
    CHECK_INT(revision_list(&tx, NAME, &revisions, &count), ST_OK);
    CHECK_INT(count, REVISIONS_KEPT);
    CHECK_INT(revisions[0].version, REVISIONS_KEPT + 20);
    end();
}

TEST(large_versions_are_fewer_and_the_one_before_is_always_kept)
{
    enum { LARGE = REVISIONS_BYTES / 4, HUGE = REVISIONS_BYTES - LARGE / 2 };
    char *text = malloc(LARGE + 1), *huge = malloc(HUGE + 1);
    struct revision *revisions;
    size_t count;

    memset(text, '-', LARGE);
    text[LARGE] = '\0';
    memset(huge, '-', HUGE);
    huge[HUGE] = '\0';
    begin();
    for (int i = 0; i < 7; i++) {
        text[0] = (char)('a' + i);
        revision_insert(&tx, NAME, str_from(text));
    }
    CHECK_INT(revision_list(&tx, NAME, &revisions, &count), ST_OK);
    CHECK_INT(count, 4);
    revision_insert(&tx, NAME, str_from(huge));
    CHECK_INT(revision_list(&tx, NAME, &revisions, &count), ST_OK);
    CHECK_INT(count, 2);
    CHECK_INT(revisions[0].state, REVISION_LIVE);
    end();
    free(text);
    free(huge);
}
