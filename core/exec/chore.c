/* Chores: when each is due, and how one runs as a write. What there is to do: chore_table.c. */
#include "exec/chore.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define MILLISECOND UINT64_C(1000000) /* of monotonic time */

/* One row and where it stands. */
struct chore {
    struct write write;
    const struct writer_chore *row;
    struct server *server;
    struct arena arena;
    uint64_t ran_at;  /* monotonic; 0: never */
    uint64_t commits; /* how many there were when it last found nothing more to do */
    bool has_found_all;
    bool has_more;
    size_t did;
};

struct chores {
    size_t count;
    struct chore items[];
};

static bool is_due(const struct chore *chore, uint64_t now, bool is_idle, uint64_t commits);
static bool has_reason(const struct chore *chore, uint64_t commits);
static struct arena *prepare(struct write *write);
static enum status run(struct write *write, struct tx *tx);
static void digest(struct write *write, uint8_t out[CRYPTO_HASH]);
static void done(struct write *write);
static struct chore *chore_of(struct write *write);

static const struct write_calls chore_calls = {
    .name = "chore",
    .prepare = prepare,
    .run = run,
    .digest = digest,
    .done = done,
};

struct chores *chores_new(const struct writer_chore *table, struct server *server)
{
    struct chores *chores;
    size_t count = 0, i;

    while (table[count].name)
        count++;
    chores = xcalloc(1, sizeof(*chores) + count * sizeof(chores->items[0]));
    chores->count = count;
    for (i = 0; i < count; i++) {
        chores->items[i].row = &table[i];
        chores->items[i].write.calls = &chore_calls;
        chores->items[i].server = server;
        arena_init(&chores->items[i].arena, LIMIT_REQUEST_ARENA);
    }
    return chores;
}

void chores_free(struct chores *chores)
{
    size_t i;

    for (i = 0; i < chores->count; i++)
        arena_fini(&chores->items[i].arena);
    free(chores);
}

struct write *chores_next(struct chores *chores, uint64_t now, bool is_idle, uint64_t commits)
{
    size_t i;

    for (i = 0; i < chores->count; i++)
        if (is_due(&chores->items[i], now, is_idle, commits))
            return &chores->items[i].write;
    return NULL;
}

void chores_ran(struct chores *chores, struct write *write, uint64_t now, uint64_t commits)
{
    struct chore *chore = chore_of(write);
    bool is_well = write->status == ST_OK;

    (void)chores;
    chore->ran_at = now;
    chore->has_more = is_well && chore->row->most > 0 && chore->did >= chore->row->most;
    chore->has_found_all = is_well && !chore->has_more;
    chore->commits = commits;
    if (is_well && chore->row->kept)
        chore->row->kept(chore->server);
}

void chores_hurry(struct chores *chores)
{
    size_t i;

    for (i = 0; i < chores->count; i++)
        chores->items[i].ran_at = 0;
}

uint64_t chores_deadline(const struct chores *chores, uint64_t commits)
{
    uint64_t first = UINT64_MAX;
    size_t i;

    for (i = 0; i < chores->count; i++) {
        const struct chore *chore = &chores->items[i];
        uint64_t at = chore->ran_at;

        if (!has_reason(chore, commits))
            continue;
        if (!chore->has_more)
            at += chore->row->idle * MILLISECOND;
        first = at < first ? at : first;
    }
    return first;
}

static bool is_due(const struct chore *chore, uint64_t now, bool is_idle, uint64_t commits)
{
    uint64_t pause = (is_idle ? chore->row->idle : chore->row->busy) * MILLISECOND;

    if (!has_reason(chore, commits))
        return false;
    if (is_idle && chore->has_more)
        return true;
    return chore->ran_at == 0 || now - chore->ran_at >= pause;
}

static bool has_reason(const struct chore *chore, uint64_t commits)
{
    if (chore->row->is_wanted && !chore->row->is_wanted(chore->server))
        return false;
    return !chore->row->after_writes || !chore->has_found_all || chore->commits != commits;
}

static struct arena *prepare(struct write *write)
{
    struct chore *chore = chore_of(write);

    arena_reset(&chore->arena);
    chore->did = 0;
    return &chore->arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    struct chore *chore = chore_of(write);

    tx->actor.kind = ACTOR_SYSTEM;
    tx->actor.road = "system";
    chore->did = chore->row->run(tx, chore->server);
    return tx_status(tx);
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    struct chore *chore = chore_of(write);

    memset(out, 0, CRYPTO_HASH);
    memcpy(out, &chore->did, sizeof(chore->did));
}

/* run_chores looks at it when the batch is over. */
static void done(struct write *write)
{
    (void)write;
}

static struct chore *chore_of(struct write *write)
{
    return (struct chore *)(void *)((char *)write - offsetof(struct chore, write));
}
