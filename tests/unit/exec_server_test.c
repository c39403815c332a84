/* A whole server without sockets: what exec does with a request, from the route to the answer. */
#include "exec_client.h"
#include "exec_notes.h"
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define CHECK_HAS(text, part) CHECK(strstr((text), (part)) != NULL)

TEST(an_answer_can_be_asked_for_again_by_its_tag)
{
    struct exec_client client;
    struct ask first[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1,\"text\":\"a\"}" },
        { .method = GET, .target = "/v1/notes/1", .headers = { "X-Request-Id: mine-1" } },
        { .method = HEAD, .target = "/v1/notes/1" }
    };
    struct ask second[] = { { .method = GET, .target = "/v1/notes/1" },
                            { .method = GET, .target = "/v1/notes/1" },
                            { .method = GET, .target = "/v1/notes/1" } };
    char header[128];

    exec_client_open(&client);
    ASK(&client, first);
    CHECK_INT(first[0].status, 201);
    CHECK_INT(first[1].status, 200);
    CHECK_STR(first[1].answer, "{\"n\":1,\"text\":\"a\"}");
    CHECK_STR(ask_header(&first[1], "X-Request-Id"), "mine-1");
    CHECK(ask_header(&first[1], "ETag") != NULL);
    CHECK_STR(ask_header(&first[2], "ETag"), ask_header(&first[1], "ETag"));
    CHECK_STR(ask_header(&first[1], "Cache-Control"), "private, no-cache");
    snprintf(header, sizeof(header), "If-None-Match: \"x\", W/%s", ask_header(&first[1], "ETag"));
    second[0].headers[0] = header;
    second[1].headers[0] = "If-None-Match: \"other\"";
    second[2].headers[0] = "If-Match: \"other\"";
    ASK(&client, second);
    CHECK_INT(second[0].status, 304);
    CHECK_STR(second[0].answer, "");
    CHECK_STR(ask_header(&second[0], "ETag"), ask_header(&first[1], "ETag"));
    CHECK_INT(second[1].status, 200);
    CHECK_INT(second[2].status, 412);
    CHECK_INT(client.exit_code, 0);
    exec_client_close(&client);
}

TEST(what_is_not_served_is_told_apart)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/unknown" },
        { .method = DELETE, .target = "/v1/notes" },
        { .method = OPTIONS, .target = "/v1/notes/1" },
        { .method = GET, .target = "/v1/notes?colour=red&limit=1" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":1,\"m\":2}" },
        { .method = POST, .target = "/v1/notes", .body = "n=1", .is_form = true },
        { .method = GET, .target = "/v1/nothing" },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 404);
    CHECK_STR(asks[0].content_type, "application/problem+json");
    CHECK_HAS(asks[0].answer, "\"code\":\"not_found\"");
    CHECK_HAS(asks[0].answer, ask_header(&asks[0], "X-Request-Id"));
    CHECK_INT(asks[1].status, 405);
    CHECK_HAS(ask_header(&asks[1], "Allow"), "POST");
    CHECK_INT(asks[2].status, 204);
    CHECK_HAS(ask_header(&asks[2], "Allow"), "PATCH");
    CHECK_INT(asks[3].status, 400);
    CHECK_HAS(asks[3].answer, "\"field\":\"colour\"");
    CHECK_INT(asks[4].status, 400);
    CHECK_INT(asks[5].status, 400);
    CHECK_HAS(asks[5].answer, "\"field\":\"m\"");
    CHECK_INT(asks[6].status, 415);
    CHECK_INT(asks[7].status, 500); /* a handler that forgot its answer is our fault */
    exec_client_close(&client);
}

