/* Requests that come again, at once, or on the strength of what was read before: each is done once. */
#include "exec_client.h"
#include "exec_notes.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_HAS(text, part) CHECK(strstr((text), (part)) != NULL)

TEST(a_repeated_post_is_answered_again_and_done_once)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: k" },
          .body = "{\"n\":1}" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: k" },
          .body = "{\"n\":1}" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: k" },
          .body = "{\"n\":2}" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: " },
          .body = "{\"n\":6}" },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 201);
    CHECK(ask_header(&asks[0], "Idempotency-Replayed") == NULL);
    CHECK_INT(asks[1].status, 201);
    CHECK_STR(asks[1].answer, asks[0].answer);
    CHECK_STR(ask_header(&asks[1], "Idempotency-Replayed"), "true");
    CHECK_INT(asks[2].status, 409);
    CHECK_HAS(asks[2].answer, "idempotency_key_reused");
    CHECK_INT(asks[3].status, 400);
    CHECK_INT(exec_note_writes(), 1);
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM idempotency"), 1);
    exec_client_close(&client);
}

/* A post of body with that key. */
static struct ask post(const char *target, const char *key, const char *body)
{
    return (struct ask){ .method = POST, .target = target, .headers = { key }, .body = body };
}

TEST(refusals_of_the_domain_are_kept_and_faulty_requests_are_not)
{
    struct exec_client client;
    struct ask asks[] = {
        post("/v1/notes", NULL, "{\"n\":1}"),
        post("/v1/notes", "Idempotency-Key: a", "{\"n\":1}"),
        post("/v1/notes", "Idempotency-Key: a", "{\"n\":1}"),
        post("/v1/notes", "Idempotency-Key: b", "{\"n\":14}"),
        post("/v1/notes", "Idempotency-Key: b", "{\"n\":14}"),
        post("/v1/notes", "Idempotency-Key: c", "{\"m\":1}"),
        post("/v1/notes", "Idempotency-Key: c", "{\"n\":4}"),
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[1].status, 409); /* note 1 is there */
    CHECK_STR(asks[2].answer, asks[1].answer);
    CHECK_STR(ask_header(&asks[2], "Idempotency-Replayed"), "true");
    CHECK_INT(asks[3].status, 422);
    CHECK_STR(asks[4].answer, asks[3].answer);
    CHECK_INT(asks[5].status, 400);
    CHECK_INT(asks[6].status, 201);
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM notes"), 2);
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM idempotency"), 3);
    exec_client_close(&client);
}

TEST(an_answer_with_a_secret_is_not_given_twice)
{
    struct exec_client client;
    struct ask asks[] = {
        post("/v1/secrets", "Idempotency-Key: k", "{\"n\":5}"),
        post("/v1/secrets", "Idempotency-Key: k", "{\"n\":5}"),
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 201);
    CHECK_STR(ask_header(&asks[0], "Cache-Control"), "no-store");
    CHECK_INT(asks[1].status, 409);
    CHECK_HAS(asks[1].answer, "already_done");
    CHECK_HAS(asks[1].answer, "\"id\":\"");
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM idempotency WHERE body IS NULL"),
              1);
    exec_client_close(&client);
}

TEST(a_repeated_post_that_is_under_way_is_done_once)
{
    enum { TWINS = 20 };
    struct exec_client client;
    struct ask asks[TWINS];

    exec_client_open(&client);
    for (size_t i = 0; i < TWINS; i++)
        asks[i] = (struct ask){ .method = POST,
                                .target = "/v1/notes",
                                .headers = { "Idempotency-Key: twins" },
                                .body = "{\"n\":1}" };
    exec_client_ask_at_once(&client, asks, TWINS);
    for (size_t i = 0; i < TWINS; i++)
        CHECK_INT(asks[i].status, 201);
    CHECK_INT(exec_note_writes(), 1);
    exec_client_close(&client);
}

static void take_tag(struct ask *ask, struct ask *first)
{
    static char header[128];

    snprintf(header, sizeof(header), "If-Match: %s", ask_header(&first[1], "ETag"));
    ask->headers[0] = header;
}

