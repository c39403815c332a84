/* Statuses, checks, failures, fields, faults. */
#include "harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/failure.h"
#include "base/fault.h"
#include "base/field.h"
#include "base/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

TEST(every_status_has_an_answer)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        const char *code = status_code((enum status)i), *text = status_text((enum status)i);

        harness_note("status %d", i);
        CHECK(status_http((enum status)i) >= 200 && status_http((enum status)i) <= 599);
        CHECK(strlen(text) > 4 && text[strlen(text) - 1] == '.');
        for (const char *c = code; *c; c++)
            CHECK(islower((unsigned char)*c) || *c == '_');
        for (int k = 0; k < i; k++)
            CHECK(strcmp(code, status_code((enum status)k)) != 0);
    }
    CHECK_INT(status_http(ST_OK), 200);
    CHECK_INT(status_http(ST_GONE), 410);
    EXPECT_ABORT(status_http(STATUS_COUNT));
    EXPECT_ABORT(status_code((enum status) - 1));
}

TEST(checks_are_compiled_in)
{
    int evaluated = 0;

    PRE(++evaluated == 1);
    NEVER(++evaluated != 2);
    CHECK_INT(evaluated, 2);
    EXPECT_ABORT(PRE(evaluated == 1));
    EXPECT_ABORT(NEVER(evaluated == 2));
}

TEST(allocation_never_gives_null)
{
    char *text = xstrdup("abc"), *grown = xrealloc(text, 100);
    void *nothing = xmalloc(0), *none = xcalloc(0, 8);
    char *zeroes = xcalloc(10, 10);

    CHECK_STR(grown, "abc");
    CHECK(nothing != NULL && none != NULL);
    for (int i = 0; i < 100; i++)
        CHECK_INT(zeroes[i], 0);
    free(grown);
    free(nothing);
    free(none);
    free(zeroes);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* the sanitizers' allocators die in their own way */
    volatile size_t huge = SIZE_MAX / 2 + 1;

    EXPECT_ABORT(xmalloc(huge));
    EXPECT_ABORT(xcalloc(huge, 2));
    EXPECT_ABORT(xrealloc(NULL, huge));
#endif
}

TEST(the_first_failure_wins)
{
    struct failure failure;
    struct arena arena;
    char code[] = "taken";

    arena_init(&arena, 10000);
    failure_clear(&failure);
    CHECK_INT(failure.status, ST_OK);
    failure_set(&failure, &arena, ST_CONFLICT, code, "The name %s is taken.", "x");
    memset(code, 'x', sizeof code);
    failure_set(&failure, &arena, ST_INTERNAL, NULL, "Later.");
    CHECK_INT(failure.status, ST_CONFLICT);
    CHECK_STR(failure.code, "taken");
    CHECK_STR(failure.message, "The name x is taken.");
    failure_clear(&failure);
    failure_set(&failure, &arena, ST_GONE, NULL, NULL);
    CHECK_STR(failure.code, NULL);
    CHECK_STR(failure.message, NULL);
    EXPECT_ABORT(failure_set(&failure, &arena, ST_OK, NULL, "x"));
    arena_fini(&arena);
}

TEST(faulty_fields_are_gathered_in_order_under_one_status)
{
    struct failure failure;
    struct arena arena;

    arena_init(&arena, 10000);
    failure_clear(&failure);
    failure_field(&failure, &arena, ST_INVALID, STR("email"), "required", "An address is needed.");
    failure_field(&failure, &arena, ST_UNPROCESSABLE, STR("x"), "other", "Not gathered.");
    failure_field(&failure, &arena, ST_INVALID, STR("name"), "too_long", "At most %d.", 7);
    CHECK_INT(failure.status, ST_INVALID);
    CHECK_STR(failure.errors->field, "email");
    CHECK_STR(failure.errors->code, "required");
    CHECK_STR(failure.errors->next->field, "name");
    CHECK_STR(failure.errors->next->message, "At most 7.");
    CHECK(failure.errors->next->next == NULL);
    failure_clear(&failure);
    failure_field(&failure, &arena, ST_INVALID, STR("again"), "x", "Once more.");
    CHECK_STR(failure.errors->field, "again");
    CHECK(failure.errors->next == NULL);
    arena_fini(&arena);
}

