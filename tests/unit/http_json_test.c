/* Json: bodies in and answers out by a field table that has every type. */
#include "http/json.h"

#include "base/arena.h"
#include "base/limits.h"
#include "harness.h"
#include "http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    struct uuid id;
    struct str name, note, email, url, phone, color, extra, secret;
    int kind;
    bool is_on;
    int64_t number, at;
    struct uuid company;
    struct ids members;
    struct texts tags;
};

#define AT(member) offsetof(struct sample, member)

static const char *const object_name[] = { "sample", NULL };
static const char *const kinds[] = { "small", "large", NULL };
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "" },
    { "object", FIELD_CONST, 0, 0, 0, 0, object_name, NULL, "" },
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(name), 2, 10, NULL, "name", "" },
    { "note", FIELD_TEXT, FIELD_WRITE | FIELD_LINES, AT(note), 0, 0, NULL, "note", "" },
    { "email", FIELD_EMAIL, FIELD_WRITE, AT(email), 0, 0, NULL, "email", "" },
    { "url", FIELD_URL, FIELD_WRITE, AT(url), 0, 0, NULL, "url", "" },
    { "phone", FIELD_PHONE, FIELD_WRITE, AT(phone), 0, 0, NULL, "phone", "" },
    { "color", FIELD_COLOR, FIELD_WRITE, AT(color), 0, 0, NULL, "color", "" },
    { "kind", FIELD_ENUM, FIELD_WRITE, AT(kind), 0, 0, kinds, "kind", "" },
    { "isOn", FIELD_BOOL, FIELD_WRITE, AT(is_on), 0, 0, NULL, "is_on", "" },
    { "number", FIELD_INT, FIELD_WRITE, AT(number), -5, 5, NULL, "number", "" },
    { "at", FIELD_TIME, FIELD_WRITE, AT(at), 0, 0, NULL, "at", "" },
    { "companyId", FIELD_ID, FIELD_CREATE, AT(company), 0, 0, NULL, "company", "" },
    { "memberIds", FIELD_IDS, FIELD_WRITE, AT(members), 0, 2, NULL, NULL, "" },
    { "tags", FIELD_TEXTS, FIELD_WRITE, AT(tags), 0, 3, NULL, NULL, "" },
    { "customFields", FIELD_JSON, FIELD_WRITE | FIELD_OMIT_NULL, AT(extra), 0, 40, NULL, "e", "" },
    { "password", FIELD_TEXT, FIELD_CREATE | FIELD_NO_OUTPUT, AT(secret), 0, 0, NULL, NULL, "" },
    { 0 },
};
static const struct entity entity = { "sample", fields, sizeof(struct sample) };

static struct arena arena;

/* Forgets what the test before it made: what is left lies in the one that can be reached. */
static void renew(void)
{
    arena_fini(&arena);
    arena_init(&arena, MIB(4));
}

static struct failure failure;
static struct sample row;
static uint64_t given;

static uint64_t bit(const char *name)
{
    return UINT64_C(1) << field_find(&entity, str_from(name));
}

static enum status read_as(enum json_mode mode, const char *text)
{
    struct json_t *json;
    enum status status;

    renew();
    failure_clear(&failure);
    status = json_parse(str_from(text), &arena, &json, &failure);
    if (status == ST_OK)
        status = json_read(&entity, json, mode, &arena, &row, &given, &failure);
    json_free(json);
    return status;
}

/* "field code, field code" in the order in which they were found. */
static const char *faults(void)
{
    struct str text = STR("");

    for (const struct field_error *at = failure.errors; at; at = at->next)
        text = str_printf(&arena, "%.*s%s%.*s %.*s", STR_ARG(text), text.len ? ", " : "",
                          STR_ARG(at->field), STR_ARG(at->code));
    return text.at;
}

static enum status parse(const char *text)
{
    struct json_t *json;
    enum status status;

    renew();
    failure_clear(&failure);
    status = json_parse(str_from(text), &arena, &json, &failure);
    json_free(json);
    return status;
}

