/* foyer.http.fetch in handlers of events: answers, errors, who goes on meanwhile, and the end. */
#include "harness.h"
#include "script_bench.h"
#include "web_peer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPEN  "SELECT count(*) FROM deliveries WHERE ended_at IS NULL"
#define DONE  "SELECT count(*) FROM deliveries WHERE status = 2"
#define ERROR "SELECT error_message FROM deliveries ORDER BY tried_at DESC, seq DESC LIMIT 1"
#define WHERE "SELECT error_where FROM deliveries ORDER BY tried_at DESC, seq DESC LIMIT 1"

/* A handler of client.created; %s is the URL of the peer. */
static void open_bench(struct script_bench *bench, const char *format, const struct web_peer *peer)
{
    static char source[8000];

    snprintf(source, sizeof(source), "local url = \"%s\"\n%s", peer->url, format);
    script_bench_open(bench, source);
    bench->config.outgoing_allow = "127.0.0.1";
    script_bench_start(bench, false);
}

static void close_bench(struct script_bench *bench)
{
    script_bench_stop(bench);
    script_bench_close(bench);
}

static void check_error(struct script_bench *bench, const char *piece)
{
    const char *error = script_bench_text(bench, ERROR);

    if (!strstr(error, piece))
        harness_failed(__FILE__, __LINE__, "`%s` does not have `%s`", error, piece);
}

TEST(a_handler_fetches_and_goes_on_with_the_answer)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, web_peer_says);
    peer.answer = "HTTP/1.1 418 Teapot\r\nX-One: 1\r\nVary: a\r\nVary: b\r\n"
                  "Content-Length: 9\r\n\r\n{\"a\":[2]}";
    open_bench(
        &bench,
        "foyer.on(\"client.created\", function(event)\n"
        "  local answer = foyer.http.fetch(url .. \"/hook?key=secret\",\n"
        "    { json = { text = \"Hello\" }, headers = { [\"X-Key\"] = \"k\", [\"X-N\"] = 7 } })\n"
        "  assert(answer.status == 418 and answer.headers[\"x-one\"] == \"1\")\n"
        "  assert(answer.headers.vary == \"a, b\")\n"
        "  assert(foyer.json.decode(answer.body).a[1] == 2)\n"
        "  local answers = {}\n"
        "  for i = 1, 3 do answers[i] = foyer.http.fetch(url, { method = \"DELETE\" }).status end\n"
        "  assert(#answers == 3)\n"
        "  assert(foyer.api(\"GET\", \"/v1/clients/\" .. event.entityId).status == 200)\n"
        "end)\n",
        &peer);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, DONE, 1);
    close_bench(&bench);
    CHECK(str_starts(buf_view(&peer.heard), STR("DELETE / HTTP/1.1\r\n")));
    CHECK(!strstr(peer.heard.at, "Content-Type"));
    CHECK_INT(peer.count, 4);
    web_peer_stop(&peer);
}

TEST(what_is_sent_is_what_was_asked_for)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, web_peer_says);
    peer.answer = "HTTP/1.1 204 No Content\r\n\r\n";
    open_bench(
        &bench,
        "foyer.on(\"client.created\", function()\n"
        "  local answer = foyer.http.fetch(url .. \"/a%20b?c=d\", { method = \"PUT\",\n"
        "    body = \"text\", headers = { Authorization = \"Bearer t\" } })\n"
        "  assert(answer.status == 204 and answer.body == \"\" and not next(answer.headers))\n"
        "end)\n",
        &peer);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, DONE, 1);
    CHECK(str_starts(buf_view(&peer.heard), STR("PUT /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:")));
    CHECK(strstr(peer.heard.at, "\r\ncontent-type: text/plain; charset=utf-8\r\n"));
    CHECK(strstr(peer.heard.at, "\r\nAuthorization: Bearer t\r\n"));
    CHECK(str_ends(buf_view(&peer.heard), STR("\r\n\r\ntext")));
    close_bench(&bench);
    web_peer_stop(&peer);
}

static bool fail_twice(struct web_peer *peer, int fd, int number)
{
    peer->answer = number < 2 ? "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
                              : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    return web_peer_says(peer, fd, number);
}

