/* Revision: rows of `revisions`. In the schema what is rolled back is 'quarantined' without a report, what
 * the server left by itself has one. */
#include "store/revision.h"

#include "base/crypto.h"
#include "store/query.h"

#include <string.h>

enum { SCRIPTS_MOST = 256 }; /* a generation has fewer */

static void insert(struct tx *tx, struct str name, struct str source, const char *state,
                   struct str report, const struct actor *actor);
static int64_t live_one(struct tx *tx, struct str name, struct str source, bool *is_same);
static struct revision read_row(struct query *q);
static bool find(const struct revision_text *texts, size_t count, struct str name);

static const char *const states[] = { "live", "refused", "replaced", "quarantined", NULL };

enum status revision_note(struct tx *tx, struct str name, struct str on_disk)
{
    static const struct actor somebody = { .kind = ACTOR_SYSTEM };
    bool is_same;
    int64_t live = live_one(tx, name, on_disk, &is_same);

    if (is_same || (live == 0 && str_is_absent(on_disk)))
        return tx_status(tx);
    query_run(tx, "UPDATE revisions SET state = 'replaced' WHERE seq = $1", ARGS(arg_int(live)));
    if (!str_is_absent(on_disk))
        insert(tx, name, on_disk, "live", STR_NONE, &somebody);
    return tx_status(tx);
}

enum status revision_insert(struct tx *tx, struct str name, struct str source)
{
    bool is_same;
    int64_t live = live_one(tx, name, source, &is_same);

    if (is_same)
        return tx_status(tx);
    query_run(tx, "UPDATE revisions SET state = 'replaced' WHERE seq = $1", ARGS(arg_int(live)));
    insert(tx, name, source, "live", STR_NONE, &tx->actor);
    tx->effects.scripts = 1;
    return tx_status(tx);
}

enum status revision_insert_refused(struct tx *tx, struct str name, struct str source,
                                    struct str report)
{
    insert(tx, name, source, "refused", report, &tx->actor);
    return tx_status(tx);
}

enum status revision_go_back(struct tx *tx, struct str name, int64_t version)
{
    struct revision old = { .source = STR_NONE };
    bool is_same;
    int64_t live;

    if (version && revision_load(tx, name, version, &old) != ST_OK)
        return tx_status(tx);
    live = live_one(tx, name, old.source, &is_same);
    if (is_same)
        return tx_status(tx);
    query_run(
        tx,
        "UPDATE revisions SET state = CASE WHEN seq > $2 THEN 'quarantined' ELSE 'replaced' END"
        " WHERE name = $1 AND (seq = $3 OR (seq > $2 AND state = 'replaced'))",
        ARGS(arg_text(name), arg_int(version), arg_int(live)));
    tx->effects.scripts = 1;
    if (version) {
        insert(tx, name, old.source, "live", STR_NONE, &tx->actor);
        query_run(tx, "UPDATE revisions SET back_to = $2 WHERE name = $1 AND state = 'live'",
                  ARGS(arg_text(name), arg_int(version)));
    }
    return tx_status(tx);
}

static void insert(struct tx *tx, struct str name, struct str source, const char *state,
                   struct str report, const struct actor *actor)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(source, hash);
    query_run(tx,
              "INSERT INTO revisions (name, sha256, source, state, report, actor_kind, actor_id,"
              " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              ARGS(arg_text(name), arg_blob(hash, sizeof(hash)), arg_text(source),
                   arg_text(str_from(state)), arg_text(report),
                   arg_text(str_from(actor_kind_name(actor->kind))), arg_id(actor->id),
                   arg_int(tx_now(tx))));
    query_run(
        tx,
        "DELETE FROM revisions WHERE name = $1 AND state <> 'live' AND seq <= (SELECT seq"
        " FROM (SELECT seq, row_number() OVER newest AS place, sum(length(source)) OVER newest"
        " AS together FROM revisions WHERE name = $1 WINDOW newest AS (ORDER BY seq DESC))"
        " WHERE place > $2 OR (place > 2 AND together > $3) ORDER BY seq DESC LIMIT 1)",
        ARGS(arg_text(name), arg_int(REVISIONS_KEPT), arg_int(REVISIONS_BYTES)));
}

