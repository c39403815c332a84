/* Route: finding rows, refusing tables that cannot stand, and what queries may name. */
#include "http/route.h"

#include "base/arena.h"
#include "base/limits.h"
#include "harness.h"

#include <string.h>

static enum status phase(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)tx, (void)rq, (void)rp;
    return ST_OK;
}

static const char *const statuses[] = { "invited", "active", NULL };
static const struct field fields[] = {
    { "status", FIELD_ENUM, FIELD_FILTER, 0, 0, 0, statuses, "status", "" },
    { "email", FIELD_EMAIL, FIELD_FILTER, 0, 0, 0, NULL, "email", "" },
    { "name", FIELD_TEXT, FIELD_SORT, 0, 0, 0, NULL, "name", "" },
    { 0 },
};
static const struct entity entity = { "client", fields, 64 };
static const struct route_query extra[] = { { "sendInvite", "", true }, { 0 } };

static const struct route clients[] = {
    { .method = GET,
      .pattern = "/v1/clients",
      .may = "client.list",
      .read = phase,
      .entity = &entity,
      .flags = ROUTE_LIST },
    { .method = POST,
      .pattern = "/v1/clients",
      .may = "client.create",
      .write = phase,
      .query = extra },
    { .method = GET, .pattern = "/v1/clients/{id}", .may = "client.read", .read = phase },
    { .method = PATCH, .pattern = "/v1/clients/{id}", .may = "client.update", .write = phase },
    { .method = DELETE,
      .pattern = "/v1/clients/{id}/companies/{companyId}",
      .may = "x",
      .write = phase },
    { .method = POST, .pattern = "/v1/clients/import", .may = "client.create", .write = phase },
    { .method = PUT,
      .pattern = "/v1/files/{id}/permissions/",
      .may = "x",
      .write = phase,
      .flags = ROUTE_NO_TARGET },
    { 0 },
};
static const struct route pages[] = {
    { .method = GET, .pattern = "/", .open = "the first page", .read = phase },
    { .method = GET,
      .pattern = "/invite/{token}",
      .open = "the token",
      .read = phase,
      .flags = ROUTE_PAGE | ROUTE_SECRET_PATH | ROUTE_NO_TARGET },
    { .method = GET, .pattern = "/assets/{path...}", .open = "public", .read = phase },
    { 0 },
};
static const struct route *const tables[] = { clients, pages, NULL };

static struct arena arena;

/* Forgets what the test before it made: what is left lies in the one that can be reached. */
static void renew(void)
{
    arena_fini(&arena);
    arena_init(&arena, MIB(4));
}

static struct request rq;
static struct str allow;
static struct router *router;

static const char *faults(const struct failure *failure)
{
    struct str text = STR("");

    for (const struct field_error *at = failure->errors; at; at = at->next)
        text = str_printf(&arena, "%.*s%s%.*s %.*s", STR_ARG(text), text.len ? ", " : "",
                          STR_ARG(at->field), STR_ARG(at->code));
    return text.at;
}

static enum status find(enum method method, const char *target)
{
    struct failure failure = { 0 };

    if (router == NULL) {
        struct buf error;

        buf_init(&error, KIB(1));
        CHECK_INT(router_new(tables, &router, &error), ST_OK);
        buf_fini(&error);
    }
    renew();
    rq = (struct request){ .method = method };
    CHECK_INT(request_set_target(&rq, &arena, str_from(target), NULL, &failure), ST_OK);
    return router_find(router, &rq, &arena, &allow);
}

static bool is_refused(struct route row, const char *part)
{
    struct route rows[2] = { row, { 0 } };
    const struct route *const alone[] = { rows, clients, NULL };
    struct router *made;
    struct buf error;
    bool is_named;

    buf_init(&error, KIB(1));
    if (router_new(alone, &made, &error) == ST_OK) {
        router_free(made);
        return false;
    }
    buf_char(&error, '\0');
    harness_note("%s", error.at);
    is_named = made == NULL && strstr(error.at, part) != NULL;
    buf_fini(&error);
    return is_named;
}

TEST(rows_are_found_by_method_and_path)
{
    CHECK_INT(find(GET, "/v1/clients?limit=3"), ST_OK);
    CHECK(rq.route == &clients[0]);
    CHECK_INT(find(HEAD, "/v1/clients"), ST_OK);
    CHECK(rq.route == &clients[0] && rq.method == HEAD);
    CHECK_INT(find(PATCH, "/v1/clients/0190d3f2-0000-7000-8000-000000000001"), ST_OK);
    CHECK(rq.route == &clients[3] && rq.target_id.bytes[15] == 1);
    CHECK_INT(find(POST, "/v1/clients/import"), ST_OK);
    CHECK(rq.route == &clients[5]);
    CHECK_INT(find(GET, "/"), ST_OK);
    CHECK(rq.route == &pages[0]);
}

TEST(parameters_are_known_by_name)
{
    CHECK_INT(find(DELETE, "/v1/clients/0190d3f2-0000-7000-8000-000000000001/companies/a%2Fb"),
              ST_OK);
    CHECK_STR(request_param(&rq, "companyId"), "a/b");
    CHECK_STR(request_param(&rq, "id"), "0190d3f2-0000-7000-8000-000000000001");
    CHECK_STR(request_param(&rq, "company"), NULL);
    CHECK_INT(find(PUT, "/v1/files/root/permissions/"), ST_OK);
    CHECK_STR(request_param(&rq, "id"), "root");
    CHECK_INT(find(GET, "/assets/css/main.css"), ST_OK);
    CHECK_STR(request_param(&rq, "path"), "css/main.css");
}

