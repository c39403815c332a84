/* Request, reply, target, host, body: what needs no bytes from a socket. */
#include "base/arena.h"
#include "base/limits.h"
#include "harness.h"
#include "http/host.h"
#include "http/json.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;

/* Forgets what the test before it made: what is left lies in the one that can be reached. */
static void renew(void)
{
    arena_fini(&arena);
    arena_init(&arena, MIB(4));
}

static struct failure failure;
static struct request rq;

static enum status set_target(enum method method, const char *target)
{
    renew();
    failure_clear(&failure);
    rq = (struct request){ .method = method };
    return request_set_target(&rq, &arena, str_from(target), NULL, &failure);
}

static enum status read_body(const char *type, const char *body, unsigned flags)
{
    static struct route route;
    static struct header header;
    enum status status;

    renew();
    failure_clear(&failure);
    route.flags = flags;
    header = (struct header){ STR("content-type"), str_from(type) };
    rq = (struct request){ .headers = &header,
                           .header_count = type != NULL,
                           .route = &route,
                           .body = str_from(body),
                           .has_body = *body != '\0' };
    status = request_check_body(&rq, &arena, &failure);
    if (status == ST_OK)
        status = request_read_body(&rq, &arena, &failure);
    request_fini(&rq);
    return status;
}

TEST(a_target_is_taken_apart)
{
    CHECK_INT(set_target(GET, "/a%20b/c%2Fd/%C3%A9?x=1+2&y=%26&x=&&z"), ST_OK);
    CHECK_STR(rq.path, "/a b/c/d/\xC3\xA9");
    CHECK_INT(rq.segment_count, 3);
    CHECK_STR(rq.segments[1], "c/d");
    CHECK_INT(rq.query_count, 4);
    CHECK_STR(request_query(&rq, "x"), "1 2");
    CHECK_STR(request_query(&rq, "y"), "&");
    CHECK_STR(request_query(&rq, "z"), NULL);
    CHECK_STR(rq.query[3].name, "z");
    CHECK_INT(set_target(GET, "/"), ST_OK);
    CHECK_INT(rq.segment_count, 1);
    CHECK_INT(set_target(OPTIONS, "*"), ST_OK);
    CHECK_INT(rq.segment_count, 0);
}

TEST(the_absolute_form_names_its_host)
{
    struct str authority;

    renew();
    rq = (struct request){ .method = GET };
    CHECK_INT(
        request_set_target(&rq, &arena, STR("http://Example.com:80?a=b"), &authority, &failure),
        ST_OK);
    CHECK_STR(authority, "Example.com:80");
    CHECK_STR(rq.path, "/");
    CHECK_STR(request_query(&rq, "a"), "b");
}

TEST(targets_that_can_be_misread_are_refused)
{
    static const char *const bad[] = {
        "",        "a",        "*",         "/a/../b",      "/a/./b",  "/%2e%2E/a",
        "/a%00b",  "/a%0ab",   "/a%",       "/a%4",         "/a%4g",   "/a#b",
        "/%ff",    "/%c0%af",  "/?a=%",     "/?a=%00",      "/?%0a=b", "/?a=%ff",
        "http://", "http:///", "ftp://x/a", "https://a@b/", "/..",     "/?a=%0d%0a",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_note("%s", bad[i]);
        CHECK_INT(set_target(GET, bad[i]), ST_INVALID);
    }
}

TEST(query_parameters_are_bounded)
{
    char target[512] = "/?";
    size_t len = 2;

    for (int i = 0; i < LIMIT_QUERY_PARAMS; i++)
        len += (size_t)snprintf(target + len, sizeof target - len, "a=%d&", i % 10);
    CHECK_INT(set_target(GET, target), ST_OK);
    CHECK_INT(rq.query_count, LIMIT_QUERY_PARAMS);
    snprintf(target + len, sizeof target - len, "b");
    CHECK_INT(set_target(GET, target), ST_INVALID);
    CHECK_STR(failure.code, "too_many_parameters");
}

TEST(repeated_parameters_are_all_given)
{
    struct str values[4];

    CHECK_INT(set_target(GET, "/?id=a&id=&id=b&x=c"), ST_OK);
    CHECK_INT(request_query_all(&rq, "id", values, 4), 2);
    CHECK_STR(values[1], "b");
    CHECK_INT(request_query_all(&rq, "id", values, 1), 1);
}

TEST(cookies_are_found_by_their_exact_name)
{
    struct header headers[] = { { STR("cookie"), STR("a=1; session=\"x y\";b=") },
                                { STR("cookie"), STR("Session=2; c=3=4") } };

    rq = (struct request){ .headers = headers, .header_count = 2 };
    CHECK_STR(request_cookie(&rq, "session"), "x y");
    CHECK_STR(request_cookie(&rq, "Session"), "2");
    CHECK_STR(request_cookie(&rq, "c"), "3=4");
    CHECK_STR(request_cookie(&rq, "b"), "");
    CHECK_STR(request_cookie(&rq, "d"), NULL);
}

TEST(lists_in_headers_are_looked_through)
{
    struct header headers[] = { { STR("connection"), STR("keep-alive, Close") } };

    rq = (struct request){ .headers = headers, .header_count = 1 };
    CHECK(request_header_has(&rq, "connection", STR("close")));
    CHECK(!request_header_has(&rq, "connection", STR("clos")));
}

