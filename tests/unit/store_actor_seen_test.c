/* Who holds a key is found once in a snapshot that is kept, and anew in each other. */
#include "store_fixture.h"

#include "base/fault.h"
#include "store/company.h"
#include "store/key.h"
#include "store/query.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <string.h>

enum { KEYS = 40 };

struct office {
    struct store store;
    struct str texts[KEYS]; /* of more keys */
    struct uuid ids[KEYS];
    struct db *reader;
    struct api_key key;
    struct company company;
    struct str text; /* of the key */
    struct arena arena;
    struct tx tx; /* of the reader */
};

static enum status furnish(struct tx *tx, void *context)
{
    struct office *office = context;
    struct internal_user user = { .given_name = STR("Cid"),
                                  .family_name = STR("Test"),
                                  .email = STR("cid@example.com"),
                                  .role = STR("Staff"),
                                  .is_limited = true };
    struct workspace workspace;

    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "system" };
    CHECK_INT(workspace_create(tx, STR("Test"), &workspace), ST_OK);
    office->company = (struct company){ .name = STR("Rocket Rides") };
    CHECK_INT(company_create(tx, &office->company), ST_OK);
    user.limited_to = (struct ids){ &office->company.id, 1 };
    CHECK_INT(internal_user_create(tx, &user), ST_OK);
    CHECK_INT(internal_user_load(tx, user.id, &user), ST_OK);
    for (int i = 0; i < KEYS; i++) {
        struct api_key key = { .name = STR("one of many") };

        CHECK_INT(key_create(tx, &key, &office->texts[i]), ST_OK);
        office->ids[i] = key.id;
    }
    office->key = (struct api_key){ .name = STR("cid's"), .internal_user = user.seq };
    office->key.expires_at = 1000;
    return key_create(tx, &office->key, &office->text);
}

static void office_open(struct office *office)
{
    struct tx tx;

    memset(office, 0, sizeof(*office));
    store_open(&office->store);
    arena_init(&office->arena, 1 << 20);
    tx_init(&tx, office->store.db, &office->store.arena, 1);
    CHECK_INT(tx_once(office->store.db, &tx, furnish, office), ST_OK);
    office->reader = store_reader(&office->store);
}

/* A request of the round, which keeps its snapshot for the next. */
static enum status ask(struct office *office, int64_t now)
{
    enum status status;

    arena_reset(&office->arena);
    tx_init(&office->tx, office->reader, &office->arena, now);
    CHECK_INT(tx_begin_read(&office->tx), ST_OK);
    status = actor_load_by_key(&office->tx, office->text);
    if (status == ST_OK)
        tx_keep_read(&office->tx);
    else
        tx_end_read(&office->tx);
    return status;
}

static void check_is_cid(struct office *office)
{
    const struct actor *actor = &office->tx.actor;

    CHECK_INT(actor->kind, ACTOR_KEY);
    CHECK_STR(actor->name, "cid's");
    CHECK_STR(actor->role, "Staff");
    CHECK(uuid_eq(actor->id, office->key.id));
    CHECK_INT(actor->limited_to.count, 1);
    CHECK(uuid_eq(actor->limited_to.at[0], office->company.id));
    CHECK(office->tx.workspace != 0 && !uuid_is_none(office->tx.workspace_id));
    CHECK_INT(office->tx.plugins_of, office->tx.workspace);
}

static void office_close(struct office *office)
{
    tx_release_read(office->reader);
    db_close(office->reader);
    arena_fini(&office->arena);
    store_close(&office->store);
}

TEST(who_asks_again_in_the_same_snapshot_is_known_without_a_query)
{
    struct office office;

    office_open(&office);
    CHECK_INT(ask(&office, 10), ST_OK);
    check_is_cid(&office);
    fault_arm(1u << FAULT_STEP | 1u << FAULT_PREPARE, 1);
    CHECK_INT(ask(&office, 20), ST_OK);
    CHECK(!fault_was_hit());
    fault_arm(0, 0);
    check_is_cid(&office);
    office_close(&office);
}

TEST(a_key_that_expires_within_a_snapshot_is_good_no_more)
{
    struct office office;

    office_open(&office);
    CHECK_INT(ask(&office, 999), ST_OK);
    CHECK_INT(ask(&office, 1000), ST_UNAUTHENTICATED);
    CHECK_INT(ask(&office, 999), ST_OK); /* of a request that began before it */
    office_close(&office);
}

TEST(what_is_committed_about_a_key_holds_from_the_next_request)
{
    struct office office;

    office_open(&office);
    CHECK_INT(ask(&office, 10), ST_OK);
    store_sql(&office.store, "UPDATE internal_users SET is_limited = 0");
    CHECK_INT(ask(&office, 10), ST_OK);
    CHECK(!office.tx.actor.is_limited);
    CHECK_INT(office.tx.actor.limited_to.count, 0);
    store_sql(&office.store, "UPDATE api_keys SET revoked_at = 10");
    CHECK_INT(ask(&office, 10), ST_UNAUTHENTICATED);
    office_close(&office);
}

/* Nothing of this process's tells of it: a snapshot that is over is forgotten all the same. */
TEST(what_another_program_changed_holds_once_the_snapshot_is_let_go)
{
    struct office office;
    struct db *other;

    office_open(&office);
    CHECK_INT(ask(&office, 10), ST_OK);
    tx_release_read(office.reader);
    other = store_reader(&office.store);
    store_sql(&office.store, "DELETE FROM internal_user_companies");
    db_close(other);
    CHECK_INT(ask(&office, 10), ST_OK);
    CHECK_INT(office.tx.actor.limited_to.count, 0);
    office_close(&office);
}

TEST(more_keys_than_are_kept_are_all_known)
{
    struct office office;

    office_open(&office);
    for (int i = 0; i < 3 * KEYS; i++) {
        office.text = office.texts[i % KEYS];
        CHECK_INT(ask(&office, 10), ST_OK);
        CHECK(uuid_eq(office.tx.actor.id, office.ids[i % KEYS]));
    }
    office_close(&office);
}
