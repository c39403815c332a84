/* Choices: what a workspace chose for a plugin, as rules meet it: in the transaction that writes it, in those
 * that began before, and in those that come after. */
#include "plugin/choices.h"
#include "policy_fixture.h"
#include "store/query.h"
#include "store_fixture.h"

#define HEAD "local foyer = require(\"foyer\")\n"

static struct store store;
static struct rules rules;
static int64_t ours, theirs;

static void open_all(void)
{
    struct workspace workspace;
    struct tx tx;

    rules_script("house.lua",
                 HEAD "foyer.settings {\n"
                      "  word = { type = \"text\", default = \"as declared\", max = 20 },\n"
                      "  most = { type = \"integer\", default = 3, max = 5 },\n"
                      "}\n"
                      "foyer.rule(\"client.list\", function(ctx)\n"
                      "  return foyer.allow(ctx.settings.word .. \" \" .. ctx.settings.most)\n"
                      "end)\n"
                      "foyer.scope(\"client\", function() return foyer.everything() end)");
    rules_open_alone(&rules);
    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    CHECK_INT(workspace_create(&tx, STR("Ours"), &workspace), ST_OK);
    ours = workspace.seq;
    CHECK_INT(workspace_create(&tx, STR("Theirs"), &workspace), ST_OK);
    theirs = workspace.seq;
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    rules_begin(&rules);
}

static void close_all(void)
{
    rules_end(&rules);
    rules_close(&rules);
    store_close(&store);
}

/* "as declared 3", "denied" */
static struct str answer(struct tx *tx, int64_t workspace)
{
    struct decision decision;

    tx->policy = rules.policy;
    tx->workspace = workspace;
    CHECK_INT(tx_status(tx), ST_OK);
    if (policy_ask(tx, "client.list", NULL, false, &decision) == VERDICT_DENY)
        return STR("denied");
    CHECK_INT(decision.verdict, VERDICT_ALLOW);
    return decision.reason;
}

static void begin_read(struct db *db, struct tx *tx)
{
    tx_init(tx, db, &store.arena, 2000);
    CHECK_INT(tx_begin_read(tx), ST_OK);
}

/* As a reader of this moment sees it. */
static struct str seen(struct db *reader, int64_t workspace)
{
    struct str text;
    struct tx tx;

    begin_read(reader, &tx);
    text = answer(&tx, workspace);
    tx_end_read(&tx);
    return text;
}

static void choose(struct tx *tx, bool is_enabled, const char *settings)
{
    struct plugin_choice choice;

    tx->workspace = ours;
    CHECK_INT(plugin_choice_load(tx, STR("house.lua"), &choice), ST_OK);
    choice.is_enabled = is_enabled;
    choice.settings = str_from(settings);
    choice.back_to = -1;
    CHECK_INT(plugin_choice_save(tx, &choice), ST_OK);
}

static void choose_and_commit(bool is_enabled, const char *settings)
{
    struct tx tx;

    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    choose(&tx, is_enabled, settings);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
}

TEST(what_is_chosen_holds_for_whatever_begins_after_its_commit_and_in_its_workspace_alone)
{
    struct db *reader, *earlier;
    struct tx tx, before;

    open_all();
    reader = store_reader(&store);
    earlier = store_reader(&store);
    CHECK_STR(seen(reader, ours), "as declared 3");
    choose_and_commit(true, "{\"word\":\"one\"}");
    CHECK_STR(seen(reader, ours), "one 3");
    CHECK_STR(seen(reader, theirs), "as declared 3");

    begin_read(earlier, &before);
    CHECK_STR(answer(&before, ours), "one 3");
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    CHECK_STR(answer(&tx, ours), "one 3");
    choose(&tx, false, "{\"word\":\"two\",\"most\":4}");
    CHECK_STR(answer(&tx, ours), "denied");
    choose(&tx, true, "{\"word\":\"two\",\"most\":4}");
    CHECK_STR(answer(&tx, ours), "two 4");
    CHECK_STR(seen(reader, ours), "one 3");
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_STR(seen(reader, ours), "one 3");
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(seen(reader, ours), "two 4");
    CHECK_STR(answer(&before, ours), "one 3"); /* its snapshot is of before */
    CHECK_STR(seen(reader, ours), "two 4");
    tx_end_read(&before);
    db_close(reader);
    db_close(earlier);
    close_all();
}

