/* Fetches: what is reached, how far an answer may go, and that each ends. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "exec/courier_fetch.h"
#include "harness.h"
#include "web_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

struct bench {
    uv_loop_t loop;
    struct fetcher *fetcher;
    struct arena arena;
    int done;
};

static struct bench *running;

static void open_bench(struct bench *bench, const char *allow)
{
    memset(bench, 0, sizeof(*bench));
    arena_init(&bench->arena, MIB(1));
    CHECK_INT(uv_loop_init(&bench->loop), 0);
    bench->fetcher = fetcher_new(&bench->loop, allow);
    running = bench;
}

static void close_bench(struct bench *bench)
{
    fetcher_close(bench->fetcher);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    CHECK_INT(uv_loop_close(&bench->loop), 0);
    arena_fini(&bench->arena);
}

static void on_done(struct fetch *fetch)
{
    (void)fetch;
    running->done++;
}

static void ask(struct bench *bench, struct fetch *fetch, const char *url)
{
    fetch->url = str_copy(&bench->arena, str_from(url));
    fetch->done = on_done;
    if (!fetch->timeout_ms)
        fetch->timeout_ms = 20000;
    if (!fetch->deadline)
        fetch->deadline = clock_monotonic() + 60 * SECOND;
    fetcher_submit(bench->fetcher, fetch);
}

static void wait_for(struct bench *bench, int count)
{
    while (bench->done < count)
        CHECK(uv_run(&bench->loop, UV_RUN_ONCE) || bench->done >= count);
}

/* One request, and its end. */
static void get(struct bench *bench, struct fetch *fetch, const char *url)
{
    int before = bench->done;

    ask(bench, fetch, url);
    wait_for(bench, before + 1);
}

/* The error of a GET; "" where there was an answer. */
static const char *error_of(const char *allow, const char *url)
{
    static char error[FETCH_ERROR];
    struct bench bench;
    struct fetch fetch;

    open_bench(&bench, allow);
    fetch_init(&fetch);
    get(&bench, &fetch, url);
    snprintf(error, sizeof(error), "%s", fetch.error);
    fetch_clear(&fetch);
    close_bench(&bench);
    return error;
}

static void check_has(const char *text, const char *piece)
{
    if (!strstr(text, piece))
        harness_failed(__FILE__, __LINE__, "`%s` does not have `%s`", text, piece);
}

TEST(an_answer_comes_back_with_its_headers)
{
    struct web_peer peer;
    struct bench bench;
    struct fetch fetch;

    web_peer_start(&peer, web_peer_says);
    peer.answer = "HTTP/1.1 100 Continue\r\nX-Early: no\r\n\r\n"
                  "HTTP/1.1 201 Created\r\nX-Odd:  a\tb \r\nSet-Cookie: k=v\r\n"
                  "Content-Length: 5\r\n\r\nhello";
    open_bench(&bench, "127.0.0.1");
    fetch_init(&fetch);
    fetch.method = POST;
    fetch.headers = STR("x-key: secret\ncontent-type: text/plain\nx-empty:\n");
    fetch.body = STR("body");
    fetch.has_body = true;
    get(&bench, &fetch, peer.url);
    CHECK_STR(str_from(fetch.error), "");
    CHECK_INT(fetch.status, 201);
    CHECK_STR(buf_view(&fetch.answer), "hello");
    CHECK_STR(buf_view(&fetch.head), "x-odd: a b\nset-cookie: k=v\ncontent-length: 5\n");
    check_has(peer.heard.at, "POST / HTTP/1.1\r\n");
    check_has(peer.heard.at, "x-key: secret\r\n");
    check_has(peer.heard.at, "x-empty:\r\n");
    check_has(peer.heard.at, "User-Agent: Foyer/");
    check_has(peer.heard.at, "\r\n\r\nbody");
    CHECK(!strstr(peer.heard.at, "Expect:") && !strstr(peer.heard.at, "Accept-Encoding"));
    fetch_clear(&fetch);
    get(&bench, &fetch, peer.url); /* cookies are not kept */
    CHECK(!strstr(peer.heard.at, "Cookie") && !strstr(peer.heard.at, "secret"));
    fetch_clear(&fetch);
    close_bench(&bench);
    web_peer_stop(&peer);
}

