/* Decisions: the ring of a thread, and how its rows come into the database and go again. */
#include "base/clock.h"
#include "base/limits.h"
#include "policy/decision.h"
#include "store/query.h"
#include "store/workspace.h"
#include "store_fixture.h"

struct ringed {
    struct store store;
    struct decision_ring *ring;
    struct workspace workspace;
    struct tx tx;
};

static enum status make_workspace(struct tx *tx, void *context)
{
    return workspace_create(tx, STR("Acme"), context);
}

static void begin(struct ringed *r)
{
    store_open(&r->store);
    r->ring = decision_ring_new();
    tx_init(&r->tx, r->store.db, &r->store.arena, 1000 * CLOCK_DAY);
    CHECK_INT(tx_once(r->store.db, &r->tx, make_workspace, &r->workspace), ST_OK);
}

static void end(struct ringed *r)
{
    decision_ring_free(r->ring);
    store_close(&r->store);
}

static void record(struct ringed *r, enum verdict verdict, const char *reason)
{
    const struct decision decision = { .verdict = verdict,
                                       .reason = str_from(reason),
                                       .rule = STR("a.lua:1"),
                                       .reads = STR("{\"a\":1}") };

    decision_record(r->ring, &r->tx, "client.read", UUID_NONE, &decision);
}

struct flush {
    struct ringed *r;
    size_t most, wrote;
};

static enum status flush_job(struct tx *tx, void *context)
{
    struct flush *flush = context;

    flush->wrote = decision_flush(flush->r->ring, tx, flush->most);
    return tx_status(tx);
}

static size_t flush(struct ringed *r, size_t most)
{
    struct flush flush = { r, most, 0 };
    struct tx tx;

    tx_init(&tx, r->store.db, &r->store.arena, 1000 * CLOCK_DAY);
    CHECK_INT(tx_once(r->store.db, &tx, flush_job, &flush), ST_OK);
    return flush.wrote;
}

static int64_t rows(struct ringed *r, const char *sql)
{
    struct db *db = store_reader(&r->store);
    struct tx tx;
    int64_t count;

    tx_init(&tx, db, &r->store.arena, 1);
    tx_begin_read(&tx);
    count = query_one_int(&tx, -1, sql, NO_ARGS);
    tx_end_read(&tx);
    db_close(db);
    return count;
}

TEST(denials_and_errors_are_kept_and_allows_sampled)
{
    struct ringed r;

    begin(&r);
    for (int i = 0; i < 2 * DECISION_ALLOW_SAMPLE; i++) {
        CHECK_INT(decision_is_sampled(r.ring), i % DECISION_ALLOW_SAMPLE == 0);
        record(&r, VERDICT_ALLOW, "role");
    }
    record(&r, VERDICT_DENY, "no");
    record(&r, VERDICT_ERROR, "broken");
    CHECK_INT(flush(&r, 100), 4);
    decision_kept(r.ring);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE verdict = 'allow'"), 2);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE verdict = 'deny' AND reason = 'no'"
                       " AND reads = '{\"a\":1}' AND rule = 'a.lua:1'"),
              1);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE verdict = 'error'"), 1);
    end(&r);
}

TEST(what_was_not_committed_is_written_again)
{
    struct ringed r;

    begin(&r);
    record(&r, VERDICT_DENY, "one");
    record(&r, VERDICT_DENY, "two");
    CHECK_INT(flush(&r, 1), 1);
    CHECK_INT(flush(&r, 1), 1); /* as when the batch was lost */
    decision_kept(r.ring);
    decision_kept(r.ring);
    CHECK_INT(flush(&r, 10), 1);
    decision_kept(r.ring);
    CHECK_INT(flush(&r, 10), 0);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE reason = 'two'"), 1);
    end(&r);
}

TEST(a_second_run_keeps_the_same_decisions_though_more_have_come)
{
    struct ringed r;

    begin(&r);
    record(&r, VERDICT_DENY, "one");
    CHECK_INT(flush(&r, 10), 1);
    record(&r, VERDICT_DENY, "two");
    CHECK_INT(flush(&r, 10), 1);
    decision_kept(r.ring);
    CHECK_INT(flush(&r, 10), 1);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE reason = 'two'"), 1);
    end(&r);
}

