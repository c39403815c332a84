/* Where a read runs: on its loop, or on a reader. What is slow is told by counts, never by time. */
#include "base/fault.h"
#include "base/limits.h"
#include "exec/read_budget.h"
#include "exec_client.h"
#include "exec_walks.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define CHECK_HAS(text, part) CHECK(strstr((text), (part)) != NULL)
#define SUM_OF_LONG           "\"sum\":200010000}"
#define ALLOWS                "SELECT count(*) FROM decisions WHERE action = 'note.list' AND verdict = 'allow'"

static bool has_begun(void)
{
    return exec_walks_begun() > 0;
}

static bool at_once(void)
{
    return true;
}

TEST(a_short_read_stays_on_its_loop)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/walk?steps=10" },
                          { .method = GET, .target = "/v1/walks" },
                          { .method = GET, .target = "/v1/walks?q=&count=false&limit=250" } };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer, "{\"on\":\"loop\",\"sum\":55}");
    CHECK_STR(asks[1].answer, "{\"on\":\"loop\",\"sum\":1}");
    CHECK_STR(asks[2].answer, "{\"on\":\"loop\",\"sum\":1}");
    exec_client_close(&client);
}

TEST(searches_counts_exports_and_large_pages_run_on_a_reader)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/walks?q=ann" },
                          { .method = GET, .target = "/v1/walks?count=true" },
                          { .method = GET, .target = "/v1/walks?limit=251" },
                          { .method = HEAD, .target = "/v1/export?steps=3" },
                          { .method = GET, .target = "/v1/walks?q=ann&colour=red" } };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer, "{\"on\":\"reader\",\"sum\":1}");
    CHECK_STR(asks[1].answer, "{\"on\":\"reader\",\"sum\":1}");
    CHECK_STR(asks[2].answer, "{\"on\":\"reader\",\"sum\":1}");
    CHECK_STR(asks[3].answer, "{\"on\":\"reader\",\"sum\":6}");
    CHECK_INT(asks[4].status, 400);
    CHECK_INT(exec_walks_begun(), 4); /* what is refused has no reader */
    exec_client_close(&client);
}

TEST(a_read_over_its_budget_is_begun_again_on_a_reader)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/walk?steps=20000" },
                          { .method = GET, .target = "/v1/walk" } };
    size_t walks = 0;

    exec_client_open(&client);
    client.config.rate_limit_per_key = 1;
    client.config.rate_limit_burst = 50;
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 200);
    CHECK_STR(asks[0].answer, "{\"on\":\"reader\"," SUM_OF_LONG);
    CHECK_INT(exec_walks_begun(), 3);
    CHECK_STR(asks[1].answer, "{\"on\":\"loop\",\"sum\":1}");
    for (size_t i = 0; i < asks[0].answered_count; i++)
        walks += !strcmp(asks[0].answered[i].name, "X-Walk");
    CHECK_INT(walks, 1);
    CHECK_STR(ask_header(&asks[0], "RateLimit"), "\"requests\";r=49;t=1"); /* counted once */
    CHECK_INT(exec_folder_ask(&client.made, ALLOWS), 1);
    exec_client_close(&client);
}

TEST(a_read_over_its_budget_may_run_twice_everywhere)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/walks?name=long" } };

    setenv("FOYER_STUTTER", "1", 1);
    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer, "{\"on\":\"reader\"," SUM_OF_LONG);
    CHECK_INT(exec_walks_begun(), 3); /* interrupted in the first run on the loop */
    exec_client_close(&client);
}

