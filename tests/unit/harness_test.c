/* The harness seen passing and failing, and EACH_FAULT seen walking. */
#include "each_fault.h"
#include "harness.h"

#include "base/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

RED_TEST(a_false_check_fails, "CHECK(1 + 1 == 3)")
{
    CHECK(1 + 1 == 3);
}

RED_TEST(a_wrong_number_is_shown, "2 + 2 is 4, not 5")
{
    CHECK_INT(2 + 2, 5);
}

RED_TEST(a_wrong_text_is_shown_with_its_controls, "is \"a\\x0ab\", not \"ab\"")
{
    CHECK_STR(STR("a\nb"), "ab");
}

RED_TEST(an_absent_text_is_not_an_empty_one, "is absent, not \"\"")
{
    CHECK_STR(STR_NONE, "");
}

RED_TEST(a_wrong_byte_is_shown, "byte 2 is 0x63, not 0x64")
{
    CHECK_BYTES("abc", "abd", 3);
}

RED_TEST(a_crash_fails, "died by Killed")
{
    raise(SIGKILL);
}

RED_TEST(leaving_early_fails, "left with exit status 3")
{
    exit(3);
}

RED_TEST(a_missing_abort_fails, "no abort: PRE(1 == 1)")
{
    EXPECT_ABORT(PRE(1 == 1));
}

RED_TEST(a_death_that_is_no_abort_fails, "not an abort")
{
    EXPECT_ABORT(raise(SIGKILL));
}

RED_TEST(a_deadline_fails, "not done after")
{
    alarm(1);
    for (;;)
        pause();
}

RED_TEST(a_note_is_shown, "in round 7")
{
    harness_note("in round %d", 7);
    CHECK(false);
}

static void *fail_here(void *unused)
{
    CHECK(unused != NULL);
    return NULL;
}

RED_TEST(a_check_fails_on_any_thread, "CHECK(unused != NULL)")
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, fail_here, NULL) == 0);
    pthread_join(thread, NULL);
}

#if defined(__SANITIZE_ADDRESS__)
RED_TEST(a_leak_fails, "left with exit status")
{
    void *volatile leak = malloc(77);

    leak = NULL;
    CHECK(leak == NULL);
}
#endif

TEST(an_expected_abort_passes)
{
    EXPECT_ABORT(PRE(1 == 2));
    EXPECT_ABORT(NEVER(1 == 1));
}

TEST(a_test_has_a_folder_of_its_own)
{
    struct stat st;
    const char *path = test_write_file("x", STR("text"));

    CHECK(stat(test_folder(), &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0700);
    CHECK_STR(test_read_file(path), "text");
    CHECK_STR(test_read_file(test_path("y")), NULL);
}

/* Three fallible calls; the third is made only when the second went well. */
static int scenario(void)
{
    int done = 0;

    done += !fault_hits(FAULT_FILE);
    if (fault_hits(FAULT_STEP))
        return done;
    done++;
    done += !fault_hits(FAULT_FILE);
    return done;
}

TEST(each_fault_fails_each_call_once_and_ends_untouched)
{
    int rounds = 0, hits = 0;

    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_STEP)
    {
        int done = scenario();

        rounds++;
        if (EACH_FAULT_END()) {
            static const int wanted[] = { 2, 1, 2 };

            CHECK_INT(done, wanted[hits++]);
        } else {
            CHECK_INT(done, 3);
        }
        CHECK_INT(scenario(), 3);
    }
#ifdef FOYER_FAULTS
    CHECK_INT(hits, 3);
    CHECK_INT(rounds, 4);
#else
    CHECK_INT(rounds, 1);
#endif
}

TEST(a_fault_of_another_site_is_not_counted)
{
    fault_arm(1u << FAULT_COMMIT, 1);
    CHECK_INT(scenario(), 3);
    CHECK_INT(fault_asked(), 0);
    CHECK(!fault_was_hit());
}

RED_TEST(each_fault_names_the_round_that_failed, "with fallible call 1 failing")
{
    EACH_FAULT(1u << FAULT_FILE)
    {
        CHECK_INT(scenario(), 4);
    }
}
