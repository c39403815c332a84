/* Rebind: a name server that changes its mind. What counts is the address of the socket, whatever was said before. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "exec/courier_fetch.h"
#include "harness.h"
#include "web_peer.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define NAME "rebinds.example"

/* 127.0.0.2 stands for the Internet (outgoing_allow lists it), 127.0.0.1 for what must not be reached. */
#define OUTER "127.0.0.2"
#define INNER "127.0.0.1"

static const char *answers[8]; /* the next ones; the last is given for ever */
static _Atomic int asked;

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result);

/* In the place of the C library's, for libcurl as well. */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict node,
                                                       const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *found = dlsym(RTLD_NEXT, "getaddrinfo");

    memcpy(&real, &found, sizeof(real));
    if (node && strcmp(node, NAME) == 0) {
        int number = atomic_fetch_add(&asked, 1);

        while (number > 0 && !answers[number])
            number--;
        node = answers[number];
    }
    return real(node, service, hints, result);
}

struct bench {
    uv_loop_t loop;
    struct fetcher *fetcher;
    bool is_done;
};

static struct bench bench;

static void open_bench(const char *allow)
{
    CHECK_INT(uv_loop_init(&bench.loop), 0);
    bench.fetcher = fetcher_new(&bench.loop, allow);
}

static void close_bench(void)
{
    fetcher_close(bench.fetcher);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    CHECK_INT(uv_loop_close(&bench.loop), 0);
}

static void on_done(struct fetch *fetch)
{
    (void)fetch;
    bench.is_done = true;
}

static void get(struct fetch *fetch, int port)
{
    char url[100];

    snprintf(url, sizeof(url), "http://" NAME ":%d/", port);
    fetch_init(fetch);
    fetch->url = str_from(url);
    fetch->done = on_done;
    fetch->follows = true;
    fetch->timeout_ms = 20000;
    fetch->deadline = clock_monotonic() + 60 * UINT64_C(1000000000);
    bench.is_done = false;
    fetcher_submit(bench.fetcher, fetch);
    while (!bench.is_done)
        uv_run(&bench.loop, UV_RUN_ONCE);
}

static void says(const char *first, const char *second)
{
    memset(answers, 0, sizeof(answers));
    answers[0] = first;
    answers[1] = second;
    atomic_store(&asked, 0);
}

#define ANSWER "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"

TEST(a_name_that_changes_its_address_does_not_lead_inside)
{
    struct web_peer inner, outer;
    struct fetch fetch;

    web_peer_start(&inner, web_peer_says);
    inner.answer = ANSWER "inner";
    web_peer_start_at(&outer, INADDR_LOOPBACK + 1, inner.port, web_peer_says);
    outer.answer = ANSWER "outer";

    says(OUTER, NULL); /* it can be reached */
    open_bench(OUTER);
    get(&fetch, inner.port);
    CHECK_STR(buf_view(&fetch.answer), "outer");
    CHECK(asked > 0);
    fetch_clear(&fetch);
    close_bench();

    says(OUTER, INNER); /* at the next fetch, of the same and of another run */
    open_bench(OUTER);
    for (int i = 0; i < 3; i++) {
        get(&fetch, inner.port);
        if (fetch.error[0])
            CHECK(strstr(fetch.error, "127.0.0.1:"));
        else
            CHECK_STR(buf_view(&fetch.answer), "outer");
        fetch_clear(&fetch);
    }
    close_bench();
    atomic_store(&asked, 1);
    open_bench(OUTER);
    get(&fetch, inner.port);
    CHECK(strstr(fetch.error, NAME ":"));
    CHECK(strstr(fetch.error, "is at 127.0.0.1:"));
    CHECK(strstr(fetch.error, "an address of this machine: none is reached that the setting "
                              "outgoing_allow does not list"));
    fetch_clear(&fetch);
    close_bench();
    CHECK_INT(inner.count, 0);
    web_peer_stop(&inner);
    web_peer_stop(&outer);
}

static int away_port;

static bool lead_away(struct web_peer *peer, int fd, int number)
{
    char text[200];

    (void)peer;
    (void)number;
    snprintf(text, sizeof(text),
             "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://" NAME
             ":%d/\r\nContent-Length: 0\r\n\r\n",
             away_port);
    web_peer_send(fd, text, strlen(text));
    return true;
}

TEST(a_redirect_to_the_same_name_is_looked_at_anew)
{
    struct web_peer inner, outer;
    struct fetch fetch;

    web_peer_start(&inner, web_peer_says);
    inner.answer = ANSWER "inner";
    web_peer_start_at(&outer, INADDR_LOOPBACK + 1, 0, lead_away);
    away_port = inner.port;
    says(OUTER, INNER);
    open_bench(OUTER);
    get(&fetch, outer.port);
    CHECK(strstr(fetch.error, "is at 127.0.0.1:"));
    CHECK(strstr(fetch.error, "an address of this machine"));
    CHECK(asked > 1);
    CHECK_INT(outer.count, 1);
    CHECK_INT(inner.count, 0);
    fetch_clear(&fetch);
    close_bench();
    web_peer_stop(&inner);
    web_peer_stop(&outer);
}