TEST(what_is_not_served_is_not_found)
{
    CHECK_INT(find(GET, "/v1/clients/"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "/v1/clients/12"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "//v1/clients"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "/V1/clients"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "/v1"), ST_NOT_FOUND);
    CHECK_INT(find(PUT, "/v1/files/root/permissions"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "/v1%2Fclients"), ST_NOT_FOUND);
    CHECK_INT(find(GET, "/assets/a%2F..%2F..%2Fetc"), ST_NOT_FOUND);
}

TEST(other_methods_are_named)
{
    CHECK_INT(find(DELETE, "/v1/clients"), ST_METHOD);
    CHECK_STR(allow, "GET, HEAD, POST, OPTIONS");
    CHECK_INT(find(OPTIONS, "/v1/clients/0190d3f2-0000-7000-8000-000000000001"), ST_METHOD);
    CHECK_STR(allow, "GET, HEAD, PATCH, OPTIONS");
    CHECK_INT(find(METHOD_OTHER, "/"), ST_METHOD);
    CHECK_INT(find(OPTIONS, "*"), ST_METHOD);
    CHECK_STR(allow, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    /* the literal row has no GET, so the parameter's is asked */
    CHECK_INT(find(GET, "/v1/clients/import"), ST_NOT_FOUND);
    CHECK(rq.route == &clients[2]);
}

TEST(secrets_in_paths_never_reach_logs)
{
    CHECK_INT(find(GET, "/invite/s3cret"), ST_OK);
    CHECK_STR(rq.log_path, "/invite/{token}");
    CHECK_INT(find(POST, "/invite/s3cret"), ST_METHOD);
    CHECK_STR(rq.log_path, "/invite/{secret}");
    CHECK_INT(find(GET, "/invite/s3cret/"), ST_NOT_FOUND);
    CHECK_STR(rq.log_path, "/invite/{secret}");
    CHECK_INT(find(GET, "/v1/clients/0190d3f2-0000-7000-8000-000000000001?q=secret"), ST_OK);
    CHECK_STR(rq.log_path, "/v1/clients/0190d3f2-0000-7000-8000-000000000001");
    CHECK_INT(find(GET, "/nowhere/at/all"), ST_NOT_FOUND);
    CHECK_STR(rq.log_path, "/nowhere/at/all");
}

TEST(tables_that_cannot_stand_are_refused)
{
    const struct route good = { .method = GET, .pattern = "/x", .may = "x.read", .read = phase };
    struct route row = good;

    CHECK(!is_refused(row, ""));
    row.may = NULL;
    CHECK(is_refused(row, "needs .may"));
    row = good;
    row.open = "because";
    CHECK(is_refused(row, "both"));
    row = good;
    row.read = NULL;
    CHECK(is_refused(row, "none of"));
    row = good;
    row.pattern = "/v1/clients/{other}";
    CHECK(is_refused(row, "already"));
    row.pattern = "x";
    CHECK(is_refused(row, "begins with"));
    row.pattern = "/a/x{id}";
    CHECK(is_refused(row, "whole segment"));
    row.pattern = "/{rest...}/x";
    CHECK(is_refused(row, "last"));
    row.pattern = "/{a}/{b}/{c}/{d}/{e}";
    CHECK(is_refused(row, "4 parameters"));
    row = good;
    row.method = OPTIONS;
    CHECK(is_refused(row, "OPTIONS is made"));
    row = good;
    row.flags = ROUTE_LIST;
    CHECK(is_refused(row, "entity"));
}

TEST(unknown_query_parameters_are_all_named)
{
    struct failure failure = { 0 };

    CHECK_INT(find(GET, "/v1/clients?limit=1&q=a&email=a&email=b&name=x&Email=y&name=z"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
    CHECK_STR(failure.errors->field, "name");
    CHECK_STR(failure.errors->next->field, "Email");
    CHECK(failure.errors->next->next == NULL);
    failure_clear(&failure);
    CHECK_INT(find(GET, "/v1/clients?limit=1&limit=2"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
    CHECK_STR(failure.errors->code, "given_twice");
    failure_clear(&failure);
    CHECK_INT(find(POST, "/v1/clients?sendInvite=true"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_OK);
    CHECK_INT(find(POST, "/v1/clients?limit=1"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
}

TEST(faulty_values_are_named_beside_unknown_parameters)
{
    struct failure failure = { 0 };

    CHECK_INT(find(GET, "/v1/clients?Limit=3&limit=abc&count=maybe&sort=-nme&fields=email,nme"),
              ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
    CHECK_STR(faults(&failure), "Limit unknown_parameter, limit not_a_number, count not_a_boolean, "
                                "fields unknown_field, sort unknown_sort");
    CHECK_STR(failure.errors->message,
              "There is no query parameter of this name here. Did you mean `limit`?");
    failure_clear(&failure);
    CHECK_INT(find(GET, "/v1/clients?limit=&count=1&sort=-name&fields=email&status=active&email=x"),
              ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_OK);
    CHECK_INT(find(GET, "/v1/clients?sort=nme"), ST_OK); /* the list says what it is sorted by */
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_OK);
    CHECK_INT(find(GET, "/v1/clients?status=active&status=lost"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
    CHECK_STR(faults(&failure), "status unknown_choice");
    failure_clear(&failure);
    CHECK_INT(find(POST, "/v1/clients?sendInvite=perhaps&x=1"), ST_OK);
    CHECK_INT(route_check_query(&rq, &arena, &failure), ST_INVALID);
    CHECK_STR(faults(&failure), "sendInvite not_a_boolean, x unknown_parameter");
}

static void count_row(const struct route *row, void *context)
{
    (void)row;
    ++*(int *)context;
}

TEST(rows_are_called_in_the_order_of_the_tables)
{
    int count = 0;

    find(GET, "/");
    router_each(router, count_row, &count);
    CHECK_INT(count, 10);
}