/* 0: none is live, and then no text (an absent one) is the same. */
static int64_t live_one(struct tx *tx, struct str name, struct str source, bool *is_same)
{
    struct query q =
        query_open(tx,
                   "SELECT seq, sha256 FROM revisions WHERE name = $1 AND state = 'live'"
                   " ORDER BY seq DESC LIMIT 1",
                   ARGS(arg_text(name)));
    uint8_t hash[CRYPTO_HASH];
    int64_t live = 0;

    *is_same = false;
    if (query_next(&q)) {
        struct str stored = query_blob(&q, 1);

        live = query_int(&q, 0);
        crypto_sha256(source, hash);
        *is_same = !str_is_absent(source) && stored.len == sizeof(hash) &&
                   memcmp(stored.at, hash, sizeof(hash)) == 0;
    }
    query_close(&q);
    return live;
}

#define SELECT                                                                                     \
    "SELECT r.seq, lower(hex(r.sha256)), r.state, r.report, r.actor_kind, r.actor_id,"             \
    " r.created_at, length(CAST(r.source AS BLOB)), coalesce("                                     \
    "(SELECT email FROM internal_users WHERE id = r.actor_id AND $3 IN (workspace, 0)),"           \
    " (SELECT name FROM api_keys WHERE id = r.actor_id AND $3 IN (workspace, 0))), r.back_to"

enum status revision_list(struct tx *tx, struct str name, struct revision **revisions,
                          size_t *count)
{
    struct query q =
        query_open(tx,
                   SELECT " FROM revisions r WHERE r.name = $1"
                          " ORDER BY r.seq DESC LIMIT $2",
                   ARGS(arg_text(name), arg_int(REVISIONS_KEPT + 1), arg_int(tx->workspace)));

    *revisions = arena_array(tx->arena, struct revision, REVISIONS_KEPT + 1);
    for (*count = 0; query_next(&q); (*count)++)
        (*revisions)[*count] = read_row(&q);
    query_close(&q);
    return tx_status(tx);
}

enum status revision_load(struct tx *tx, struct str name, int64_t version,
                          struct revision *revision)
{
    struct query q =
        query_open(tx, SELECT ", r.source FROM revisions r WHERE r.name = $1 AND r.seq = $2",
                   ARGS(arg_text(name), arg_int(version), arg_int(tx->workspace)));
    bool is_there = query_next(&q);

    if (is_there) {
        *revision = read_row(&q);
        revision->source = query_text(&q, 10);
    }
    query_close(&q);
    return is_there ? tx_status(tx) : tx_not_found(tx);
}

bool revision_is_known(struct tx *tx, struct str name)
{
    return query_one_int(tx, 0, "SELECT EXISTS (SELECT 1 FROM revisions WHERE name = $1)",
                         ARGS(arg_text(name)));
}

static struct revision read_row(struct query *q)
{
    struct str state = query_text(q, 2);
    struct revision revision = {
        .version = query_int(q, 0),
        .sha256 = query_text(q, 1),
        .report = query_text(q, 3),
        .actor_kind = query_text(q, 4),
        .actor_id = query_id(q, 5),
        .created_at = query_int(q, 6),
        .bytes = query_int(q, 7),
        .actor = query_text(q, 8),
        .back_to = query_int(q, 9),
    };

    for (int i = 0; states[i]; i++)
        if (str_is(state, states[i]))
            revision.state = i;
    if (revision.state == REVISION_ROLLED_BACK && !str_is_absent(revision.report))
        revision.state = REVISION_QUARANTINED;
    return revision;
}