TEST(a_change_of_what_has_changed_meanwhile_is_refused)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = GET, .target = "/v1/notes/1" },
        { .method = PATCH,
          .target = "/v1/notes/1",
          .body = "{\"text\":\"b\"}",
          .before = take_tag },
        { .method = PATCH,
          .target = "/v1/notes/1",
          .body = "{\"text\":\"c\"}",
          .before = take_tag },
        { .method = PATCH,
          .target = "/v1/notes/1",
          .headers = { "If-Match: *" },
          .body = "{\"text\":\"d\"}" },
        { .method = PATCH,
          .target = "/v1/notes/1",
          .headers = { "If-Match: \"nonsense" },
          .body = "{\"text\":\"e\"}" },
        { .method = PATCH,
          .target = "/v1/notes/2",
          .headers = { "If-Match: *" },
          .body = "{\"text\":\"d\"}" },
        { .method = GET, .target = "/v1/notes/1" },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[2].status, 200);
    CHECK_INT(asks[3].status, 412);
    CHECK_INT(asks[4].status, 200);
    CHECK_INT(asks[5].status, 412);
    CHECK_INT(asks[6].status, 404);
    CHECK_STR(asks[7].answer, "{\"n\":1,\"text\":\"d\"}");
    exec_client_close(&client);
}

TEST(requests_that_come_together_share_commits)
{
    enum { MANY = 200 };
    struct exec_client client;
    struct ask asks[MANY];
    char body[MANY][32];
    int64_t commits;

    exec_client_open(&client);
    commits = exec_folder_ask(&client.made, "SELECT commits FROM meta");
    for (size_t i = 0; i < MANY; i++) {
        snprintf(body[i], sizeof(body[i]), "{\"n\":%zu}", 1000 + i);
        asks[i] = (struct ask){ .method = POST, .target = "/v1/notes", .body = body[i] };
    }
    exec_client_ask_at_once(&client, asks, MANY);
    for (size_t i = 0; i < MANY; i++)
        CHECK_INT(asks[i].status, 201);
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM notes"), MANY);
    CHECK(exec_folder_ask(&client.made, "SELECT commits FROM meta") - commits < MANY);
    exec_client_close(&client);
}

TEST(a_culprit_among_requests_fails_alone)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":2}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":13}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":3}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":3}" },
    };

    exec_client_open(&client);
    exec_client_ask_at_once(&client, asks, 5);
    CHECK_INT(asks[0].status, 201);
    CHECK_INT(asks[1].status, 201);
    CHECK_INT(asks[2].status, 422);
    CHECK_INT(asks[3].status, 201);
    CHECK_INT(asks[4].status, 409);
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM notes"), 3);
    exec_client_close(&client);
}

TEST(stuttering_handlers_answer_as_if_they_ran_once)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: k" },
          .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: k" },
          .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = GET, .target = "/v1/notes/1" },
        { .method = POST, .target = "/v1/random" },
        { .method = POST, .target = "/v1/random" },
        { .method = POST, .target = "/v1/work" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: l" },
          .body = "{\"n\":1}" },
        { .method = POST,
          .target = "/v1/notes",
          .headers = { "Idempotency-Key: l" },
          .body = "{\"n\":1}" },
    };

    setenv("FOYER_STUTTER", "1", 1);
    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 201);
    CHECK_INT(exec_note_writes(), 4); /* of the two that were not replayed */
    CHECK_STR(asks[1].answer, asks[0].answer);
    CHECK_INT(asks[2].status, 200);
    CHECK_INT(asks[3].status, 200);
    CHECK_HAS(asks[3].answer, "\"same\":false");
    CHECK(strcmp(asks[3].answer, asks[4].answer) != 0);
    CHECK_STR(asks[5].answer, "{\"number\":21}");
    CHECK_INT(asks[6].status, 409);
    CHECK_STR(asks[7].answer, asks[6].answer);
    exec_client_close(&client);
}
