/* Requests that scripts answer: who may ask, what is answered, and who waits for whom. */
#include "exec_client.h"
#include "exec_notes.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "local foyer = require(\"foyer\")\n"

static void open_with(struct exec_client *client, const char *source)
{
    exec_client_open(client);
    test_write_file("scripts/crm.lua", str_from(source));
}

static const char crm[] = BEGIN
    "foyer.route(\"GET\", \"/things/{id}\", { may = \"note.list\" }, function(ctx, request)\n"
    "  return { id = request.params.id, who = ctx.actor.kind, q = request.query }\n"
    "end)\n"
    "foyer.route(\"PUT\", \"/things/{id}\", { may = \"note.list\" }, function() end)\n"
    "foyer.route(\"POST\", \"/things\", { may = \"note.list\",\n"
    "  body = { properties = { n = { type = \"integer\" } }, required = { \"n\" } } },\n"
    "  function(ctx, request)\n"
    "    local made = foyer.api(\"POST\", \"/v1/notes\",\n"
    "      { body = { n = request.body.n, text = ctx.actor.kind } })\n"
    "    local read = foyer.api(\"GET\", \"/v1/notes/\" .. request.body.n)\n"
    "    if request.body.n == 5 then error(\"after the change\") end\n"
    "    return foyer.reply(made.status, read.body, { location = \"/p/crm/things\" })\n"
    "  end)\n"
    "foyer.route(\"POST\", \"/hook\", { open = \"signed\" }, function(ctx, request)\n"
    "  local made = foyer.api(\"POST\", \"/v1/notes\", { body = { n = 9, text = \"hook\" } })\n"
    "  return { text = request.text, auth = request.headers.authorization,\n"
    "    cookie = request.headers.cookie, key = request.headers[\"x-api-key\"],\n"
    "    who = ctx.actor.kind, made = made.status }\n"
    "end)\n"
    "foyer.route(\"GET\", \"/page\", { open = \"a test\" }, function()\n"
    "  return foyer.reply(200, \"<p>\", { [\"content-type\"] = \"text/html\" })\n"
    "end)\n"
    "foyer.route(\"GET\", \"/broken\", { open = \"a test\" }, function() error(\"secret\") end)\n"
    "foyer.route(\"GET\", \"/spin\", { open = \"a test\" }, function() while true do end end)\n"
    "foyer.route(\"GET\", \"/mine\", { may = \"crm.go\" }, type)\n"
    "foyer.rule(\"crm.go\", function() error(\"no\") end)\n";

TEST(a_route_of_a_script_is_one_like_others)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/p/crm/things/7?a=1&a=2&b=" },
        { .method = HEAD, .target = "/p/crm/things/7?a=1&a=2&b=" },
        { .method = GET, .target = "/p/crm/things/7", .anonymous = true },
        { .method = GET, .target = "/p/crm/thing" },
        { .method = DELETE, .target = "/p/crm/things/7" },
        { .method = OPTIONS, .target = "/p/crm/things/7", .anonymous = true },
        { .method = PUT, .target = "/p/crm/things/7" },
        { .method = GET, .target = "/p/crm/page", .anonymous = true },
        { .method = GET, .target = "/p/crm/mine" },
    };
    struct ask again[] = { { .method = GET, .target = "/p/crm/things/7?a=1&a=2&b=" } };
    char header[100];

    open_with(&client, crm);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 200);
    CHECK_STR(asks[0].answer,
              "{\"id\":\"7\",\"q\":{\"a\":[\"1\",\"2\"],\"b\":\"\"},\"who\":\"apiKey\"}");
    CHECK_STR(asks[0].content_type, "application/json");
    CHECK_INT(asks[1].status, 200);
    CHECK_STR(ask_header(&asks[1], "ETag"), ask_header(&asks[0], "ETag"));
    CHECK_INT(asks[2].status, 401);
    CHECK_INT(asks[3].status, 404);
    CHECK_INT(asks[4].status, 405);
    CHECK_STR(ask_header(&asks[4], "Allow"), "GET, HEAD, PUT, OPTIONS");
    CHECK_INT(asks[5].status, 204);
    CHECK_STR(ask_header(&asks[5], "Allow"), "GET, HEAD, PUT, OPTIONS");
    CHECK_INT(asks[6].status, 204);
    CHECK(strstr(ask_header(&asks[7], "Content-Security-Policy"), "default-src 'none'"));
    CHECK_INT(asks[8].status, 503); /* a rule that fails is no denial */
    snprintf(header, sizeof(header), "If-None-Match: %s", ask_header(&asks[0], "ETag"));
    again[0].headers[0] = header;
    ASK(&client, again);
    CHECK_INT(again[0].status, 304);
    CHECK_STR(again[0].answer, "");
    exec_client_close(&client);
}