TEST(every_type_is_read_into_its_member)
{
    CHECK_INT(read_as(JSON_CREATE,
                      "{\"name\":\"  Jane \",\"note\":\"a\\nb\",\"email\":\"jane@example.com\","
                      "\"url\":\"https://example.com/x?y\",\"phone\":\"+43 (1) 234-567\","
                      "\"color\":\"#1A2b3c\",\"kind\":\"large\",\"isOn\":true,\"number\":-5,"
                      "\"at\":\"2026-11-23T23:13:00+01:00\","
                      "\"companyId\":\"0190d3f2-0000-7000-8000-000000000001\","
                      "\"memberIds\":[\"0190d3f2-0000-7000-8000-000000000002\"],"
                      "\"tags\":[\"a\",\" b \"],\"customFields\":{\"x\":[1,null]},"
                      "\"password\":\" blanks stay \"}"),
              ST_OK);
    CHECK_STR(row.name, "Jane");
    CHECK_STR(row.note, "a\nb");
    CHECK_STR(row.email, "jane@example.com");
    CHECK_STR(row.url, "https://example.com/x?y");
    CHECK_STR(row.phone, "+43 (1) 234-567");
    CHECK_STR(row.color, "#1A2b3c");
    CHECK_INT(row.kind, 1);
    CHECK(row.is_on);
    CHECK_INT(row.number, -5);
    CHECK_INT(row.at, INT64_C(1795471980000000));
    CHECK(!uuid_is_none(row.company));
    CHECK_INT(row.members.count, 1);
    CHECK_INT(row.tags.count, 2);
    CHECK_STR(row.tags.at[1], "b");
    CHECK_STR(row.extra, "{\"x\":[1,null]}");
    CHECK_STR(row.secret, " blanks stay ");
    CHECK(given == (((UINT64_C(1) << 17) - 1) & ~bit("id") & ~bit("object")));
}

TEST(all_faulty_fields_are_named_at_once)
{
    CHECK_INT(read_as(JSON_CREATE,
                      "{\"nme\":1,\"name\":\"J\",\"note\":7,\"email\":\"jane\",\"url\":\"ftp://x\","
                      "\"phone\":\"call me\",\"color\":\"red\",\"kind\":\"huge\",\"isOn\":\"yes\","
                      "\"number\":6,\"at\":\"yesterday\",\"companyId\":\"12\","
                      "\"memberIds\":[\"x\",3],\"tags\":[\"a\",\"b\",\"c\",\"d\"],"
                      "\"customFields\":[],\"id\":\"x\",\"object\":\"sample\"}"),
              ST_INVALID);
    CHECK_STR(faults(),
              "nme unknown_field, name too_short, note wrong_type, email invalid_email, "
              "url invalid_url, phone invalid_phone, color invalid_color, kind not_a_choice, "
              "isOn wrong_type, number out_of_range, at invalid_time, companyId invalid_id, "
              "memberIds.0 invalid_id, memberIds.1 wrong_type, tags too_many, "
              "customFields wrong_type, id read_only, object read_only");
}

TEST(messages_name_bounds_and_choices)
{
    read_as(JSON_CREATE,
            "{\"name\":\"12345678901\",\"kind\":\"huge\",\"given_name\":1,\"is_on\":1}");
    CHECK_STR(failure.errors->message, "Must be at most 10 characters.");
    CHECK_STR(failure.errors->next->message, "Must be one of \"small\", \"large\".");
    CHECK_STR(failure.errors->next->next->message, "There is no field of this name here.");
    CHECK_STR(failure.errors->next->next->next->message,
              "There is no field of this name here. Did you mean `isOn`?");
}

TEST(an_unknown_field_gets_the_name_that_was_probably_meant)
{
    read_as(JSON_CREATE, "{\"nme\":1,\"custom_feilds\":1,\"OBJECT\":1,\"so\":1}");
    CHECK_STR(failure.errors->message, "There is no field of this name here. Did you mean `name`?");
    CHECK_STR(failure.errors->next->message,
              "There is no field of this name here. Did you mean `customFields`?");
    CHECK_STR(failure.errors->next->next->message, /* nobody may write it */
              "There is no field of this name here.");
    CHECK_STR(failure.errors->next->next->next->message, "There is no field of this name here.");
}

TEST(lengths_are_counted_in_code_points)
{
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"äöüßéçñøåÆ\"}"), ST_OK);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"äöüßéçñøåÆx\"}"), ST_INVALID);
}