TEST(reads_on_threads_leave_no_read_to_the_loop)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/walk?steps=2" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = GET, .target = "/v1/notes/1", .headers = { "X-Request-Id: mine-1" } },
        { .method = GET, .target = "/v1/notes/2" },
        { .method = POST, .target = "/v1/work" },   /* .read, .work, .write */
        { .method = POST, .target = "/v1/random" }, /* .read, .write */
        { .method = GET, .target = "/v1/after" },   /* .read, .after */
        { .method = GET, .target = "/v1/nothing" },
        { .method = GET, .target = "/broken-page", .anonymous = true },
    };

    setenv("FOYER_READS", "threads", 1);
    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer, "{\"on\":\"reader\",\"sum\":3}");
    CHECK_INT(asks[1].status, 201);
    CHECK_STR(asks[2].answer, "{\"n\":1,\"text\":\"a\"}");
    CHECK_STR(ask_header(&asks[2], "X-Request-Id"), "mine-1");
    CHECK_INT(asks[3].status, 404);
    CHECK_STR(asks[4].answer, "{\"number\":21}");
    CHECK_INT(asks[5].status, 200);
    CHECK_STR(ask_header(&asks[6], "X-After"), "ran");
    CHECK_INT(asks[7].status, 500);
    CHECK_INT(asks[8].status, 303); /* to the sign-in page */
    exec_client_close(&client);
}

TEST(reads_that_are_begun_again_answer_as_those_that_are_not)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/walk?steps=2" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = GET, .target = "/v1/notes/1" },
        { .method = POST, .target = "/v1/work" },
        { .method = GET, .target = "/v1/nothing" },
    };

    setenv("FOYER_READS", "again", 1);
    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer, "{\"on\":\"reader\",\"sum\":3}");
    CHECK_INT(exec_walks_begun(), 2);
    CHECK_INT(asks[1].status, 201);
    CHECK_STR(asks[2].answer, "{\"n\":1,\"text\":\"a\"}");
    CHECK_STR(asks[3].answer, "{\"number\":21}");
    CHECK_INT(asks[4].status, 500);
    exec_client_close(&client);
}

/* ---- Beside a reader that does not come to its end ------------------------------------------------ */

static void release_after_the_reads(struct exec_client *client, size_t ended)
{
    (void)client;
    if (ended == 4)
        exec_walks_release();
}

TEST(reads_are_answered_while_every_reader_is_held)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/held" },
                          { .method = GET, .target = "/v1/held" },
                          { .method = GET, .target = "/v1/export?steps=4" },
                          { .method = GET, .target = "/v1/walk?steps=2" },
                          { .method = GET, .target = "/v1/walk?steps=3" },
                          { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}" },
                          { .method = GET, .target = "/v1/walk?steps=4" } };

    exec_client_open(&client);
    client.config.readers = 2;
    client.in_between = release_after_the_reads; /* or this test does not come to its end */
    exec_client_ask_at_once(&client, asks, 7);
    CHECK_INT(asks[0].status, 200);
    CHECK_INT(asks[1].status, 200);
    CHECK_STR(asks[2].answer, "{\"on\":\"reader\",\"sum\":10}");
    CHECK_STR(asks[4].answer, "{\"on\":\"loop\",\"sum\":6}");
    CHECK_INT(asks[5].status, 201);
    exec_client_close(&client);
}

enum { TOO_MANY = 3 };

static void release_after_refusals(struct exec_client *client, size_t ended)
{
    (void)client;
    if (ended == TOO_MANY)
        exec_walks_release();
}

TEST(a_full_queue_of_readers_says_when_to_come_back)
{
    /* The first is begun or still queued when the last comes: one more may be refused. */
    enum { ASKS = 1 + LIMIT_READER_QUEUE + TOO_MANY };
    static struct ask asks[ASKS];
    struct exec_client client;
    size_t refused = 0;

    for (size_t i = 0; i < ASKS; i++)
        asks[i] = (struct ask){ .method = GET, .target = "/v1/held" };
    exec_client_open(&client);
    client.config.readers = 1;
    client.in_between = release_after_refusals;
    exec_client_ask_at_once(&client, asks, ASKS);
    for (size_t i = 0; i < ASKS; i++) {
        refused += asks[i].status == 503;
        CHECK(asks[i].status == 200 || asks[i].status == 503);
        if (asks[i].status == 503) {
            CHECK_HAS(asks[i].answer, "\"code\":\"busy\"");
            CHECK_STR(ask_header(&asks[i], "Retry-After"), "1");
        }
    }
    CHECK(refused == TOO_MANY || refused == TOO_MANY + 1);
    exec_client_close(&client);
}

static void release_after_revoking(struct exec_client *client, size_t ended)
{
    (void)client;
    if (ended == 1)
        exec_walks_release();
}