/* What is in the way is told at once, and nothing is changed by then. */
static void check_changes(void)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST, .target = "/p/crm/things", .body = "{\"n\":1}" },
        { .method = POST, .target = "/p/crm/things", .body = "{\"n\":1}" },
        { .method = POST, .target = "/p/crm/things", .body = "{\"m\":\"x\"}" },
        { .method = POST, .target = "/p/crm/things", .body = "{\"n\":" },
        { .method = POST, .target = "/p/crm/things", .body = "n=1", .is_form = true },
        { .method = POST, .target = "/p/crm/things", .body = "{\"n\":5}" },
        { .method = POST,
          .target = "/p/crm/things",
          .anonymous = true,
          .headers = { "", "Origin: https://evil.example" },
          .body = "{\"n\":6}" },
    };

    open_with(&client, crm);
    asks[6].headers[0] = client.session;
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 201);
    CHECK_STR(asks[0].answer, "{\"n\":1,\"text\":\"apiKey\"}");
    CHECK_STR(ask_header(&asks[0], "Location"), "/p/crm/things");
    CHECK_INT(asks[1].status, 409);
    CHECK_INT(asks[2].status, 400);
    CHECK(strstr(asks[2].answer, "\"field\":\"n\",\"code\":\"required\"") &&
          strstr(asks[2].answer, "\"field\":\"m\",\"code\":\"unknown_field\""));
    CHECK_INT(asks[3].status, 400);
    CHECK_INT(asks[4].status, 415);
    CHECK_INT(asks[5].status, 500);
    CHECK_INT(asks[6].status, 403);
    CHECK(strstr(asks[6].answer, "\"csrf\""));
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM notes"), 2);
    exec_client_close(&client);
}

TEST(what_a_route_changes_is_committed_before_its_answer)
{
    check_changes();
}

TEST(a_route_changes_the_same_where_the_writer_runs_all_twice)
{
    setenv("FOYER_STUTTER", "1", 1);
    check_changes();
}

TEST(an_open_route_acts_as_its_script_and_gets_what_was_sent)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST,
          .target = "/p/crm/hook",
          .anonymous = true,
          .body = "{ \"a\":",
          .headers = { "Authorization: Basic abc", "Cookie: a=b" } },
        { .method = POST, .target = "/p/crm/hook", .body = "{}" },
        { .method = POST, .target = "/p/crm/hook?workspace=7", .anonymous = true },
        { .method = POST,
          .target = "/p/crm/hook?workspace=018f2d5e-0000-7000-8000-000000000001",
          .anonymous = true },
    };

    open_with(&client, crm);
    ASK(&client, asks);
    CHECK_STR(asks[0].answer,
              "{\"auth\":\"Basic abc\",\"made\":201,\"text\":\"{ \\\"a\\\":\",\"who\":"
              "\"nobody\"}");
    CHECK_STR(asks[1].answer, "{\"made\":409,\"text\":\"{}\",\"who\":\"apiKey\"}");
    CHECK_INT(asks[2].status, 400);
    CHECK_INT(asks[3].status, 404);
    exec_client_close(&client);
}