TEST(a_key_is_taken_in_every_form_and_only_if_it_is_right)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/v1/notes", .anonymous = true },
        { .method = GET,
          .target = "/v1/notes",
          .headers = { "X-API-Key: wrong" },
          .anonymous = true },
        { .method = GET, .target = "/v1/notes", .anonymous = true },
        { .method = GET,
          .target = "/v1/notes",
          .headers = { "Authorization: Basic abc" },
          .anonymous = true },
        { .method = GET,
          .target = "/v1/nothing",
          .headers = { "X-API-Key: wrong" },
          .anonymous = true },
        { .method = GET, .target = "/v1/notes" },
    };
    char bearer[200];

    exec_client_open(&client);
    snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", client.key);
    asks[2].headers[0] = bearer;
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 401);
    CHECK_HAS(ask_header(&asks[0], "WWW-Authenticate"), "Bearer");
    CHECK_INT(asks[1].status, 401);
    CHECK_INT(asks[2].status, 200);
    CHECK_INT(asks[3].status, 401);
    CHECK_INT(asks[4].status, 401); /* also where none is needed */
    CHECK_INT(asks[5].status, 200);
    exec_client_close(&client);
}

TEST(who_may_not_see_a_thing_is_told_that_there_is_none)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":7}" },
        { .method = POST, .target = "/v1/notes", .body = "{\"n\":8}" },
        { .method = PATCH,
          .target = "/v1/notes/7",
          .headers = { "X-Request-Id: same" },
          .body = "{\"text\":\"x\"}" },
        { .method = PATCH,
          .target = "/v1/notes/9",
          .headers = { "X-Request-Id: same" },
          .body = "{\"text\":\"x\"}" },
        { .method = PATCH, .target = "/v1/notes/8", .body = "{\"text\":\"x\"}" },
        { .method = GET, .target = "/v1/notes/7" },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[2].status, 404);
    CHECK_INT(asks[3].status, 404);
    CHECK_STR(asks[2].answer, asks[3].answer); /* byte by byte */
    CHECK_INT(asks[4].status, 403);
    CHECK_HAS(asks[4].answer, "\"code\":\"not_this_one\"");
    CHECK_INT(asks[5].status, 404);
    CHECK_INT(
        exec_folder_ask(&client.made, "SELECT count(*) FROM decisions WHERE verdict = 'deny'"), 3);
    exec_client_close(&client);
}

TEST(a_cookie_counts_only_from_our_own_pages)
{
    struct exec_client client;
    static const struct {
        const char *site, *origin;
        bool has_cookie;
        int status;
    } cases[] = {
        { "same-origin", NULL, true, 201 },
        { "none", NULL, true, 201 },
        { "same-site", NULL, true, 403 },
        { "cross-site", NULL, true, 403 },
        { "cross-site", "http://127.0.0.1:8080", true, 403 },
        { NULL, "http://127.0.0.1:8080", true, 201 },
        { NULL, "https://127.0.0.1:8080", true, 403 },
        { NULL, "http://127.0.0.1:8081", true, 403 },
        { NULL, "http://evil.example", true, 403 },
        { NULL, "null", true, 403 },
        { NULL, NULL, true, 403 },
        { NULL, NULL, false, 401 },
        { NULL, "null", false, 401 },
        { "cross-site", NULL, false, 403 },
        { NULL, "http://evil.example", false, 403 },
    };
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    struct ask asks[CASES + 1];
    char site[CASES][64], origin[CASES][64], body[CASES][32];

    exec_client_open(&client);
    for (size_t i = 0; i < CASES; i++) {
        size_t at = 0;

        snprintf(body[i], sizeof(body[i]), "{\"n\":%zu}", 100 + i);
        asks[i] = (struct ask){
            .method = POST, .target = "/v1/notes", .body = body[i], .anonymous = true
        };
        snprintf(site[i], sizeof(site[i]), "Sec-Fetch-Site: %s", cases[i].site);
        snprintf(origin[i], sizeof(origin[i]), "Origin: %s", cases[i].origin);
        if (cases[i].has_cookie)
            asks[i].headers[at++] = client.session;
        if (cases[i].site)
            asks[i].headers[at++] = site[i];
        if (cases[i].origin)
            asks[i].headers[at++] = origin[i];
    }
    asks[CASES] = (struct ask){ .method = GET,
                                .target = "/v1/notes",
                                .headers = { client.session, "Sec-Fetch-Site: cross-site" },
                                .anonymous = true };
    exec_client_ask(&client, asks, CASES + 1);
    for (size_t i = 0; i < CASES; i++) {
        harness_note("case %zu", i);
        CHECK_INT(asks[i].status, cases[i].status);
        if (cases[i].status == 403)
            CHECK_HAS(asks[i].answer, "\"code\":\"csrf\"");
    }
    harness_note("%s", "");
    CHECK_INT(asks[CASES].status, 200);
    exec_client_close(&client);
}