/* However it is written, what is connected to is looked at. */
TEST(private_addresses_are_not_reached)
{
    static const char *const hosts[] = { "127.0.0.1", "localhost",          "2130706433",
                                         "0x7f.1",    "017700000001",       "127.1",
                                         "0",         "[::ffff:127.0.0.1]", "[::1]" };
    struct web_peer peer;
    char url[100];

    web_peer_start(&peer, web_peer_says);
    peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        snprintf(url, sizeof(url), "http://%s:%d/", hosts[i], peer.port);
        check_has(error_of(NULL, url), "an address of this machine: none is reached that the "
                                       "setting outgoing_allow does not list");
    }
    check_has(error_of(NULL, "http://10.1.2.3/"), "10.1.2.3 is at 10.1.2.3:80, a private address");
    check_has(error_of(NULL, "https://169.254.169.254/x"), "169.254.169.254:443, a link-local");
    CHECK_INT(peer.count, 0);
    snprintf(url, sizeof(url), "127.0.0.1:%d", peer.port + 1);
    check_has(error_of(url, peer.url), "an address of this machine");
    snprintf(url, sizeof(url), "10.0.0.0/8, 127.0.0.1:%d", peer.port);
    CHECK_STR(str_from(error_of(url, peer.url)), "");
    CHECK_INT(peer.count, 1);
    web_peer_stop(&peer);
}

TEST(urls_that_are_not_fetched_say_why)
{
    static const struct {
        const char *url, *why;
    } cases[] = {
        { "", "must be ASCII" },
        { "example.com/x", "no URL like https://" },
        { "https://", "no URL like https://" },
        { "https://%ff%0a/", "no URL like https://" },
        { "https://exa mple.com/", "must be ASCII" },
        { "https://m\xc3\xbcller.example/", "xn--" },
        { "file:///etc/passwd", "only https:// and http://" },
        { "gopher://127.0.0.1:25/", "only https:// and http://" },
        { "smtp://127.0.0.1/", "only https:// and http://" },
        { "https://user:secret@example.com/", "Authorization" },
        { "https://user@example.com/", "Authorization" },
        { "https://example.com:99999/", "no URL like https://" },
    };
    static char longest[LIMIT_FETCH_URL + 20];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_has(error_of("127.0.0.1", cases[i].url), cases[i].why);
    memset(longest, 'a', sizeof(longest) - 1);
    memcpy(longest, "https://", 8);
    check_has(error_of(NULL, longest), "of at most 8192 bytes");
}

TEST(hosts_that_are_not_declared_are_not_reached)
{
    struct str names[] = { STR("api.example.com"), STR("*.example.org"), STR("127.0.0.1") };
    const struct texts hosts = { names, 3 };
    static const char *const others[] = { "https://example.com/",      "https://x.api.example.com/",
                                          "https://example.org/",      "https://badexample.org/",
                                          "https://example.org.evil/", "https://localhost/" };
    struct web_peer peer;
    struct bench bench;
    struct fetch fetch;

    web_peer_start(&peer, web_peer_says);
    peer.answer =
        "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/\r\nContent-Length: 0\r\n\r\n";
    open_bench(&bench, "127.0.0.1");
    fetch_init(&fetch);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        fetch.hosts = &hosts;
        get(&bench, &fetch, others[i]);
        check_has(fetch.error, "is not among the hosts of the plugin: add \"");
        fetch_clear(&fetch);
    }
    fetch.hosts = &hosts;
    fetch.follows = true;
    get(&bench, &fetch, peer.url);
    check_has(fetch.error, "add \"localhost\" to its \"hosts\"");
    fetch_clear(&fetch);
    names[1] = STR("*");
    fetch.hosts = &hosts;
    get(&bench, &fetch, "https://[::1]/");
    check_has(fetch.error, "[::1] is at [::1]:443");
    fetch_clear(&fetch);
    close_bench(&bench);
    web_peer_stop(&peer);
}

static struct web_peer *elsewhere;