TEST(a_peer_that_fails_twice_is_asked_three_times)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, fail_twice);
    open_bench(&bench,
               "foyer.on(\"client.created\", function(event)\n"
               "  local answer = foyer.http.fetch(url, { json = { number = event.number } })\n"
               "  if answer.status ~= 200 then error(\"the chat says \" .. answer.status) end\n"
               "end)\n",
               &peer);
    script_bench_tell(&bench, "client.created", 0);
    for (int attempt = 1; attempt <= 2; attempt++) {
        script_bench_wait(&bench, "SELECT attempts FROM deliveries", attempt);
        check_error(&bench, "the chat says 500");
        script_bench_hurry(&bench);
    }
    script_bench_wait(&bench, DONE, 1);
    CHECK_INT(peer.count, 3);
    close_bench(&bench);
    web_peer_stop(&peer);
}

TEST(what_cannot_be_fetched_is_an_error_with_a_reason)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, web_peer_says);
    peer.answer = "";
    open_bench(&bench,
               "foyer.on(\"client.created\", function()\n"
               "  local good, why = pcall(foyer.http.fetch, url)\n"
               "  assert(not good and why:find(\"closed before its answer was whole\"), why)\n"
               "  local sure, again = pcall(foyer.http.fetch, \"ftp://example.com\")\n"
               "  assert(not sure and again:find(\"only https:// and http://\"), again)\n"
               "  local answer = foyer.http.fetch(\"http://10.0.0.1/secret-path\")\n"
               "end)\n",
               &peer);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT attempts FROM deliveries", 1);
    CHECK_STR(
        str_from(script_bench_text(&bench, ERROR)),
        "foyer.http.fetch: 10.0.0.1 is at 10.0.0.1:80, a private address: none is reached that "
        "the setting outgoing_allow does not list");
    CHECK_STR(str_from(script_bench_text(&bench, WHERE)), "listens.lua:8");
    close_bench(&bench);
    web_peer_stop(&peer);
}

TEST(what_is_asked_wrongly_is_said_at_once)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, web_peer_says);
    open_bench(
        &bench,
        "local cases = {\n"
        "  { { method = \"get\" }, \"method must be GET\" },\n"
        "  { { method = \"TRACE\" }, \"method must be GET\" },\n"
        "  { { method = \"GET\", body = \"x\" }, \"GET and HEAD have no body\" },\n"
        "  { { body = 7 }, \"body must be a text\" },\n"
        "  { { body = \"x\", json = {} }, \"not both\" },\n"
        "  { { json = { f = tostring } }, \"is a function\" },\n"
        "  { { body = (\"x\"):rep(1000001) }, \"\" },\n"
        "  { { headers = \"x\" }, \"headers must be a table\" },\n"
        "  { { headers = { [\"X Y\"] = \"1\" } }, \"names of headers\" },\n"
        "  { { headers = { [\"X-Y\"] = \"1\\r\\nZ: 2\" } }, \"a text of one line\" },\n"
        "  { { headers = { [\"X-Y\"] = true } }, \"a text of one line\" },\n"
        "  { { headers = { Host = \"other\" } }, \"is not a script's to set\" },\n"
        "  { { headers = { [\"Content-Length\"] = \"1\" } }, \"is not a script's to set\" },\n"
        "  { { headers = { [\"X-Y\"] = (\"x\"):rep(20000) } }, \"at most 16 KiB\" },\n"
        "  { { timeout = 26 }, \"up to 25\" },\n"
        "  { { timeout = 0 }, \"up to 25\" },\n"
        "  { { timeout = \"1\" }, \"up to 25\" },\n"
        "  { { redirects = 3 }, \"true or false\" },\n"
        "  { { retries = 3 }, \"unknown\" },\n"
        "  { { 1, 2 }, \"a table of names\" },\n"
        "}\n"
        "foyer.on(\"client.created\", function()\n"
        "  for i, case in ipairs(cases) do\n"
        "    local good, why = pcall(foyer.http.fetch, url, case[1])\n"
        "    assert(not good and why:find(case[2], 1, true), i .. \": \" .. tostring(why))\n"
        "  end\n"
        "  local good, why = pcall(table.sort, { 1, 2 }, function() foyer.http.fetch(url) end)\n"
        "  assert(not good and why:find(\"nothing may wait inside\"), why)\n"
        "end)\n",
        &peer);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE tried_at > 0", 1);
    CHECK_STR(
        str_from(script_bench_text(&bench, "SELECT coalesce(error_message, '') FROM deliveries")),
        "");
    CHECK_INT(script_bench_ask(&bench, DONE), 1);
    CHECK_INT(peer.count, 0);
    close_bench(&bench);
    web_peer_stop(&peer);
}