TEST(who_asks_too_often_is_told_when_to_come_back)
{
    enum { TRIES = 8 };
    struct exec_client client;
    struct ask asks[TRIES + 2];

    exec_client_open(&client);
    client.config.rate_limit_per_key = 1;
    client.config.rate_limit_burst = 5;
    for (size_t i = 0; i < TRIES; i++)
        asks[i] = (struct ask){ .method = GET, .target = "/v1/notes" };
    asks[TRIES] = (struct ask){ .method = GET, .target = "/v1/after", .anonymous = true };
    asks[TRIES + 1] = (struct ask){
        .method = GET, .target = "/v1/notes", .headers = { "X-API-Key: x" }, .anonymous = true
    };
    exec_client_ask_at_once(&client, asks, TRIES + 2);
    CHECK_INT(asks[4].status, 200);
    CHECK_STR(ask_header(&asks[0], "RateLimit-Policy"), "\"requests\";q=5;w=5");
    CHECK_STR(ask_header(&asks[0], "RateLimit"), "\"requests\";r=4;t=1");
    CHECK_INT(asks[7].status, 429);
    CHECK_STR(ask_header(&asks[7], "Retry-After"), "1");
    CHECK_HAS(ask_header(&asks[7], "RateLimit"), "r=0;");
    CHECK_INT(asks[TRIES].status, 200); /* somebody else's bucket */
    CHECK_STR(ask_header(&asks[TRIES], "X-After"), "ran");
    CHECK_INT(asks[TRIES + 1].status, 401);
    exec_client_close(&client);
}

TEST(work_runs_between_reading_and_writing)
{
    struct exec_client client;
    struct ask asks[] = { { .method = POST, .target = "/v1/work" },
                          { .method = POST, .target = "/v1/work?fail=1" } };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 200);
    CHECK_STR(asks[0].answer, "{\"number\":21}");
    CHECK_INT(asks[1].status, 400); /* the parameter is unknown */
    CHECK_INT(exec_note_works(), 1);
    exec_client_close(&client);
}

TEST(pages_have_problems_that_people_can_read)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/page?utm_source=mail", .anonymous = true },
        { .method = POST,
          .target = "/page",
          .headers = { "Sec-Fetch-Site: same-origin" },
          .body = "a=b",
          .anonymous = true,
          .is_form = true },
        { .method = GET, .target = "/broken-page", .anonymous = true },
        { .method = GET, .target = "/none", .headers = { "Accept: text/html" }, .anonymous = true },
        { .method = GET, .target = "/none", .headers = { "Accept: */*" }, .anonymous = true },
    };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 200);
    CHECK_STR(asks[0].answer, "<p>page</p>");
    CHECK_HAS(ask_header(&asks[0], "Content-Security-Policy"), "default-src 'none'");
    CHECK_INT(asks[1].status, 410);
    CHECK_STR(asks[1].content_type, "text/html; charset=utf-8");
    CHECK_HAS(asks[1].answer, "This &lt;b&gt;link&lt;/b&gt; was used.");
    CHECK(ask_header(&asks[1], "Location") == NULL);
    CHECK_INT(asks[2].status, 303);
    CHECK_STR(ask_header(&asks[2], "Location"), "/sign-in");
    CHECK_INT(asks[3].status, 404);
    CHECK_STR(asks[3].content_type, "text/html; charset=utf-8");
    CHECK_INT(asks[4].status, 404);
    CHECK_STR(asks[4].content_type, "application/problem+json");
    exec_client_close(&client);
}

TEST(routes_called_from_inside_fail_for_themselves)
{
    struct exec_client client;
    struct ask asks[] = { { .method = POST, .target = "/v1/inside" },
                          { .method = GET, .target = "/v1/notes/501" } };

    exec_client_open(&client);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 200);
    CHECK_STR(asks[0].answer, "[200,409,422,404]");
    CHECK_INT(asks[1].status, 200);
    exec_client_close(&client);
}