static bool lead_away(struct web_peer *peer, int fd, int number)
{
    char text[300], to[100];
    const char *path = strchr(peer->heard.at, ' ') + 1;

    (void)number;
    if (!strncmp(path, "/circle", 7))
        snprintf(to, sizeof(to), "/circle");
    else if (!strncmp(path, "/name", 5))
        snprintf(to, sizeof(to), "http://localhost:%d/", elsewhere->port);
    else if (!strncmp(path, "/file", 5))
        snprintf(to, sizeof(to), "file:///etc/passwd");
    else if (!strncmp(path, "/user", 5))
        snprintf(to, sizeof(to), "http://me:secret@127.0.0.1:%d/", elsewhere->port);
    else if (!strncmp(path, "/meta", 5))
        snprintf(to, sizeof(to), "http://169.254.169.254/latest");
    else
        snprintf(to, sizeof(to), "http://127.0.0.1:%d/there", elsewhere->port);
    snprintf(text, sizeof(text),
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nhere", to);
    web_peer_send(fd, text, strlen(text));
    return true;
}

TEST(redirects_lead_only_where_a_fetch_may_go)
{
    static const char *const cases[][2] = {
        { "/meta", "169.254.169.254:80, a link-local address" },
        { "/file", "only https:// and http://" },
        { "/user", "no user and password" },
        { "/circle", "more than 5 redirects" },
        { "/name", "an address of this machine" },
    };
    struct web_peer peer, other;
    char allow[100], url[100];
    struct bench bench;
    struct fetch fetch;

    web_peer_start(&peer, lead_away);
    web_peer_start(&other, web_peer_says);
    other.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere";
    elsewhere = &other;
    snprintf(allow, sizeof(allow), "127.0.0.1:%d", peer.port);
    open_bench(&bench, allow);
    fetch_init(&fetch);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(url, sizeof(url), "%s%s", peer.url, cases[i][0]);
        fetch.follows = true;
        get(&bench, &fetch, url);
        check_has(fetch.error, cases[i][1]);
        fetch_clear(&fetch);
    }
    get(&bench, &fetch, peer.url); /* nobody asked to be led */
    CHECK_STR(str_from(fetch.error), "");
    CHECK_INT(fetch.status, 302);
    CHECK_STR(buf_view(&fetch.answer), "here");
    CHECK_INT(other.count, 0);
    fetch_clear(&fetch);
    close_bench(&bench);

    open_bench(&bench, "127.0.0.1");
    fetch.follows = true;
    fetch.method = POST;
    fetch.headers =
        STR("authorization: secret\nx-key: secret\naccept: text/plain\ncontent-type: a/b\n");
    fetch.body = STR("body");
    fetch.has_body = true;
    get(&bench, &fetch, peer.url);
    CHECK_STR(buf_view(&fetch.answer), "there");
    CHECK_STR(buf_view(&fetch.head), "content-length: 5\n");
    check_has(other.heard.at,
              "GET /there HTTP/1.1\r\n"); /* as browsers do, and what was for the first stays */
    check_has(other.heard.at, "accept: text/plain\r\n");
    CHECK(!strstr(other.heard.at, "secret") && !strstr(other.heard.at, "a/b"));
    fetch_clear(&fetch);
    close_bench(&bench);
    web_peer_stop(&peer);
    web_peer_stop(&other);
}

static bool never_end(struct web_peer *peer, int fd, int number)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    static char piece[65536];
    bool is_heard = web_peer_send(fd, head, sizeof(head) - 1);

    (void)peer;
    (void)number;
    while (is_heard)
        is_heard = web_peer_send(fd, piece, sizeof(piece));
    return true;
}

static bool never_end_head(struct web_peer *peer, int fd, int number)
{
    static const char line[] =
        "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    bool is_heard = web_peer_send(fd, "HTTP/1.1 200 OK\r\n", 17);

    (void)peer;
    (void)number;
    while (is_heard)
        is_heard = web_peer_send(fd, line, sizeof(line) - 1);
    return true;
}

static const char *error_at(bool (*serve)(struct web_peer *, int, int), const char *answer)
{
    struct web_peer peer;
    const char *error;

    web_peer_start(&peer, serve);
    peer.answer = answer;
    error = error_of("127.0.0.1", peer.url);
    web_peer_stop(&peer);
    return error;
}