int64_t revision_before(struct tx *tx, struct str name, struct str on_disk)
{
    bool is_same;
    int64_t live = live_one(tx, name, on_disk, &is_same);

    /* A file that somebody changed came after the last one that was put. */
    if (live && !is_same)
        return live;
    return query_one_int(
        tx, 0,
        "SELECT max(seq) FROM revisions WHERE name = $1 AND state = 'replaced' AND ($2 = 0 OR"
        " (seq < $2 AND sha256 <> (SELECT sha256 FROM revisions WHERE seq = $2)))",
        ARGS(arg_text(name), arg_int(live)));
}

struct str revision_last_changed(struct tx *tx)
{
    struct query q = query_open(
        tx, "SELECT name FROM revisions WHERE state = 'live' ORDER BY seq DESC LIMIT 1", NO_ARGS);
    struct str name = query_next(&q) ? query_text(&q, 0) : STR_NONE;

    query_close(&q);
    return name;
}

/* ---- What the server finds ---------------------------------------------------------------------- */

enum status revision_follow(struct tx *tx, const struct revision_text *texts, size_t count,
                            int64_t since)
{
    struct str names[SCRIPTS_MOST];
    size_t live = 0;
    struct query q = query_open(tx,
                                "SELECT name FROM revisions WHERE state = 'live'"
                                " AND created_at <= $1 ORDER BY seq LIMIT $2",
                                ARGS(arg_int(since), arg_int(SCRIPTS_MOST)));

    while (query_next(&q))
        names[live++] = query_text(&q, 0);
    query_close(&q);
    for (size_t i = 0; i < live; i++)
        if (!find(texts, count, names[i]))
            revision_note(tx, names[i], STR_NONE);
    for (size_t i = 0; i < count; i++)
        if (!query_one_int(tx, 0,
                           "SELECT EXISTS (SELECT 1 FROM revisions WHERE name = $1"
                           " AND state = 'live' AND created_at > $2)",
                           ARGS(arg_text(texts[i].name), arg_int(since))))
            revision_note(tx, texts[i].name, texts[i].source);
    return tx_status(tx);
}

static bool find(const struct revision_text *texts, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(texts[i].name, name))
            return true;
    return false;
}

enum status revision_quarantine(struct tx *tx, struct str name, struct str source,
                                struct str before, struct str report)
{
    static const struct actor server = { .kind = ACTOR_SYSTEM };
    uint8_t hash[CRYPTO_HASH];

    revision_note(tx, name, source); /* it may have been changed by hand a moment ago */
    query_run(tx,
              "UPDATE revisions SET state = 'quarantined', report = $2"
              " WHERE name = $1 AND state = 'live'",
              ARGS(arg_text(name), arg_text(report)));
    if (str_is_absent(before))
        return tx_status(tx);
    crypto_sha256(before, hash);
    insert(tx, name, before, "live", STR_NONE, &server);
    query_run(tx,
              "UPDATE revisions SET back_to = (SELECT max(seq) FROM revisions WHERE name = $1 AND"
              " sha256 = $2 AND state = 'replaced') WHERE name = $1 AND state = 'live'",
              ARGS(arg_text(name), arg_blob(hash, sizeof(hash))));
    return tx_status(tx);
}

struct str revision_quarantined(struct tx *tx, struct str name)
{
    struct query q =
        query_open(tx,
                   "SELECT q.report FROM revisions q WHERE q.name = $1 AND q.state = 'quarantined'"
                   " AND q.report IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revisions n"
                   " WHERE n.name = $1 AND n.seq > q.seq AND n.state <> 'refused'"
                   " AND coalesce(n.back_to, n.seq) > q.seq) ORDER BY q.seq DESC LIMIT 1",
                   ARGS(arg_text(name)));
    struct str report = query_next(&q) ? query_text(&q, 0) : STR_NONE;

    query_close(&q);
    return report;
}
