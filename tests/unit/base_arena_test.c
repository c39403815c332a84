/* Arena: ceilings, alignment, reset, injected exhaustion. */
#include "each_fault.h"
#include "harness.h"

#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

TEST(arena_gives_zeroed_aligned_memory_of_its_own)
{
    struct arena arena;
    unsigned char *given[300];
    size_t sizes[300];

    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < 300; i++) {
        sizes[i] = (i * 37) % 1500;
        given[i] = arena_alloc(&arena, sizes[i]);
        CHECK((uintptr_t)given[i] % alignof(max_align_t) == 0);
        for (size_t k = 0; k < sizes[i]; k++)
            CHECK(given[i][k] == 0);
        memset(given[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            CHECK_INT(given[i][k], i & 255);
    CHECK(!arena_is_exhausted(&arena));
    arena_fini(&arena);
}

TEST(memory_after_reset_is_zeroed_again)
{
    struct arena arena;

    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 5; round++) {
        unsigned char *small = arena_alloc(&arena, 100), *large = arena_alloc(&arena, 100000);

        for (size_t i = 0; i < 100000; i++)
            CHECK(large[i] == 0 && small[i % 100] == 0);
        memset(small, 0xFF, 100);
        memset(large, 0xFF, 100000);
        arena_reset(&arena);
        CHECK_INT(arena.used, 0);
    }
    arena_fini(&arena);
}

TEST(size_zero_gives_distinct_pointers)
{
    struct arena arena;
    void *one, *two;

    arena_init(&arena, 100);
    one = arena_alloc(&arena, 0);
    two = arena_alloc(&arena, 0);
    CHECK(one != NULL && two != NULL && one != two);
    arena_fini(&arena);
}

TEST(past_its_ceiling_an_arena_is_exhausted_and_still_gives)
{
    struct arena arena;

    arena_init(&arena, 1008);
    arena_alloc(&arena, 992);
    arena_alloc(&arena, 16);
    CHECK(!arena_is_exhausted(&arena));
    memset(arena_alloc(&arena, 1), 1, 1);
    CHECK(arena_is_exhausted(&arena));
    memset(arena_alloc(&arena, 1000), 1, 1000);
    CHECK(arena_is_exhausted(&arena));
    arena_reset(&arena);
    CHECK(!arena_is_exhausted(&arena));
    arena_fini(&arena);
}

TEST(one_allocation_above_the_ceiling_is_our_mistake)
{
    struct arena arena;

    arena_init(&arena, 1000);
    EXPECT_ABORT(arena_alloc(&arena, 1001));
    EXPECT_ABORT(arena_alloc(&arena, SIZE_MAX));
    EXPECT_ABORT(arena_init(&arena, SIZE_MAX));
    arena_fini(&arena);
}

TEST(an_array_whose_size_overflows_is_our_mistake)
{
    struct arena arena;
    size_t count = SIZE_MAX / 8 + 2;

    arena_init(&arena, 1000);
    EXPECT_ABORT((void)arena_array(&arena, uint64_t, count));
    CHECK(arena_array(&arena, uint64_t, 3) != NULL);
    arena_fini(&arena);
}

TEST(a_grown_copy_leaves_the_old_one)
{
    struct arena arena;
    char *old, *grown;

    arena_init(&arena, 100000);
    old = arena_alloc(&arena, 3);
    memcpy(old, "abc", 3);
    grown = arena_grow(&arena, old, 3, 50000);
    CHECK_BYTES(grown, "abc\0\0", 5);
    CHECK_BYTES(old, "abc", 3);
    CHECK(arena_grow(&arena, NULL, 0, 10) != NULL);
    EXPECT_ABORT(arena_grow(&arena, old, 3, 2));
    arena_fini(&arena);
}

TEST(every_size_fits_around_the_first_block)
{
    for (size_t size = 4000; size < 4200; size++) {
        struct arena arena;

        arena_init(&arena, 100000);
        memset(arena_alloc(&arena, size), 1, size);
        memset(arena_alloc(&arena, 10), 1, 10);
        memset(arena_alloc(&arena, size), 1, size);
        arena_reset(&arena);
        memset(arena_alloc(&arena, size), 1, size);
        arena_fini(&arena);
    }
}

TEST(an_arena_goes_back_to_a_mark_and_keeps_what_was_before)
{
    static const size_t sizes[] = { 10, 5000, 300000, 10, 90000 };
    struct arena arena;

    arena_init(&arena, 1 << 20);
    for (int before = 0; before < 4; before++) {
        char *kept = before > 0 ? arena_alloc(&arena, sizes[before]) : NULL;
        struct arena_mark mark = arena_mark(&arena);
        size_t used = arena.used;

        if (kept)
            memset(kept, 7, sizes[before]);
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
                memset(arena_alloc(&arena, sizes[i]), 1, sizes[i]);
            arena_rewind(&arena, mark);
            CHECK_INT(arena.used, used);
            CHECK(!kept || (kept[0] == 7 && kept[sizes[before] - 1] == 7));
        }
    }
    CHECK(!arena_is_exhausted(&arena));
    arena_fini(&arena);
}

TEST(an_injected_fault_exhausts_an_arena)
{
    EACH_FAULT(1u << FAULT_ARENA)
    {
        struct arena arena;

        arena_init(&arena, 1000);
        for (int i = 0; i < 3; i++)
            memset(arena_alloc(&arena, 10), 1, 10);
        CHECK(arena_is_exhausted(&arena) == EACH_FAULT_END());
        arena_fini(&arena);
    }
}
