/* A whole server whose disk or queues fail: what it answers, and how it ends. */
#include "base/fault.h"
#include "exec_client.h"
#include "exec_notes.h"
#include "harness.h"
#include "store/vfs.h"

#include <stdio.h>
#include <string.h>

#define CHECK_HAS(text, part) CHECK(strstr((text), (part)) != NULL)

#ifdef FOYER_FAULTS
static void fill_queue(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    fault_arm(1u << FAULT_QUEUE, 1);
}

TEST(a_saturated_queue_says_when_to_come_back)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}", .before = fill_queue },
        { .method = POST, .target = "/v1/work", .before = fill_queue },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}" },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(asks[i].status, 503);
        CHECK_HAS(asks[i].answer, "\"code\":\"busy\"");
        CHECK_STR(ask_header(&asks[i], "Retry-After"), "1");
    }
    CHECK_INT(asks[2].status, 201);
    CHECK_INT(exec_note_works(), 0);
    exec_client_close(&client);
}

static void fill_disk(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    vfs_set_disk(VFS_DISK_FULL);
}

static void empty_disk(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    vfs_set_disk(VFS_SOUND);
}

TEST(a_full_disk_is_507_for_writes_alone)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}", .before = fill_disk },
        { .method = GET, .target = "/v1/notes" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}", .before = empty_disk },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 507);
    CHECK_HAS(asks[0].answer, "\"code\":\"disk_full\"");
    CHECK_INT(asks[1].status, 200);
    CHECK_STR(asks[1].answer, "{\"count\":0}");
    CHECK_INT(asks[2].status, 201);
    CHECK_INT(client.exit_code, 0);
    exec_client_close(&client);
}

static void break_disk(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    vfs_set_disk(VFS_SYNCS_FAIL);
}

TEST(a_failed_sync_ends_the_server_with_a_failure)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":2}", .before = break_disk },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 201);
    CHECK_INT(asks[1].status, 503);
    CHECK_HAS(asks[1].answer, "\"code\":\"read_only\"");
    CHECK_INT(client.exit_code, 1);
    exec_client_close(&client);
}
static uint64_t next_fault;
static bool was_hit;

static void arm(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    fault_arm(1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT |
                  1u << FAULT_QUEUE,
              next_fault);
}

static void disarm(struct ask *ask, struct ask *first)
{
    (void)ask;
    (void)first;
    was_hit = fault_was_hit();
    fault_arm(0, 0);
}

/* Whatever fails in a request: it was done and kept, or not at all; and asked again, it is done once. */
TEST(any_failing_call_of_a_request_leaves_it_done_or_undone)
{
    struct exec_client client;
    char body[32], key[64], count[64];

    exec_client_open(&client);
    was_hit = true;
    for (next_fault = 1; was_hit; next_fault++) {
        struct ask asks[] = {
            { .method = POST,
              .target = "/v1/notes",
              .headers = { key },
              .body = body,
              .before = arm },
            { .method = POST,
              .target = "/v1/notes",
              .headers = { key },
              .body = body,
              .before = disarm },
        };

        harness_note("with fallible call %llu failing", (unsigned long long)next_fault);
        snprintf(body, sizeof(body), "{\"n\":%llu}", 1000ull + (unsigned long long)next_fault);
        snprintf(key, sizeof(key), "Idempotency-Key: %llu", (unsigned long long)next_fault);
        ASK(&client, asks);
        CHECK(asks[0].status == 201 || asks[0].status == 500 || asks[0].status == 503);
        CHECK_INT(asks[1].status, 201);
        if (asks[0].status == 201)
            CHECK_STR(ask_header(&asks[1], "Idempotency-Replayed"), "true");
        snprintf(count, sizeof(count), "SELECT count(*) FROM notes WHERE n = %llu",
                 1000ull + (unsigned long long)next_fault);
        CHECK_INT(exec_folder_ask(&client.made, count), 1);
    }
    CHECK(next_fault > 20);
    exec_client_close(&client);
}
#endif