TEST(control_characters_do_not_enter_texts_of_one_line)
{
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Ja\\r\\nne\"}"), ST_INVALID);
    CHECK_STR(faults(), "name control_character");
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\\n\"}"), ST_INVALID);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Ja\\u0085ne\"}"), ST_INVALID);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Ja\\u2028ne\"}"), ST_INVALID);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\",\"tags\":[\"a\\nb\"]}"), ST_INVALID);
    CHECK_STR(faults(), "tags.0 control_character");
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\",\"note\":\"a\\r\\nb\\tc\"}"), ST_OK);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\",\"note\":\"a\\u0007\"}"), ST_INVALID);
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\",\"note\":\"a\\rb\"}"), ST_INVALID);
}

TEST(a_missing_required_field_is_named_in_create_and_put_only)
{
    CHECK_INT(read_as(JSON_CREATE, "{\"kind\":\"huge\"}"), ST_INVALID);
    CHECK_STR(faults(), "kind not_a_choice, name required");
    CHECK_INT(read_as(JSON_PUT, "{}"), ST_INVALID);
    CHECK_STR(faults(), "name required");
    CHECK_INT(read_as(JSON_PATCH, "{}"), ST_OK);
    CHECK_INT(read_as(JSON_PATCH, "{\"name\":\"\"}"), ST_INVALID);
    CHECK_STR(faults(), "name required");
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"   \"}"), ST_INVALID);
    CHECK_INT(json_read(&entity, NULL, JSON_CREATE, &arena, &row, &given, &failure), ST_INVALID);
}

TEST(empty_texts_and_null_clear_and_absence_leaves)
{
    row.email = STR("old@example.com");
    row.url = STR("https://old.example.com");
    row.number = 3;
    CHECK_INT(read_as(JSON_PATCH, "{\"url\":\"\",\"at\":null,\"tags\":[],\"customFields\":\"\"}"),
              ST_OK);
    CHECK_STR(row.email, "old@example.com");
    CHECK_STR(row.url, NULL);
    CHECK(given == (bit("url") | bit("at") | bit("tags") | bit("customFields")));
    CHECK_INT(read_as(JSON_CREATE, "{\"name\":\"Jane\",\"companyId\":\"\"}"), ST_OK);
    CHECK(uuid_is_none(row.company));
}

TEST(put_clears_what_is_not_named)
{
    row.email = STR("old@example.com");
    row.secret = STR("not for PUT");
    CHECK_INT(read_as(JSON_PUT, "{\"name\":\"Jane\"}"), ST_OK);
    CHECK_STR(row.email, NULL);
    CHECK_STR(row.secret, "not for PUT");
    CHECK(given & bit("email"));
    CHECK(!(given & bit("companyId")));
}

TEST(a_field_of_creation_cannot_be_changed)
{
    CHECK_INT(read_as(JSON_PATCH, "{\"companyId\":\"\"}"), ST_INVALID);
    CHECK_STR(faults(), "companyId read_only");
    CHECK_STR(failure.errors->message, "Cannot be changed: it is set when this is made.");
}

TEST(objects_arrive_as_objects_or_as_their_text)
{
    CHECK_INT(read_as(JSON_PATCH, "{\"customFields\":\"{\\\"a\\\": 1}\"}"), ST_OK);
    CHECK_STR(row.extra, "{\"a\":1}");
    CHECK_INT(read_as(JSON_PATCH, "{\"customFields\":\"[1]\"}"), ST_INVALID);
    CHECK_STR(faults(), "customFields wrong_type");
    CHECK_INT(read_as(JSON_PATCH, "{\"customFields\":\"{\"}"), ST_INVALID);
    CHECK_STR(faults(), "customFields invalid_json");
    CHECK_INT(read_as(JSON_PATCH,
                      "{\"customFields\":{\"a\":\"12345678901234567890123456789012345678\"}}"),
              ST_INVALID);
    CHECK_STR(faults(), "customFields too_long");
}

