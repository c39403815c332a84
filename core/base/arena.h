/* Arena: memory that dies all at once.
 *
 * What a request makes lives in its arena and is never freed singly. An arena
 * is born with a ceiling. It is sticky like a transaction: past the ceiling (or
 * by an injected fault) it is *exhausted*, still gives memory so that callers
 * need no check, and whoever decides (tx_status, the end of a job) asks
 * arena_is_exhausted. One allocation larger than the ceiling is our mistake:
 * sizes that a peer chooses are bounded before they get here.
 *
 * Under the sanitizers every allocation is a malloc of its own, so that an
 * overrun is seen. An arena belongs to one thread at a time.
 */
#ifndef FOYER_BASE_ARENA_H
#define FOYER_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *top; /* newest block first */
    size_t used;             /* bytes given since init or reset */
    size_t ceiling;
    bool exhausted;
};

void arena_init(struct arena *arena, size_t ceiling);
void arena_fini(struct arena *arena);

/* Forgets everything that was given; keeps the first block for the next use. */
void arena_reset(struct arena *arena);

/* Gives zeroed memory, aligned for any type, never NULL. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* Gives a grown copy of old (which stays valid until the arena goes). */
void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size);

bool arena_is_exhausted(const struct arena *arena);

/* A place to come back to, for work in steps of which none needs what the one before it made:
 *
 *   struct arena_mark mark = arena_mark(arena);
 *   …
 *   arena_rewind(arena, mark);
 *
 * arena_rewind forgets what was given since; marks that were set since are gone with it. What was
 * exhausted stays so. */
struct arena_mark {
    struct arena_block *top, *older; /* older: of top */
    size_t top_used, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* The same for count things of that size; a product that overflows is our mistake. */
void *arena_alloc_array(struct arena *arena, size_t size, size_t count);

#define arena_new(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc_array((arena), sizeof(type), (count)))

#endif
