/* Net without a server: deadlines, the head of answers, trusted proxies, listening. */
#include "base/arena.h"
#include "base/limits.h"
#include "harness.h"
#include "net/deadline.h"
#include "net/listen.h"
#include "net/proxy.h"
#include "net/wire.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;

/* Forgets what the test before it made: what is left lies in the one that can be reached. */
static void renew(void)
{
    arena_fini(&arena);
    arena_init(&arena, MIB(4));
}

static struct str forwarded(const char *trusted, const char *peer, const char *first,
                            const char *second)
{
    static struct header headers[3];
    struct request rq = { .headers = headers, .header_count = second ? 3 : 2 };
    struct proxy_list *list = proxy_list_new(trusted);
    struct str found;

    headers[0] = (struct header){ STR("x-forwarded-for"), str_from(first) };
    headers[1] = (struct header){ STR("host"), STR("localhost") };
    headers[2] = (struct header){ STR("x-forwarded-for"), str_from(second) };
    found = proxy_peer(list, str_from(peer), &rq);
    proxy_list_free(list);
    return found;
}

TEST(a_deadline_ends_in_the_order_of_its_kind)
{
    struct deadlines deadlines;
    struct deadline a = { 0 }, b = { 0 }, c = { 0 };

    deadlines_init(&deadlines, 1);
    deadline_set(&deadlines, &a, DEADLINE_IDLE, 1000);
    deadline_set(&deadlines, &b, DEADLINE_IDLE, 1001);
    deadline_set(&deadlines, &c, DEADLINE_HEADER, 1002);
    CHECK(deadline_first(&deadlines, DEADLINE_IDLE) == &a);
    CHECK(deadline_due(&deadlines, 1000) == NULL);
    CHECK(deadline_due(&deadlines, 1002 + LIMIT_HEADER_SECONDS * 1000) == &c);
    CHECK(deadline_due(&deadlines, 999 + LIMIT_IDLE_SECONDS * 1000) == NULL);
    deadline_set(&deadlines, &a, DEADLINE_IDLE, 2000);
    CHECK(deadline_due(&deadlines, 1001 + LIMIT_IDLE_SECONDS * 1000) == &b);
    deadline_set(&deadlines, &a, DEADLINE_NONE, 3000);
    CHECK(deadline_due(&deadlines, UINT64_MAX) == NULL);
}

TEST(deadlines_of_tests_are_shorter_and_as_strict)
{
    struct deadlines deadlines;
    struct deadline a = { 0 };

    deadlines_init(&deadlines, 20);
    deadline_set(&deadlines, &a, DEADLINE_IDLE, 0);
    CHECK(deadline_due(&deadlines, LIMIT_IDLE_SECONDS * 1000 / 20) == &a);
    CHECK_INT(deadline_body_bytes(&deadlines),
              LIMIT_BODY_WINDOW_SECONDS * LIMIT_BODY_BYTES_PER_SECOND / 20);
}

TEST(the_head_of_an_answer_has_its_length_and_date)
{
    struct request rq = { .method = GET, .version_minor = 1 };
    struct wire_date date = { 0 };
    struct reply rp;
    struct buf out;
    char wanted[256];

    buf_init(&out, KIB(64));
    reply_init(&rp);
    buf_text(reply_json(&rp, 200), "{}");
    reply_header(&rp, "X-Request-Id", STR("r1"));
    wire_head(&out, &date, &rp, &rq, true);
    buf_char(&out, '\0');
    snprintf(wanted, sizeof wanted,
             "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\n"
             "Content-Length: 2\r\nX-Request-Id: r1\r\n\r\n",
             date.text);
    CHECK_STR((const char *)out.at, wanted);
    CHECK(wire_has_body(&rp, &rq));
    rq.method = HEAD;
    CHECK(!wire_has_body(&rp, &rq));
    reply_fini(&rp);
    buf_fini(&out);
}

TEST(an_answer_says_what_becomes_of_the_connection)
{
    struct request rq = { .method = GET, .version_minor = 1 };
    struct reply rp = { .status = 204 };
    struct wire_date date = { 0 };
    struct buf out;

    buf_init(&out, KIB(64));
    wire_head(&out, &date, &rp, &rq, true);
    CHECK(!memmem(out.at, out.len, "Connection", 10) && !memmem(out.at, out.len, "Length", 6));
    wire_head(&out, &date, &rp, &rq, false);
    CHECK(memmem(out.at, out.len, "Connection: close\r\n", 19));
    rq.version_minor = 0;
    buf_clear(&out);
    wire_head(&out, &date, &rp, &rq, true);
    CHECK(memmem(out.at, out.len, "Connection: keep-alive\r\n", 24));
    buf_fini(&out);
}