/* A table of Lua that lost its last entry: the filter that worked for one tag must work for none. */
TEST(an_empty_object_is_an_array_of_nothing)
{
    CHECK_INT(read_as(JSON_CHANGE, "{\"tags\":[\"a\"],\"memberIds\":[]}"), ST_OK);
    CHECK_INT(row.tags.count, 1);
    CHECK_INT(read_as(JSON_CHANGE, "{\"tags\":{},\"memberIds\":{}}"), ST_OK);
    CHECK_INT(row.tags.count, 0);
    CHECK(given & bit("tags"));
    CHECK_INT(read_as(JSON_CHANGE, "{\"tags\":{\"a\":1}}"), ST_INVALID);
    CHECK_INT(read_as(JSON_CHANGE, "{\"name\":{}}"), ST_INVALID);
}

TEST(whole_numbers_may_be_written_as_reals)
{
    CHECK_INT(read_as(JSON_PATCH, "{\"number\":4.0}"), ST_OK);
    CHECK_INT(row.number, 4);
    CHECK_INT(read_as(JSON_PATCH, "{\"number\":4.5}"), ST_INVALID);
    CHECK_INT(read_as(JSON_PATCH, "{\"number\":\"4\"}"), ST_INVALID);
    CHECK_INT(read_as(JSON_PATCH, "{\"number\":true}"), ST_INVALID);
}

TEST(addresses_are_checked_for_their_form)
{
    static const char *const good[] = { "a@b.co", "j.d+tag@x-y.example.com", "ü@exämple.at",
                                        "o'hara@example.com" };
    static const char *const bad[] = { "@b.co",     "a@",       "a",
                                       "a@b",       "a@b..co",  "a b@c.de",
                                       "a@-b.co",   "a@b.1",    ".a@b.co",
                                       "a..b@c.de", "a@b.co.",  "<a@b.co>",
                                       "a@b@c.de",  "a,b@c.de", "\\\"a\\\"@b.co" };
    char body[128];

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(body, sizeof body, "{\"email\":\"%s\"}", good[i]);
        harness_note("%s", body);
        CHECK_INT(read_as(JSON_PATCH, body), ST_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(body, sizeof body, "{\"email\":\"%s\"}", bad[i]);
        harness_note("%s", body);
        CHECK_INT(read_as(JSON_PATCH, body), ST_INVALID);
    }
}

TEST(json_is_refused_with_line_and_column)
{
    CHECK_INT(parse("{\"a\":\n  tru}"), ST_INVALID);
    CHECK_STR(failure.code, "invalid_json");
    CHECK(memmem(failure.message.at, failure.message.len, "line 2", 6) != NULL);
    CHECK(memmem(failure.message.at, failure.message.len, "near", 4) == NULL);
    CHECK_INT(parse("{\"a\":1,\n \"n\": 9007199254740993000}"), ST_INVALID);
    CHECK_STR(failure.message, "This JSON cannot be taken: line 2, column 7: a number beyond 2^53: "
                               "send it as a text.");
}

TEST(json_is_refused_in_words_for_who_sent_it)
{
    CHECK_INT(parse("{\"a\":\"\\u0000\"}"), ST_INVALID);
    CHECK_STR(failure.message, "This JSON cannot be taken: line 1, column 13: a text cannot have "
                               "\\u0000 in it.");
    CHECK_INT(parse("null"), ST_INVALID);
    CHECK_STR(failure.message, "This JSON cannot be taken: line 1, column 4: it must be an object, "
                               "from { to }.");
    CHECK_INT(parse(" "), ST_INVALID);
    CHECK(memmem(failure.message.at, failure.message.len, "from { to }", 11) != NULL);
    CHECK_INT(read_as(JSON_PATCH, "{\"customFields\":\"{a\"}"), ST_INVALID);
    CHECK_STR(failure.errors->message, "This JSON cannot be taken: line 1, column 2: string or '}' "
                                       "expected.");
}