TEST(answers_that_are_too_large_are_cut_off)
{
    check_has(error_at(never_end, NULL), "is larger than 1000000 bytes");
    check_has(error_at(never_end_head, NULL), "more than 64 KiB of headers");
    check_has(error_at(web_peer_says, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"),
              "is larger than 1000000 bytes");
}

static bool drip(struct web_peer *peer, int fd, int number)
{
    bool is_heard = web_peer_send(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);

    (void)peer;
    (void)number;
    for (; is_heard; usleep(20000))
        is_heard = web_peer_send(fd, "a", 1);
    return true;
}

TEST(an_answer_that_drips_is_cut_off)
{
    setenv("FOYER_TEST", "1", 1);
    setenv("FOYER_TEST_TIMEOUTS", "20", 1);
    clock_start();
    check_has(error_at(drip, NULL), "sends less than 1024 bytes in 10 s");
}

TEST(the_largest_answer_is_whole)
{
    static char answer[LIMIT_FETCH_ANSWER + 100];
    struct web_peer peer;
    struct bench bench;
    struct fetch fetch;
    int len = snprintf(answer, 100, "HTTP/1.1 200 OK\r\n\r\n");

    memset(answer + len, 'a', LIMIT_FETCH_ANSWER);
    answer[len + LIMIT_FETCH_ANSWER] = 0;
    web_peer_start(&peer, web_peer_says);
    peer.answer = answer;
    open_bench(&bench, "127.0.0.1");
    fetch_init(&fetch);
    get(&bench, &fetch, peer.url);
    CHECK_STR(str_from(fetch.error), "");
    CHECK_INT(fetch.answer.len, LIMIT_FETCH_ANSWER);
    fetch_clear(&fetch);
    fetch.method = HEAD;
    peer.answer = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
    get(&bench, &fetch, peer.url); /* of a body that does not come the length is no matter */
    CHECK_STR(str_from(fetch.error), "");
    fetch_clear(&fetch);
    close_bench(&bench);
    web_peer_stop(&peer);
}

TEST(peers_that_break_off_or_speak_something_else_are_told)
{
    check_has(error_at(web_peer_says, ""), "closed before its answer was whole");
    check_has(error_at(web_peer_says, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
              "closed before its answer was whole");
    CHECK(error_at(web_peer_says, "220 mail.example.com ESMTP\r\n")[0] != 0);
    check_has(error_of("127.0.0.1", "http://127.0.0.1:1/"), "127.0.0.1:1 takes no connection");
    check_has(error_of(NULL, "http://a-label-of-a-name-that-is-longer-than-sixty-three-letters-"
                             "is-not-looked-up.example/"),
              "cannot be looked up");
}

TEST(whoever_is_silent_is_left_when_time_is_over)
{
    struct web_peer peer;
    struct bench bench;
    struct fetch fetch;

    web_peer_start(&peer, web_peer_is_silent);
    open_bench(&bench, "127.0.0.1");
    fetch_init(&fetch);
    fetch.timeout_ms = 200;
    get(&bench, &fetch, peer.url);
    check_has(fetch.error, "has not answered in 0.2 s");
    fetch_clear(&fetch);
    fetch.deadline = clock_monotonic() + SECOND / 5; /* of who asks: sooner */
    get(&bench, &fetch, peer.url);
    check_has(fetch.error, "has not answered in ");
    fetch_clear(&fetch);
    close_bench(&bench);
    web_peer_stop(&peer);
}

TEST(of_one_host_four_are_fetched_at_once_and_others_go_on)
{
    struct fetch fetches[20], other;
    struct web_peer slow, quick;
    struct bench bench;
    int errors = 0;

    web_peer_start(&slow, web_peer_is_silent);
    web_peer_start(&quick, web_peer_says);
    quick.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    open_bench(&bench, "127.0.0.1");
    for (int i = 0; i < 20; i++) {
        fetch_init(&fetches[i]);
        ask(&bench, &fetches[i], slow.url);
    }
    fetch_init(&other);
    get(&bench, &other, quick.url);
    CHECK_STR(str_from(other.error), "");
    while (slow.kept_count < LIMIT_FETCHES_HOST)
        uv_run(&bench.loop, UV_RUN_NOWAIT);
    fetch_clear(&other);
    get(&bench, &other, quick.url);
    CHECK_INT(slow.kept_count, LIMIT_FETCHES_HOST);
    fetch_clear(&other);
    /* One that is given up makes room; its owner has it back at once. */
    atomic_store(&fetches[0].is_cancelled, true);
    fetcher_look(bench.fetcher);
    CHECK_INT(bench.done, 3);
    check_has(fetches[0].error, "given up");
    while (slow.kept_count < LIMIT_FETCHES_HOST + 1)
        uv_run(&bench.loop, UV_RUN_NOWAIT);
    fetcher_close(bench.fetcher); /* the rest is told so */
    bench.fetcher = NULL;
    CHECK_INT(bench.done, 22);
    for (int i = 0; i < 20; i++) {
        errors += strstr(fetches[i].error, "given up") != NULL;
        fetch_clear(&fetches[i]);
    }
    CHECK_INT(errors, 20);
    close_bench(&bench);
    web_peer_stop(&slow);
    web_peer_stop(&quick);
}

TEST(whose_turn_does_not_come_in_time_is_told)
{
    struct fetch fetches[LIMIT_FETCHES_HOST + 1];
    struct web_peer slow;
    struct bench bench;

    web_peer_start(&slow, web_peer_is_silent);
    open_bench(&bench, "127.0.0.1");
    for (int i = 0; i <= LIMIT_FETCHES_HOST; i++) {
        fetch_init(&fetches[i]);
        if (i == LIMIT_FETCHES_HOST)
            fetches[i].deadline = clock_monotonic() + SECOND / 10;
        ask(&bench, &fetches[i], slow.url);
    }
    wait_for(&bench, 1);
    check_has(fetches[LIMIT_FETCHES_HOST].error, "its turn did not come in time");
    fetcher_close(bench.fetcher);
    bench.fetcher = NULL;
    for (int i = 0; i <= LIMIT_FETCHES_HOST; i++)
        fetch_clear(&fetches[i]);
    close_bench(&bench);
    web_peer_stop(&slow);
}