TEST(hosts_are_checked_for_their_syntax)
{
    static const char *const good[] = {
        "a",     "example.com",       "example.com:8080", "127.0.0.1",
        "[::1]", "[2001:db8::1]:443", "a_b.example.",     "xn--bcher-kva.de"
    };
    static const char *const bad[] = { "",     "a b",   "a:",   "a:0",   "a:65536",
                                       "a:1x", "[::1",  "[]",   "[x]:1", "a/b",
                                       "a@b",  ".a",    "a..b", "::1",   "[::1]x",
                                       "a,b",  "a%20b", "-a",   "a\tb",  "[::1%lo]" };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        harness_note("%s", good[i]);
        CHECK(host_is_valid(str_from(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_note("%s", bad[i]);
        CHECK(!host_is_valid(str_from(bad[i])));
    }
}

TEST(ours_are_base_url_domains_localhost_and_the_listening_address)
{
    struct str domain = STR("portal.firm.example");
    struct host_policy *set =
        host_policy_new("https://foyer.example:8443", "10.1.2.3:8080", &domain, 1);
    struct host_policy *unset = host_policy_new(NULL, "0.0.0.0:8080", NULL, 0);

    CHECK(host_is_ours(set, STR("Foyer.Example")));
    CHECK(host_is_ours(set, STR("foyer.example.:443")));
    CHECK(host_is_ours(set, STR("portal.firm.example")));
    CHECK(host_is_ours(set, STR("localhost:1")));
    CHECK(host_is_ours(set, STR("10.1.2.3:8080")));
    CHECK(!host_is_ours(set, STR("10.1.2.4")));
    CHECK(!host_is_ours(set, STR("[::1]")));
    CHECK(!host_is_ours(set, STR("evil.example")));
    CHECK(!host_is_ours(set, STR("foyer.example.evil.example")));
    CHECK(host_is_ours(unset, STR("192.168.1.1:8080")));
    CHECK(host_is_ours(unset, STR("[fe80::1]:8080")));
    CHECK(!host_is_ours(unset, STR("foyer.example")));
    host_policy_free(set);
    host_policy_free(unset);
}

TEST(bodies_need_their_type)
{
    CHECK_INT(read_body("application/json", "{}", 0), ST_OK);
    CHECK_INT(read_body("Application/JSON; charset=UTF-8", "{}", 0), ST_OK);
    CHECK_INT(read_body("application/json;charset=\"utf-8\"", "{}", 0), ST_OK);
    CHECK_INT(read_body("application/json; charset=iso-8859-1", "{}", 0), ST_MEDIA_TYPE);
    CHECK_INT(read_body("text/plain", "{}", 0), ST_MEDIA_TYPE);
    CHECK_INT(read_body(NULL, "{}", 0), ST_MEDIA_TYPE);
    CHECK_INT(read_body(NULL, "", 0), ST_OK);
    CHECK_INT(read_body("application/x-www-form-urlencoded", "a=b", 0), ST_MEDIA_TYPE);
    CHECK_INT(read_body("application/x-www-form-urlencoded", "a=b&c=d+e%0D%0A", ROUTE_PAGE), ST_OK);
    CHECK(rq.is_form);
    CHECK_STR(request_form(&rq, "c"), "d e\r\n");
    CHECK_INT(read_body("application/x-www-form-urlencoded", "a=%00", ROUTE_PAGE), ST_INVALID);
    CHECK_INT(read_body("application/json", "{", 0), ST_INVALID);
}

TEST(a_header_cannot_carry_a_line_break)
{
    struct reply rp;

    reply_init(&rp);
    CHECK(!reply_header(&rp, "Location", STR("/x\r\nSet-Cookie: a=b")));
    CHECK(!reply_header(&rp, "Location", STR("/x\n")));
    CHECK(!reply_header(&rp, "Location", STR("/x\0y")));
    CHECK_INT(rp.header_count, 0);
    CHECK(reply_header(&rp, "Location", STR("/x")));
    CHECK(reply_header(&rp, "location", STR("/y")));
    CHECK_INT(rp.header_count, 1);
    CHECK_STR(rp.headers[0].value, "/y");
    for (int i = 1; i < REPLY_HEADERS; i++)
        CHECK(reply_header_more(&rp, "Set-Cookie", STR("a=b")));
    CHECK(!reply_header_more(&rp, "Set-Cookie", STR("a=b")));
    reply_fini(&rp);
}

TEST(a_problem_names_every_faulty_field)
{
    struct reply rp;

    renew();
    failure_clear(&failure);
    failure_field(&failure, &arena, ST_INVALID, STR("email"), "invalid_email", "Must be one.");
    failure_field(&failure, &arena, ST_INVALID, STR("name"), "required", "Must be given.");
    reply_init(&rp);
    reply_problem(&rp, &failure, STR("r1"), &arena);
    buf_char(&rp.body, '\0');
    CHECK_INT(rp.status, 400);
    CHECK_STR(rp.content_type, "application/problem+json");
    CHECK_STR((const char *)rp.body.at,
              "{\"title\":\"Bad Request\",\"status\":400,\"code\":\"invalid_request\","
              "\"message\":\"Some fields cannot be taken as they are: see errors.\","
              "\"errors\":[{\"field\":\"email\",\"code\":\"invalid_email\",\"message\":\"Must be "
              "one.\"},{\"field\":\"name\",\"code\":\"required\",\"message\":\"Must be given.\"}],"
              "\"requestId\":\"r1\"}");
    failure_clear(&failure);
    failure.status = ST_UNAUTHENTICATED;
    reply_problem(&rp, &failure, STR("r2"), &arena);
    CHECK_INT(rp.status, 401);
    CHECK_STR(rp.headers[0].name, "WWW-Authenticate");
    failure.status = ST_TOO_MANY;
    failure.retry_after = 7;
    reply_problem(&rp, &failure, STR_NONE, &arena);
    CHECK_STR(rp.headers[0].value, "7");
    reply_fini(&rp);
}