TEST(json_that_reads_differently_elsewhere_is_refused)
{
    static const char *const bad[] = {
        "",
        "1",
        "\"a\"",
        "null",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1}x",
        "[1,]",
        "{\"a\":\"\\u0000\"}",
        "[\"\\ud800\"]",
        "[\"\xC3\x28\"]",
        "[1e999]",
        "[NaN]",
        "\xEF\xBB\xBF{}",
        "{'a':1}",
        "[01]",
        "[.5]",
        "[1e16]",
        "[-9007199254740994]",
        "// x\n{}",
        "[\"a\nb\"]",
        "{\"a\":}",
        "[\"\\x\"]",
        "{",
        "[\"a",
        "[-]",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_note("%s", bad[i]);
        CHECK_INT(parse(bad[i]), ST_INVALID);
        CHECK(failure.message.len > 0);
    }
    CHECK_INT(parse("[9007199254740992, -1.5e3, 0.1]"), ST_OK);
}

TEST(depth_and_count_of_json_are_bounded)
{
    char deep[2 * LIMIT_JSON_DEPTH + 3];
    size_t wide_len = 2 * LIMIT_JSON_VALUES + 8;
    char *wide = malloc(wide_len);

    memset(deep, '[', LIMIT_JSON_DEPTH);
    memset(deep + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    deep[2 * LIMIT_JSON_DEPTH] = '\0';
    CHECK_INT(parse(deep), ST_OK);
    memset(deep, '[', LIMIT_JSON_DEPTH + 1);
    memset(deep + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    deep[2 * LIMIT_JSON_DEPTH + 2] = '\0';
    CHECK_INT(parse(deep), ST_INVALID);
    wide[0] = '[';
    for (size_t i = 1; i + 3 < wide_len; i += 2)
        memcpy(wide + i, "1,", 2);
    memcpy(wide + wide_len - 3, "1]", 3);
    CHECK_INT(parse(wide), ST_INVALID);
    free(wide);
}

TEST(a_form_is_read_by_the_same_table)
{
    const struct param form[] = {
        { STR("name"), STR("Jane") },  { STR("isOn"), STR("on") },     { STR("number"), STR("4") },
        { STR("tags"), STR("a") },     { STR("kind"), STR("large") },  { STR("tags"), STR("b") },
        { STR("companyId"), STR("") }, { STR("note"), STR("a\r\nb") },
    };
    const struct param bad[] = {
        { STR("name"), STR("Jane") }, { STR("name"), STR("Joe") },    { STR("who"), STR("1") },
        { STR("isOn"), STR("2") },    { STR("number"), STR("four") },
    };

    renew();
    CHECK_INT(json_read_form(&entity, form, 8, &arena, &row, &given, &failure), ST_OK);
    CHECK_STR(row.name, "Jane");
    CHECK(row.is_on);
    CHECK_INT(row.number, 4);
    CHECK_INT(row.kind, 1);
    CHECK_INT(row.tags.count, 2);
    CHECK_INT(json_read_form(&entity, bad, 5, &arena, &row, &given, &failure), ST_INVALID);
    CHECK_STR(faults(), "name given_twice, who unknown_field, isOn wrong_type, number wrong_type");
}

TEST(answers_have_the_order_of_the_table)
{
    struct uuid member = { { 1 } };
    struct str tag = STR("<b>");
    struct sample sample = {
        .name = STR("Jane \"J\""),
        .number = 7,
        .members = { &member, 1 },
        .tags = { &tag, 1 },
        .secret = STR("never"),
    };
    struct buf out;

    buf_init(&out, KIB(4));
    json_write(&entity, &sample, ~UINT64_C(0), &out);
    buf_char(&out, '\0');
    CHECK_STR((const char *)out.at,
              "{\"id\":null,\"object\":\"sample\",\"name\":\"Jane \\\"J\\\"\",\"note\":null,"
              "\"email\":null,\"url\":null,\"phone\":null,\"color\":null,\"kind\":\"small\","
              "\"isOn\":false,\"number\":7,\"at\":null,\"companyId\":null,"
              "\"memberIds\":[\"01000000-0000-0000-0000-000000000000\"],"
              "\"tags\":[\"\\u003cb\\u003e\"]}");
    buf_clear(&out);
    sample.extra = STR("{\"a\":1}");
    json_write(&entity, &sample, bit("name") | bit("customFields"), &out);
    buf_char(&out, '\0');
    CHECK_STR((const char *)out.at, "{\"name\":\"Jane \\\"J\\\"\",\"customFields\":{\"a\":1}}");
    buf_fini(&out);
}