TEST(only_trusted_proxies_name_who_asks)
{
    const char *trusted = "10.0.0.0/8, 2001:db8::/33,127.0.0.1";

    CHECK_STR(forwarded(NULL, "10.0.0.1", "1.2.3.4", NULL), "10.0.0.1");
    CHECK_STR(forwarded(trusted, "11.0.0.1", "1.2.3.4", NULL), "11.0.0.1");
    CHECK_STR(forwarded(trusted, "10.0.0.1", "1.2.3.4", NULL), "1.2.3.4");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", NULL), "1.2.3.4");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "6.6.6.6", "1.2.3.4"), "1.2.3.4");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "6.6.6.6", "10.0.0.2"), "6.6.6.6");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "10.0.0.3,10.0.0.2", NULL), "10.0.0.3");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "1.2.3.4, unknown", NULL), "127.0.0.1");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "", NULL), "127.0.0.1");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "1.2.3.4:5678", NULL), "1.2.3.4");
    CHECK_STR(forwarded(trusted, "127.0.0.1", "[2001:db9::1]:5678", NULL), "2001:db9::1");
    CHECK_STR(forwarded(trusted, "2001:db8:7fff::1", "1.2.3.4", NULL), "1.2.3.4");
    CHECK_STR(forwarded(trusted, "2001:db8:8000::1", "1.2.3.4", NULL), "2001:db8:8000::1");
    CHECK_STR(forwarded("0.0.0.0/0", "9.9.9.9", "1.2.3.4", NULL), "1.2.3.4");
    CHECK_STR(forwarded("0.0.0.0/0", "::1", "1.2.3.4", NULL), "::1");
}

TEST(a_busy_port_is_noticed)
{
    struct failure failure = { 0 };
    struct listener first, second;
    char address[LISTENER_TEXT];
    int fds[3];

    renew();
    for (size_t loops = 1; loops <= 3; loops += 2) {
        CHECK_INT(listener_open(&first, "127.0.0.1:0", loops, &arena, &failure), ST_OK);
        for (size_t i = 0; i < loops; i++)
            CHECK((fds[i] = listener_socket(&first, (int)i)) >= 0);
        snprintf(address, sizeof address, "%s", first.text);
        for (size_t others = 1; others <= 3; others += 2) {
            failure_clear(&failure);
            CHECK_INT(listener_open(&second, address, others, &arena, &failure), ST_UNAVAILABLE);
            CHECK(memmem(failure.message.at, failure.message.len, address, strlen(address)));
            CHECK(memmem(failure.message.at, failure.message.len, "--listen", 8));
            listener_close(&second);
        }
        for (size_t i = 0; i < loops; i++)
            close(fds[i]);
        failure_clear(&failure);
        CHECK_INT(listener_open(&second, address, 1, &arena, &failure), ST_OK);
        listener_close(&second);
    }
}

TEST(two_servers_that_start_at_once_do_not_share_a_port)
{
    struct failure failure = { 0 };
    struct listener first, second;
    int fds[3];

    renew();
    CHECK_INT(listener_open(&first, "127.0.0.1:0", 3, &arena, &failure), ST_OK);
    /* none of the loops of the first runs yet */
    CHECK_INT(listener_open(&second, first.text, 3, &arena, &failure), ST_UNAVAILABLE);
    for (int i = 0; i < 3; i++)
        CHECK((fds[i] = listener_socket(&first, i)) >= 0);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    listener_close(&second);
    listener_close(&first);
}

TEST(addresses_that_cannot_be_bound_are_explained)
{
    struct failure failure = { 0 };
    struct listener listener;

    renew();
    CHECK_INT(listener_open(&listener, "192.0.2.1:8080", 1, &arena, &failure), ST_UNAVAILABLE);
    CHECK(memmem(failure.message.at, failure.message.len, "does not have that address", 26));
    failure_clear(&failure);
    CHECK_INT(listener_open(&listener, "no such host.invalid:1", 1, &arena, &failure),
              ST_UNAVAILABLE);
    CHECK(memmem(failure.message.at, failure.message.len, "--listen", 8));
    failure_clear(&failure);
    if (listener_open(&listener, "[::1]:0", 1, &arena, &failure) == ST_OK)
        CHECK(str_starts(str_from(listener.text), STR("[::1]:")));
    listener_close(&listener);
}
