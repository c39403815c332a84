/* Decision: the ring of one thread, and the rows of `decisions`.
 *
 * Texts lie one after the other in a second ring of bytes: an entry's texts never wrap around its
 * end, and the tail of the bytes that is too short for them is skipped.
 */
#include "policy/decision.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

enum { PRUNE_ROWS = 500, PRUNE_WORKSPACES = 8, KEPT_A_WORKSPACE = 100000 };
#define KEPT_TIME (7 * CLOCK_DAY)

enum text { TEXT_ACTION, TEXT_REQUEST, TEXT_CODE, TEXT_REASON, TEXT_RULE, TEXT_READS, TEXTS };

struct entry {
    int64_t workspace, at, nanoseconds;
    struct uuid actor, subject;
    enum actor_kind actor_kind;
    enum verdict verdict;
    uint32_t offset;         /* of its texts */
    uint32_t lengths[TEXTS]; /* + 1; 0: absent */
    uint32_t bytes;          /* of all its texts, and of what was skipped before them */
};

struct decision_ring {
    struct mutex lock; /* all below but `allows` */
    struct entry *entries;
    char *bytes;
    size_t first, count; /* of entries */
    size_t bytes_head, bytes_used;
    size_t flushed; /* written by the last flush, not yet known to be committed */
    uint64_t lost;
    uint64_t allows; /* the putting thread's */
};

static uint32_t cut(struct str text, size_t most);
static bool find_room(struct decision_ring *ring, size_t need, uint32_t *offset, uint32_t *bytes);
static struct str text_of(const struct decision_ring *ring, const struct entry *entry,
                          enum text which);
static void write_row(struct tx *tx, const struct decision_ring *ring, const struct entry *entry);
static size_t prune_workspace(struct tx *tx, int64_t workspace);

struct decision_ring *decision_ring_new(void)
{
    struct decision_ring *ring = xcalloc(1, sizeof(*ring));

    mutex_init(&ring->lock);
    ring->entries = xcalloc(LIMIT_DECISIONS_RING, sizeof(*ring->entries));
    ring->bytes = xmalloc(LIMIT_DECISIONS_BYTES);
    return ring;
}

void decision_ring_free(struct decision_ring *ring)
{
    if (!ring)
        return;
    mutex_fini(&ring->lock);
    free(ring->entries);
    free(ring->bytes);
    free(ring);
}

bool decision_is_sampled(const struct decision_ring *ring)
{
    return ring->allows % DECISION_ALLOW_SAMPLE == 0;
}

void decision_record(struct decision_ring *ring, const struct tx *tx, const char *action,
                     struct uuid subject, const struct decision *decision)
{
    struct str texts[TEXTS] = { str_from(action), tx->request_id, decision->code,
                                decision->reason, decision->rule, decision->reads };
    struct entry entry = { .workspace = tx->workspace,
                           .at = tx->now,
                           .nanoseconds = decision->nanoseconds,
                           .actor = tx->actor.id,
                           .subject = subject,
                           .actor_kind = tx->actor.kind,
                           .verdict = decision->verdict };
    size_t need = 0;

    if (decision->verdict == VERDICT_ALLOW && ring->allows++ % DECISION_ALLOW_SAMPLE != 0)
        return;
    if (!tx->workspace) /* nobody, and of no workspace: no admin could look at it */
        return;
    if (texts[TEXT_READS].len > LIMIT_DECISION_READS)
        texts[TEXT_READS] = STR_NONE;
    for (int i = 0; i < TEXTS; i++) {
        texts[i].len = i == TEXT_READS ? texts[i].len : cut(texts[i], LIMIT_DECISION_TEXT);
        entry.lengths[i] = texts[i].at ? (uint32_t)texts[i].len + 1 : 0;
        need += texts[i].len;
    }

    mutex_lock(&ring->lock);
    if (ring->count == LIMIT_DECISIONS_RING ||
        !find_room(ring, need, &entry.offset, &entry.bytes)) {
        ring->lost++;
    } else {
        char *at = ring->bytes + entry.offset;

        for (int i = 0; i < TEXTS; i++) {
            if (texts[i].len)
                memcpy(at, texts[i].at, texts[i].len);
            at += texts[i].len;
        }
        ring->entries[(ring->first + ring->count++) % LIMIT_DECISIONS_RING] = entry;
    }
    mutex_unlock(&ring->lock);
}

size_t decision_flush(struct decision_ring *ring, struct tx *tx, size_t most)
{
    size_t first, count;

    mutex_lock(&ring->lock);
    first = ring->first;
    count = ring->count < most ? ring->count : most;
    if (ring->flushed > 0) /* run again: the same ones, though more have come */
        count = ring->flushed;
    mutex_unlock(&ring->lock);
    /* Entries that are in the ring are not changed by anybody: no lock while rows are written. */
    for (size_t i = 0; i < count && tx_status(tx) == ST_OK; i++)
        write_row(tx, ring, &ring->entries[(first + i) % LIMIT_DECISIONS_RING]);
    if (tx_status(tx) != ST_OK)
        count = 0;
    mutex_lock(&ring->lock);
    ring->flushed = count;
    mutex_unlock(&ring->lock);
    return count;
}