TEST(a_key_that_is_revoked_while_its_read_waits_reads_nothing)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/held" },
                          { .method = GET, .target = "/v1/export?steps=4" },
                          { .method = POST, .target = "/v1/revoke" } };

    exec_client_open(&client);
    client.config.readers = 1;
    client.in_between = release_after_revoking;
    exec_client_ask_at_once(&client, asks, 3);
    CHECK_INT(asks[2].status, 200);
    CHECK_INT(asks[1].status, 401);
    exec_client_close(&client);
}

/* ---- Reads that are stopped ---------------------------------------------------------------------- */

TEST(a_read_that_takes_too_long_is_stopped_and_says_what_to_narrow)
{
    struct exec_client client;
    struct ask asks[] = { { .method = GET, .target = "/v1/walk?steps=2147483647" },
                          { .method = GET, .target = "/v1/walks?name=endless&q=ann" },
                          { .method = GET, .target = "/v1/walks?name=endless&count=true" },
                          { .method = GET, .target = "/v1/walks?name=endless" },
                          { .method = GET, .target = "/v1/export?steps=4" } };

    setenv("FOYER_TEST_TIMEOUTS", "50", 1);
    exec_client_open(&client);
    client.config.readers = 1;
    ASK(&client, asks);
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(asks[i].status, 503);
        CHECK_HAS(asks[i].answer, "\"code\":\"too_slow\"");
        CHECK(ask_header(&asks[i], "X-Walk") == NULL);
        CHECK(ask_header(&asks[i], "Retry-After") == NULL); /* it would be as slow again */
    }
    CHECK_HAS(asks[1].answer, "longer words in q");
    CHECK_HAS(asks[2].answer, "leave count out");
    CHECK_HAS(asks[3].answer, "limit");
    CHECK_STR(asks[4].answer, "{\"on\":\"reader\",\"sum\":10}");
    exec_client_close(&client);
}

TEST(a_read_whose_client_has_gone_is_stopped)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/export?steps=2147483647", .hangs_up = has_begun },
        { .method = GET, .target = "/v1/export?steps=4" },
    };

    exec_client_open(&client);
    client.config.readers = 1;
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 408);
    CHECK_HAS(asks[0].answer, "\"code\":\"abandoned\"");
    CHECK_STR(asks[1].answer, "{\"on\":\"reader\",\"sum\":10}");
    exec_client_close(&client);
}

TEST(a_read_whose_client_goes_while_it_waits_is_not_begun)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/held" },
        { .method = GET, .target = "/v1/export", .hangs_up = at_once },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}", .hangs_up = at_once }
    };

    exec_client_open(&client);
    client.config.readers = 1;
    client.in_between = release_after_revoking;
    exec_client_ask_at_once(&client, asks, 3);
    CHECK_INT(asks[0].status, 200);
    CHECK_INT(asks[1].status, 408);
    CHECK_INT(asks[2].status, 201); /* what changes something is done to its end */
    CHECK_INT(exec_walks_begun(), 1);
    exec_client_close(&client);
}

#ifdef FOYER_FAULTS
static uint64_t next_fault;
static bool was_hit;

static void arm(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    fault_arm(1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_QUEUE,
              next_fault);
}

static void disarm(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    was_hit = fault_was_hit();
    fault_arm(0, 0);
}

/* On the loop, between the threads, or on the reader: it is answered, and the next one is served. */
TEST(any_failing_call_of_a_long_read_is_answered)
{
    struct exec_client client;

    exec_client_open(&client);
    client.config.readers = 1;
    was_hit = true;
    for (next_fault = 1; was_hit; next_fault++) {
        struct ask asks[] = {
            { .method = GET, .target = "/v1/walk?steps=20000", .before = arm },
            { .method = GET, .target = "/v1/walk?steps=20000", .before = disarm },
        };

        harness_note("with fallible call %llu failing", (unsigned long long)next_fault);
        ASK(&client, asks);
        CHECK(asks[0].status == 200 || asks[0].status == 500 || asks[0].status == 503);
        CHECK_STR(asks[1].answer, "{\"on\":\"reader\",\"sum\":200010000}");
    }
    CHECK(next_fault > 20);
    exec_client_close(&client);
}
#endif