TEST(strangers_do_not_learn_why_a_route_failed)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = GET, .target = "/p/crm/broken", .anonymous = true },
        { .method = GET, .target = "/p/crm/broken" },
    };

    open_with(&client, crm);
    ASK(&client, asks);
    CHECK_INT(asks[0].status, 500);
    CHECK(strstr(asks[0].answer, "\"plugin_failed\"") && !strstr(asks[0].answer, "secret"));
    CHECK(strstr(asks[1].answer, "crm.lua:24") && strstr(asks[1].answer, "secret"));
    CHECK_INT(exec_folder_ask(&client.made, "SELECT count(*) FROM decisions WHERE action = "
                                            "'GET /p/crm/broken' AND rule = 'crm.lua:24'"),
              2);
    exec_client_close(&client);
}

TEST(a_request_with_a_key_is_answered_once_by_a_script)
{
    struct exec_client client;
    struct ask asks[] = {
        { .method = POST,
          .target = "/p/crm/things",
          .body = "{\"n\":1}",
          .headers = { "Idempotency-Key: k1" } },
        { .method = POST,
          .target = "/p/crm/things",
          .body = "{\"n\":1}",
          .headers = { "Idempotency-Key: k1" } },
        { .method = POST,
          .target = "/p/crm/things",
          .body = "{\"n\":2}",
          .headers = { "Idempotency-Key: k1" } },
    };

    open_with(&client, crm);
    ASK(&client, asks);
    CHECK_INT(asks[1].status, 201);
    CHECK_STR(asks[1].answer, asks[0].answer);
    CHECK_STR(ask_header(&asks[1], "Idempotency-Replayed"), "true");
    CHECK_INT(asks[2].status, 409);
    for (int i = 0; i < 2; i++) {
        asks[i].body = "{\"n\":3}";
        asks[i].headers[0] = "Idempotency-Key: k2";
    }
    exec_client_ask_at_once(&client, asks, 2);
    CHECK_INT(asks[0].status, 201);
    if (asks[1].status == 409)
        CHECK(strstr(asks[1].answer, "already_under_way"));
    else
        CHECK_STR(ask_header(&asks[1], "Idempotency-Replayed"), "true");
    exec_client_close(&client);
}

/* ---- Many at once ------------------------------------------------------------------------------ */

enum { SPINNING = LIMIT_VISITS_OF_ONE + LIMIT_VISIT_WAIT + 6, OTHERS = 2 };

static struct ask flood[SPINNING + OTHERS];
static bool are_others_answered(void)
{
    for (size_t i = SPINNING; i < SPINNING + OTHERS; i++)
        if (flood[i].status == 0)
            return false;
    return true;
}

TEST(routes_that_never_end_delay_nobody_else_and_end_when_their_askers_go)
{
    struct exec_client client;
    size_t busy = 0, gone = 0;

    for (size_t i = 0; i < SPINNING; i++)
        flood[i] = (struct ask){ .method = GET,
                                 .target = "/p/crm/spin",
                                 .anonymous = true,
                                 .hangs_up = are_others_answered };
    flood[SPINNING] = (struct ask){ .method = GET, .target = "/p/other/quick" };
    flood[SPINNING + 1] = (struct ask){ .method = GET, .target = "/v1/notes" };
    open_with(&client, crm);
    test_write_file("scripts/other.lua",
                    STR(BEGIN
                        "foyer.route(\"GET\", \"/quick\", { may = \"note.list\" }, function()\n"
                        "  return foyer.api(\"GET\", \"/v1/notes\").body\n"
                        "end)\n"));
    exec_client_ask_at_once(&client, flood, SPINNING + OTHERS);
    for (size_t i = 0; i < SPINNING; i++) {
        busy += flood[i].status == 503;
        gone += flood[i].status == 408;
        if (flood[i].status == 503)
            CHECK_STR(ask_header(&flood[i], "Retry-After"), "1");
    }
    /* as many as waited before the first ones were taken */
    CHECK(busy >= SPINNING - LIMIT_VISIT_WAIT - LIMIT_VISITS_OF_ONE &&
          busy <= SPINNING - LIMIT_VISIT_WAIT);
    CHECK_INT(gone, SPINNING - busy);
    CHECK_INT(flood[SPINNING].status, 200);
    CHECK_INT(flood[SPINNING + 1].status, 200);
    exec_client_close(&client);
}