void decision_kept(struct decision_ring *ring)
{
    mutex_lock(&ring->lock);
    NEVER(ring->flushed > ring->count);
    for (size_t i = 0; i < ring->flushed; i++) {
        ring->bytes_used -= ring->entries[ring->first].bytes;
        ring->first = (ring->first + 1) % LIMIT_DECISIONS_RING;
    }
    ring->count -= ring->flushed;
    ring->flushed = 0;
    mutex_unlock(&ring->lock);
}

uint64_t decision_lost(struct decision_ring *ring)
{
    uint64_t lost;

    mutex_lock(&ring->lock);
    lost = ring->lost;
    mutex_unlock(&ring->lock);
    return lost;
}

size_t decision_prune(struct tx *tx)
{
    int64_t deleted, workspaces[PRUNE_WORKSPACES];
    size_t count = 0;
    uint32_t from;
    struct query q;

    /* Rows are written in the order of their time, so the oldest are the first. */
    deleted = query_run(tx,
                        "DELETE FROM decisions WHERE at < $1 AND seq IN"
                        " (SELECT seq FROM decisions ORDER BY seq LIMIT $2)",
                        ARGS(arg_int(tx_now(tx) - KEPT_TIME), arg_int(PRUNE_ROWS)));
    if (deleted >= PRUNE_ROWS ||
        query_one_int(tx, 0, "SELECT coalesce(max(seq) - min(seq), 0) FROM decisions", NO_ARGS) <
            KEPT_A_WORKSPACE)
        return (size_t)deleted;
    /* Somewhere else each time: all have their turn, however many there are. */
    tx_random(tx, &from, sizeof(from));
    q = query_open(tx,
                   "SELECT seq FROM workspaces ORDER BY seq <= $1 % (SELECT max(seq) + 1 FROM"
                   " workspaces), seq LIMIT $2",
                   ARGS(arg_int(from), arg_int(PRUNE_WORKSPACES)));
    while (query_next(&q))
        workspaces[count++] = query_int(&q, 0);
    for (size_t i = 0; i < count && deleted < PRUNE_ROWS; i++)
        deleted += (int64_t)prune_workspace(tx, workspaces[i]);
    return (size_t)deleted;
}

/* The oldest of those beyond what a workspace keeps. */
static size_t prune_workspace(struct tx *tx, int64_t workspace)
{
    int64_t last = query_one_int(tx, -1,
                                 "SELECT seq FROM decisions WHERE workspace = $1"
                                 " ORDER BY seq DESC LIMIT 1 OFFSET $2",
                                 ARGS(arg_int(workspace), arg_int(KEPT_A_WORKSPACE)));

    if (last < 0)
        return 0;
    return (size_t)query_run(tx,
                             "DELETE FROM decisions WHERE seq IN (SELECT seq FROM decisions"
                             " WHERE workspace = $1 AND seq <= $2 ORDER BY seq LIMIT $3)",
                             ARGS(arg_int(workspace), arg_int(last), arg_int(PRUNE_ROWS)));
}

static void write_row(struct tx *tx, const struct decision_ring *ring, const struct entry *entry)
{
    static const char *const verdicts[] = { "error", "allow", "deny", "error" };

    query_run(tx,
              "INSERT INTO decisions (workspace, at, request_id, actor_kind, actor_id, action,"
              " entity_id, verdict, code, reason, rule, reads, nanoseconds)"
              " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13"
              " WHERE EXISTS (SELECT 1 FROM workspaces WHERE seq = $1)",
              ARGS(arg_int(entry->workspace), arg_int(entry->at),
                   arg_text(text_of(ring, entry, TEXT_REQUEST)),
                   arg_text(str_from(actor_kind_name(entry->actor_kind))), arg_id(entry->actor),
                   arg_text(text_of(ring, entry, TEXT_ACTION)), arg_id(entry->subject),
                   arg_text(str_from(verdicts[entry->verdict])),
                   arg_text(text_of(ring, entry, TEXT_CODE)),
                   arg_text(text_of(ring, entry, TEXT_REASON)),
                   arg_text(text_of(ring, entry, TEXT_RULE)),
                   arg_text(text_of(ring, entry, TEXT_READS)), arg_int(entry->nanoseconds)));
}

static struct str text_of(const struct decision_ring *ring, const struct entry *entry,
                          enum text which)
{
    const char *at = ring->bytes + entry->offset;

    if (entry->lengths[which] == 0)
        return STR_NONE;
    for (int i = 0; i < (int)which; i++)
        at += entry->lengths[i] ? entry->lengths[i] - 1 : 0;
    return str_slice(at, entry->lengths[which] - 1);
}

/* How much of a text is kept: no half code point at the end. */
static uint32_t cut(struct str text, size_t most)
{
    size_t len = text.len;

    if (len <= most)
        return (uint32_t)len;
    for (len = most; len > 0 && ((unsigned char)text.at[len] & 0xc0u) == 0x80u; len--)
        ;
    return (uint32_t)len;
}

static bool find_room(struct decision_ring *ring, size_t need, uint32_t *offset, uint32_t *bytes)
{
    size_t at = ring->bytes_head, skipped = 0;

    if (ring->bytes_used == 0)
        at = 0;
    if (at + need > LIMIT_DECISIONS_BYTES) {
        skipped = LIMIT_DECISIONS_BYTES - at;
        at = 0;
    }
    if (ring->bytes_used + skipped + need > LIMIT_DECISIONS_BYTES)
        return false;
    *offset = (uint32_t)at;
    *bytes = (uint32_t)(skipped + need);
    ring->bytes_used += skipped + need;
    ring->bytes_head = at + need;
    return true;
}