/* One that waits for a silent peer delays nobody, and is given up when the server ends. */
TEST(others_go_on_while_one_waits_and_the_end_does_not_wait)
{
    struct web_peer silent;
    struct script_bench bench;

    web_peer_start(&silent, web_peer_is_silent);
    open_bench(&bench,
               "foyer.on(\"client.created\", { name = \"slow\" }, function()\n"
               "  foyer.http.fetch(url, { timeout = 25 })\n"
               "end)\n"
               "foyer.on(\"client.created\", { name = \"quick\" }, function() end)\n",
               &silent);
    for (int i = 0; i < BENCH_CLIENTS; i++)
        script_bench_tell(&bench, "client.created", i);
    while (silent.kept_count < BENCH_CLIENTS)
        usleep(1000);
    script_bench_wait(&bench, DONE, BENCH_CLIENTS);
    script_bench_stop(&bench);
    CHECK_INT(script_bench_ask(&bench, OPEN), BENCH_CLIENTS);
    CHECK_INT(script_bench_ask(&bench, "SELECT sum(attempts) FROM deliveries"), 0);
    script_bench_start(&bench, false); /* and is asked for again */
    while (silent.kept_count < 2 * BENCH_CLIENTS)
        usleep(1000);
    close_bench(&bench);
    web_peer_stop(&silent);
}

TEST(a_plugin_reaches_the_hosts_of_its_manifest)
{
    static const struct {
        const char *more, *error;
    } cases[] = {
        { "\"capabilities\": [\"http\"], \"hosts\": [\"127.0.0.1\"]", NULL },
        { "\"capabilities\": [\"http\"], \"hosts\": [\"*\"]", NULL },
        { "\"capabilities\": [\"http\"], \"hosts\": [\"*.example.com\"]",
          "127.0.0.1 is not among the hosts of the plugin: add \"127.0.0.1\" to its \"hosts\"" },
        { "\"capabilities\": [\"api\"]",
          "foyer.http.fetch needs \"http\" among the capabilities of plugin.json" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char manifest[600], source[400];
        struct script_bench bench;
        struct web_peer peer;

        web_peer_start(&peer, web_peer_says);
        peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        snprintf(manifest, sizeof(manifest),
                 "{ \"id\": \"crm\", \"name\": \"CRM\", \"version\": \"1.0.0\", \"api\": 1,\n"
                 "  \"provides\": { \"event\": [\"client.created\"] }, %s }",
                 cases[i].more);
        snprintf(source, sizeof(source),
                 "foyer.on(\"client.created\", function() foyer.http.fetch(\"%s\") end)\n",
                 peer.url);
        script_bench_open_plugin(&bench, manifest, source);
        bench.config.outgoing_allow = "127.0.0.1";
        script_bench_start(&bench, false);
        script_bench_tell(&bench, "client.created", 0);
        script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE tried_at > 0", 1);
        if (cases[i].error)
            check_error(&bench, cases[i].error);
        else
            CHECK_INT(script_bench_ask(&bench, DONE), 1);
        CHECK_INT(peer.count, cases[i].error ? 0 : 1);
        close_bench(&bench);
        web_peer_stop(&peer);
    }
}

TEST(a_script_with_a_header_is_held_to_its_hosts)
{
    struct web_peer peer;
    struct script_bench bench;
    char source[500];

    web_peer_start(&peer, web_peer_says);
    snprintf(source, sizeof(source),
             "foyer.plugin { capabilities = { \"http\" }, hosts = { \"api.example.com\" } }\n"
             "foyer.on(\"client.created\", function() foyer.http.fetch(\"%s\") end)\n",
             peer.url);
    script_bench_open(&bench, source);
    bench.config.outgoing_allow = "127.0.0.1";
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT attempts FROM deliveries", 1);
    check_error(&bench, "add \"127.0.0.1\" to its \"hosts\"");
    CHECK_INT(peer.count, 0);
    close_bench(&bench);
    web_peer_stop(&peer);
}

TEST(only_handlers_fetch)
{
    struct web_peer peer;
    struct script_bench bench;

    web_peer_start(&peer, web_peer_says);
    open_bench(&bench,
               "foyer.transaction(\"t\", function() foyer.http.fetch(url) end)\n"
               "foyer.on(\"client.created\", function() foyer.run(\"t\") end)\n",
               &peer);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT attempts FROM deliveries", 1);
    check_error(&bench,
                "called in event handlers, jobs, routes, pages and commands, not in a transaction");
    CHECK_INT(peer.count, 0);
    close_bench(&bench);
    web_peer_stop(&peer);
}