TEST(a_full_ring_drops_and_counts)
{
    static char text[LIMIT_DECISION_TEXT + 100];
    struct ringed r;
    size_t kept = 0;

    begin(&r);
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = 'x';
    for (int i = 0; i < 5000; i++)
        record(&r, VERDICT_DENY, text);
    CHECK(decision_lost(r.ring) > 4000);
    kept = 5000 - (size_t)decision_lost(r.ring);
    /* Out and in again, so that the texts go around the end of their ring. */
    for (int round = 0; round < 5; round++) {
        CHECK_INT(flush(&r, 100), 100);
        decision_kept(r.ring);
        for (int i = 0; i < 100; i++)
            record(&r, VERDICT_DENY, i % 2 ? "short" : text);
    }
    while (flush(&r, 1000) > 0)
        decision_kept(r.ring);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE reason NOT IN ('short') AND"
                       " (length(reason) <> 2048 OR replace(reason, 'x', '') <> '')"),
              0);
    CHECK(rows(&r, "SELECT count(*) FROM decisions") >= (int64_t)kept);
    end(&r);
}

TEST(decisions_of_nobody_of_no_workspace_are_not_kept)
{
    struct ringed r;

    begin(&r);
    r.tx.workspace = 0;
    record(&r, VERDICT_DENY, "no");
    r.tx.workspace = 77; /* deleted meanwhile */
    record(&r, VERDICT_DENY, "no");
    CHECK_INT(flush(&r, 10), 1);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions"), 0);
    end(&r);
}

static enum status prune_job(struct tx *tx, void *context)
{
    *(size_t *)context = decision_prune(tx);
    return tx_status(tx);
}

TEST(old_decisions_go_and_young_ones_stay)
{
    struct ringed r;
    size_t pruned;
    struct tx tx;

    begin(&r);
    r.tx.now = 900 * CLOCK_DAY;
    for (int i = 0; i < 700; i++)
        record(&r, VERDICT_DENY, "old");
    r.tx.now = 999 * CLOCK_DAY;
    for (int i = 0; i < 10; i++)
        record(&r, VERDICT_DENY, "young");
    flush(&r, 1000);
    decision_kept(r.ring);
    for (size_t wanted = 500;; wanted = 200) {
        tx_init(&tx, r.store.db, &r.store.arena, 1000 * CLOCK_DAY);
        CHECK_INT(tx_once(r.store.db, &tx, prune_job, &pruned), ST_OK);
        CHECK_INT(pruned, wanted);
        if (wanted == 200)
            break;
    }
    tx_init(&tx, r.store.db, &r.store.arena, 1000 * CLOCK_DAY);
    CHECK_INT(tx_once(r.store.db, &tx, prune_job, &pruned), ST_OK);
    CHECK_INT(pruned, 0);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions WHERE reason = 'young'"), 10);
    end(&r);
}

static enum status fill_job(struct tx *tx, void *context)
{
    (void)context;
    query_run(tx,
              "INSERT INTO decisions (workspace, at, actor_kind, action, verdict, nanoseconds)"
              " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100300)"
              " SELECT 1, $1, 'nobody', 'client.read', 'deny', 1 FROM n",
              ARGS(arg_int(tx_now(tx))));
    return tx_status(tx);
}

TEST(a_workspace_keeps_100000_decisions)
{
    struct ringed r;
    size_t pruned;
    struct tx tx;

    begin(&r);
    tx_init(&tx, r.store.db, &r.store.arena, 1000 * CLOCK_DAY);
    CHECK_INT(tx_once(r.store.db, &tx, fill_job, NULL), ST_OK);
    tx_init(&tx, r.store.db, &r.store.arena, 1000 * CLOCK_DAY);
    CHECK_INT(tx_once(r.store.db, &tx, prune_job, &pruned), ST_OK);
    CHECK_INT(pruned, 300);
    CHECK_INT(rows(&r, "SELECT count(*) FROM decisions"), 100000);
    CHECK_INT(rows(&r, "SELECT min(seq) FROM decisions"), 301);
    end(&r);
}
