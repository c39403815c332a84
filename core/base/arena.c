/* Arena: blocks in a chain, newest first.
 *
 * The first block is small and stays over arena_reset, so that the usual request
 * costs no malloc. Later blocks double up to BLOCK_MAX. What would waste the
 * larger part of a block gets one of its own, below the top, so that the
 * top's rest is still used. Under the sanitizers each allocation is such a block.
 */
#include "base/arena.h"

#include "base/check.h"
#include "base/fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ARENA_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define ARENA_MALLOC_EACH 1
#endif
#endif
#ifndef ARENA_MALLOC_EACH
#define ARENA_MALLOC_EACH 0
#endif

enum { ALIGN = _Alignof(max_align_t), BLOCK_FIRST = 4096, BLOCK_MAX = 256 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t cap;
    size_t used;
    _Alignas(max_align_t) char data[];
};

static struct arena_block *block_new(size_t cap);
static struct arena_block *block_alone(struct arena *arena, size_t size);
static struct arena_block *block_with_room(struct arena *arena, size_t size);
static void drop(struct arena_block **newest, const struct arena_block *stays);

void arena_init(struct arena *arena, size_t ceiling)
{
    PRE(ceiling <= SIZE_MAX / 4);
    *arena = (struct arena){ .ceiling = ceiling };
}

void arena_fini(struct arena *arena)
{
    while (arena->top != NULL) {
        struct arena_block *block = arena->top;

        arena->top = block->older;
        free(block);
    }
    *arena = (struct arena){ .ceiling = arena->ceiling };
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = NULL;

    while (arena->top != NULL) {
        struct arena_block *block = arena->top;

        arena->top = block->older;
        if (!ARENA_MALLOC_EACH && block->cap == BLOCK_FIRST)
            kept = block;
        else
            free(block);
    }
    if (kept != NULL) {
        kept->older = NULL;
        kept->used = 0;
    }
    *arena = (struct arena){ .top = kept, .ceiling = arena->ceiling };
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block;
    size_t rounded;
    char *at;

    PRE(size <= arena->ceiling);
    rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (rounded == 0)
        rounded = ALIGN;
    arena->used += rounded;
    if (fault_hits(FAULT_ARENA) || arena->used > arena->ceiling)
        arena->exhausted = true;
    /* the sanitizers see an overrun only where the block ends with what was asked for */
    block = ARENA_MALLOC_EACH ? block_alone(arena, size) : block_with_room(arena, rounded);
    at = block->data + block->used;
    block->used += ARENA_MALLOC_EACH ? size : rounded;
    return memset(at, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t size, size_t count)
{
    size_t total;

    PRE(!__builtin_mul_overflow(size, count, &total));
    return arena_alloc(arena, total);
}

void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
{
    void *at;

    PRE(new_size >= old_size);
    at = arena_alloc(arena, new_size);
    if (old_size > 0)
        memcpy(at, old, old_size);
    return at;
}

bool arena_is_exhausted(const struct arena *arena)
{
    return arena->exhausted;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    struct arena_block *top = arena->top;

    return (struct arena_mark){ .top = top,
                                .older = top ? top->older : NULL,
                                .top_used = top ? top->used : 0,
                                .used = arena->used };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    drop(&arena->top, mark.top);
    if (mark.top) {
        drop(&mark.top->older, mark.older); /* blocks of one allocation lie below the top */
        mark.top->used = mark.top_used;
    }
    arena->used = mark.used;
}

/* Frees the newest blocks, down to the one that stays. */
static void drop(struct arena_block **newest, const struct arena_block *stays)
{
    while (*newest != stays) {
        struct arena_block *block = *newest;

        *newest = block->older;
        free(block);
    }
}

static struct arena_block *block_with_room(struct arena *arena, size_t size)
{
    struct arena_block *block;
    size_t cap;

    if (arena->top == NULL) {
        arena->top = block_new(BLOCK_FIRST);
        arena->top->older = NULL;
    }
    if (arena->top->cap - arena->top->used >= size)
        return arena->top;
    cap = arena->top->cap >= BLOCK_MAX ? BLOCK_MAX : arena->top->cap * 2;
    /* more than BLOCK_FIRST, the size by which arena_reset knows the first block */
    if (size > cap / 2)
        return block_alone(arena, size);
    block = block_new(cap);
    block->older = arena->top;
    arena->top = block;
    return block;
}

static struct arena_block *block_alone(struct arena *arena, size_t size)
{
    struct arena_block *block = block_new(size);

    if (arena->top == NULL) {
        block->older = NULL;
        arena->top = block;
    } else {
        block->older = arena->top->older;
        arena->top->older = block;
    }
    return block;
}

static struct arena_block *block_new(size_t cap)
{
    struct arena_block *block = xmalloc(sizeof *block + cap);

    block->cap = cap;
    block->used = 0;
    return block;
}
