/* Time that stands still, and chance that is the same each time: what tests of scripts stand on. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void take(void *context, enum log_level level, const char *msg,
                 const struct log_field *fields, size_t count)
{
    int *taken = context;

    CHECK_INT(level, LOG_DEBUG);
    CHECK(!strcmp(msg, "caught"));
    CHECK_INT(count, 1);
    CHECK_INT(fields[0].number, 7);
    ++*taken;
}

TEST(a_clock_that_is_fixed_stands_still_until_it_runs_again)
{
    clock_fix(1000);
    CHECK_INT(clock_wall(), 1000);
    CHECK_INT(clock_wall(), 1000);
    clock_fix(0);
    CHECK_INT(clock_wall(), 0);
    clock_fix(CLOCK_RUNS);
    CHECK(clock_wall() > INT64_C(1000000) * CLOCK_SECOND);
}

TEST(chance_that_is_fixed_is_the_same_after_the_same_seed)
{
    const uint8_t one[CRYPTO_KEY] = { 1 }, two[CRYPTO_KEY] = { 2 };
    uint8_t first[40], second[40], other[40];

    crypto_start();
    CHECK_INT(crypto_fixed_count(), 0);
    crypto_fix(one);
    crypto_random(first, sizeof(first));
    crypto_random(second, sizeof(second));
    CHECK_INT(crypto_fixed_count(), 2);
    CHECK(memcmp(first, second, sizeof(first)) != 0);
    crypto_fix(two);
    crypto_random(other, sizeof(other));
    CHECK(memcmp(first, other, sizeof(first)) != 0);
    crypto_fix(one);
    crypto_random(other, sizeof(other));
    CHECK(memcmp(first, other, sizeof(first)) == 0);
    crypto_fix(NULL);
    CHECK_INT(crypto_fixed_count(), 0);
    crypto_random(other, sizeof(other));
    CHECK(memcmp(second, other, sizeof(second)) != 0);
}

TEST(records_that_are_caught_are_written_nowhere_whatever_their_level)
{
    int taken = 0;

    log_set_level(LOG_ERROR);
    log_catch(take, &taken);
    log_debug(STR_NONE, "caught", LOG_N("n", 7));
    log_catch(NULL, NULL);
    log_debug(STR_NONE, "not caught");
    CHECK_INT(taken, 1);
}

TEST(a_folder_is_removed_with_all_that_lies_in_it_and_nothing_that_it_links_to)
{
    const char *folder = test_path("gone"), *kept = test_path("kept");
    char inside[600];
    struct stat info;

    CHECK(file_make_folders(folder, 0700) && file_write_new(kept, STR("x"), 0600));
    snprintf(inside, sizeof(inside), "%s/deep", folder);
    CHECK(file_make_folders(inside, 0700));
    snprintf(inside, sizeof(inside), "%s/deep/link", folder);
    CHECK_INT(symlink(kept, inside), 0);
    file_remove_folder(folder);
    CHECK(lstat(folder, &info) != 0 && errno == ENOENT);
    CHECK_INT(lstat(kept, &info), 0);
    file_remove_folder(folder); /* nothing is there: nothing is done */
}
