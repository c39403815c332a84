/* What a change by limited staff makes of the companies of a client that it does not see. */
#include "api/clients.h"
#include "store/company.h"
#include "store/fold.h"
#include "store_fixture.h"

#include <string.h>

static struct store store;
static struct tx tx;

/* A company for each letter. */
static struct ids ids_of(const char *letters)
{
    size_t count = strlen(letters);
    struct ids ids = { arena_array(&store.arena, struct uuid, count), count };

    for (size_t i = 0; i < count; i++)
        memset(ids.at[i].bytes, letters[i], sizeof(ids.at[i].bytes));
    return ids;
}

static const char *letters_of(struct ids ids)
{
    struct str text = STR("");

    for (size_t i = 0; i < ids.count; i++)
        text = str_printf(&store.arena, "%.*s%c", STR_ARG(text), ids.at[i].bytes[0]);
    return text.at;
}

/* Staff that sees the small letters alone asks for `wanted`. */
static struct client change(struct ids had, struct ids wanted)
{
    const struct workspace workspace = { .companies_enabled = true };
    struct client before = { .custom_fields = STR("{}"), .company_ids = had }, after = before;

    tx.actor =
        (struct actor){ .kind = ACTOR_STAFF, .is_limited = true, .limited_to = ids_of("abcdef") };
    after.company_ids = wanted;
    client_settle(&tx, &workspace, &before, &after,
                  UINT64_C(1) << field_find(&client_entity, STR("companyIds")), false);
    return after;
}

static void begin(void)
{
    fold_start();
    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
}

static void end(bool is_well)
{
    tx_job_end(&tx, is_well);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    store_close(&store);
}

static const struct {
    const char *had, *wanted, *has;
} changes
    [] = {
        { "Xa", "a", "Xa" },      { "aX", "a", "aX" },    { "Xa", "b", "Xb" },
        { "Xa", "ba", "Xba" },    { "aXb", "b", "bX" },   { "aXb", "bac", "bXac" },
        { "XaYb", "c", "XcY" },   { "XY", "a", "XYa" },   { "ab", "ba", "ba" },
        { "XaYb", "ba", "XbYa" }, { "Xa", "aXb", "aXb" }, /* as a filter of the firm may say */
    };

TEST(what_limited_staff_does_not_see_stays_in_its_place)
{
    begin();
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct client after = change(ids_of(changes[i].had), ids_of(changes[i].wanted));

        harness_note("%s, asked for %s", changes[i].had, changes[i].wanted);
        CHECK_INT(tx_status(&tx), ST_OK);
        CHECK_STR(letters_of(after.company_ids), changes[i].has);
        CHECK(uuid_eq(after.company_id, after.company_ids.at[0]));
    }
    end(true);
}

TEST(hidden_companies_count_towards_the_most_of_a_client)
{
    struct ids had = { NULL, COMPANIES_OF_CLIENT };

    begin();
    had.at = arena_array(&store.arena, struct uuid, COMPANIES_OF_CLIENT);
    for (size_t i = 0; i < had.count; i++)
        memset(had.at[i].bytes, 128 + (int)i, sizeof(had.at[i].bytes));
    had.at[0] = ids_of("a").at[0];
    CHECK_INT(change(had, ids_of("b")).company_ids.count, COMPANIES_OF_CLIENT);
    CHECK_INT(tx_status(&tx), ST_OK);
    change(had, ids_of("ab"));
    CHECK_INT(tx_status(&tx), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.errors->code, "too_many_companies");
    end(false);
}