/* Who sends 65,536 unknown fields of any length must not get an answer ten times as large. */
TEST(faulty_fields_are_named_up_to_a_limit_and_counted)
{
    struct failure failure = { 0 };
    struct arena arena;
    char name[LIMIT_FIELD_NAME + 50];
    size_t named = 0;

    arena_init(&arena, MIB(1));
    memset(name, 'x', sizeof(name));
    memcpy(name + LIMIT_FIELD_NAME - 1, "\xC3\xA4", 2); /* would be cut in two */
    for (size_t i = 0; i < LIMIT_FIELD_ERRORS + 5; i++)
        failure_field(&failure, &arena, ST_INVALID, str_slice(name, sizeof(name)), "x", "No.");
    for (const struct field_error *error = failure.errors; error; error = error->next)
        named++;
    CHECK_INT(named, LIMIT_FIELD_ERRORS);
    CHECK_INT(failure.found, LIMIT_FIELD_ERRORS + 5);
    CHECK_INT(failure.errors->field.len, LIMIT_FIELD_NAME - 1 + strlen("…"));
    CHECK(str_is_utf8(failure.errors->field));
    arena_fini(&arena);
}

TEST(a_failure_set_before_takes_fields_of_its_status)
{
    struct failure failure;
    struct arena arena;

    arena_init(&arena, 10000);
    failure_clear(&failure);
    failure_set(&failure, &arena, ST_INVALID, "invalid_body", "The body does not fit.");
    failure_field(&failure, &arena, ST_INVALID, STR("a"), "unknown", "There is no a.");
    CHECK_STR(failure.code, "invalid_body");
    CHECK_STR(failure.errors->field, "a");
    failure_clear(&failure);
    failure_set(&failure, &arena, ST_DENIED, NULL, "No.");
    failure_field(&failure, &arena, ST_INVALID, STR("a"), "unknown", "There is no a.");
    CHECK(failure.errors == NULL);
    arena_fini(&arena);
}

TEST(fields_are_found_by_their_whole_name)
{
    static const struct field fields[] = { { .name = "givenName" }, { .name = "id" }, { 0 } };
    static const struct entity entity = { "client", fields, 0 };

    CHECK_INT(field_count(&entity), 2);
    CHECK_INT(field_find(&entity, STR("id")), 1);
    CHECK_INT(field_find(&entity, STR("givenName")), 0);
    CHECK_INT(field_find(&entity, STR("givenname")), -1);
    CHECK_INT(field_find(&entity, STR("i")), -1);
    CHECK_INT(field_find(&entity, STR("id ")), -1);
    CHECK_INT(field_find(&entity, STR("")), -1);
    CHECK_INT(field_find(&entity, STR_NONE), -1);
}

TEST(ids_stand_one_after_the_other)
{
    static const struct uuid other = { { 9 } };
    struct arena arena;
    struct ids ids;
    char hex[70];

    arena_init(&arena, 10000);
    memset(hex, 'a', sizeof hex);
    ids = ids_from_hex(&arena, str_slice(hex, 69));
    CHECK_INT(ids.count, 2);
    CHECK_INT(ids.at[1].bytes[15], 0xAA);
    CHECK(ids_has(ids, ids.at[1]) && !ids_has(ids, other));
    ids = ids_from_blob(&arena, str_slice(hex, 40));
    CHECK_INT(ids.count, 2);
    CHECK_INT(ids.at[1].bytes[15], 'a');
    hex[10] = 'x';
    CHECK_INT(ids_from_hex(&arena, str_slice(hex, 64)).count, 0);
    CHECK_INT(ids_from_hex(&arena, STR_NONE).count, 0);
    CHECK_INT(ids_from_blob(&arena, STR_NONE).count, 0);
    CHECK(!ids_has(ids_from_blob(&arena, STR_NONE), UUID_NONE));
    arena_fini(&arena);
}

#ifdef FOYER_FAULTS
TEST(the_nth_call_of_an_armed_site_fails_once)
{
    fault_arm(1u << FAULT_STEP | 1u << FAULT_COMMIT, 3);
    CHECK(!fault_hits(FAULT_STEP));
    CHECK(!fault_hits(FAULT_FILE));
    CHECK(!fault_hits(FAULT_COMMIT));
    CHECK(!fault_was_hit());
    CHECK(fault_hits(FAULT_STEP));
    CHECK(fault_was_hit());
    CHECK(!fault_hits(FAULT_STEP));
    CHECK_INT(fault_asked(), 4);
    fault_arm(0, 0);
    CHECK(!fault_was_hit());
    CHECK_INT(fault_asked(), 0);
    CHECK(!fault_hits(FAULT_STEP));
    CHECK_INT(fault_asked(), 0);
    fault_arm(1u << FAULT_STEP, 0);
    CHECK(!fault_hits(FAULT_STEP));
}
#endif