TEST(what_was_rolled_back_was_never_chosen_whatever_comes_in_its_place)
{
    struct db *reader;
    struct tx tx;

    open_all();
    reader = store_reader(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    choose(&tx, true, "{\"word\":\"lost\"}");
    CHECK_STR(answer(&tx, ours), "lost 3");
    tx_job_end(&tx, false);
    store_job(&store, &tx);
    CHECK_STR(answer(&tx, ours), "as declared 3");
    choose(&tx, true, "{\"word\":\"kept\"}"); /* the same version */
    CHECK_STR(answer(&tx, ours), "kept 3");
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(seen(reader, ours), "kept 3");
    db_close(reader);
    close_all();
}

TEST(nothing_of_a_disabled_plugin_is_asked)
{
    struct db *reader;
    struct scope scope;
    struct tx tx;

    open_all();
    reader = store_reader(&store);
    choose_and_commit(false, "{}");
    CHECK_STR(seen(reader, ours), "denied");
    begin_read(reader, &tx);
    tx.policy = rules.policy;
    tx.workspace = ours;
    CHECK_INT(policy_scope(&tx, "client", &scope), ST_OK);
    CHECK_INT(scope.kind, SCOPE_NONE);
    tx.workspace = theirs;
    CHECK_INT(policy_scope(&tx, "client", &scope), ST_OK);
    CHECK_INT(scope.kind, SCOPE_EVERYTHING);
    tx_end_read(&tx);
    choose_and_commit(true, "{}");
    CHECK_STR(seen(reader, ours), "as declared 3");
    db_close(reader);
    close_all();
}

TEST(what_does_not_fit_any_more_is_left_at_its_default)
{
    struct db *reader;

    open_all();
    reader = store_reader(&store);
    choose_and_commit(true, "{\"gone\":1,\"most\":9,\"word\":\"fits\"}");
    CHECK_STR(seen(reader, ours), "fits 3");
    choose_and_commit(true, "{\"most\":[1],\"word\":7}");
    CHECK_STR(seen(reader, ours), "as declared 3");
    db_close(reader);
    close_all();
}

TEST(undoing_goes_back_step_by_step)
{
    struct plugin_choice choice, old;
    struct tx tx;

    open_all();
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    tx.workspace = ours;
    CHECK_INT(plugin_choice_load(&tx, STR("house.lua"), &choice), ST_OK);
    CHECK_INT(plugin_choice_before(&tx, &choice), -1);
    choose(&tx, true, "{\"most\":1}");
    choose(&tx, true, "{\"most\":2}");
    for (int expected = 1; expected >= -1; expected--) {
        CHECK_INT(plugin_choice_load(&tx, STR("house.lua"), &choice), ST_OK);
        CHECK_INT(plugin_choice_before(&tx, &choice), expected);
        if (expected < 0)
            break;
        CHECK_INT(plugin_choice_version(&tx, STR("house.lua"), expected, &old), ST_OK);
        old.version = choice.version;
        old.back_to = expected;
        CHECK_INT(plugin_choice_save(&tx, &old), ST_OK);
    }
    CHECK_INT(choice.version, 4);
    CHECK_STR(choice.settings, "{}");
    tx_job_end(&tx, true);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    close_all();
}

TEST(the_newest_hundred_choices_are_kept)
{
    struct plugin_choice *versions, choice;
    size_t count;
    struct tx tx;

    open_all();
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    for (int i = 0; i < PLUGIN_CHOICES_KEPT + 5; i++)
        choose(&tx, i % 2, "{}");
    CHECK_INT(plugin_choice_versions(&tx, STR("house.lua"), &versions, &count), ST_OK);
    CHECK_INT(count, PLUGIN_CHOICES_KEPT);
    CHECK_INT(versions[0].version, PLUGIN_CHOICES_KEPT + 5);
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM plugin_setting_revisions", NO_ARGS),
              PLUGIN_CHOICES_KEPT);
    CHECK_INT(plugin_choice_version(&tx, STR("house.lua"), 5, &choice), ST_NOT_FOUND);
    tx_job_end(&tx, false);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    close_all();
}
