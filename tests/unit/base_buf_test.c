/* Buf: growth, stickiness, escapes. */
#include "harness.h"

#include "base/buf.h"

#include <string.h>

TEST(a_buffer_takes_until_its_ceiling_and_then_nothing)
{
    struct buf buf;

    buf_init(&buf, 10);
    CHECK_STR(buf_view(&buf), "");
    buf_text(&buf, "12345");
    buf_text(&buf, "67890");
    CHECK(!buf.overflowed);
    CHECK_STR(buf_view(&buf), "1234567890");
    buf_text(&buf, "");
    CHECK(!buf.overflowed);
    buf_char(&buf, 'x');
    CHECK(buf.overflowed);
    CHECK_STR(buf_view(&buf), "1234567890");
    buf_clear(&buf);
    buf_text(&buf, "too long for it");
    CHECK(buf.overflowed);
    buf_char(&buf, 'y');
    CHECK_STR(buf_view(&buf), "");
    buf_fini(&buf);
}

TEST(sizes_that_overflow_are_refused)
{
    struct buf buf;

    buf_init(&buf, 1000);
    buf_text(&buf, "x");
    CHECK(buf_reserve(&buf, SIZE_MAX) == NULL);
    CHECK(buf.overflowed);
    buf_fini(&buf);
    EXPECT_ABORT(buf_init(&buf, SIZE_MAX));
}

TEST(a_buffer_grows_and_keeps_what_it_has)
{
    struct buf buf;
    char wanted[5001];

    buf_init(&buf, 1 << 20);
    for (int i = 0; i < 5000; i++) {
        wanted[i] = (char)('a' + i % 26);
        buf_char(&buf, wanted[i]);
    }
    wanted[5000] = '\0';
    CHECK_STR(buf_view(&buf), wanted);
    CHECK(buf.cap <= 16384);
    buf_fini(&buf);
}

TEST(printf_fits_exactly_or_not_at_all)
{
    for (size_t ceiling = 0; ceiling < 600; ceiling++) {
        struct buf buf;
        char text[301];

        memset(text, 'x', 300);
        text[300] = '\0';
        buf_init(&buf, ceiling);
        buf_printf(&buf, "%s", text);
        CHECK(buf.overflowed == (ceiling < 300));
        CHECK_INT(buf.len, ceiling < 300 ? 0 : 300);
        buf_printf(&buf, "%s", text);
        CHECK(buf.overflowed == (ceiling < 600));
        buf_fini(&buf);
    }
}

TEST(numbers_are_written_whole)
{
    struct buf buf;

    buf_init(&buf, 1000);
    buf_int(&buf, 0);
    buf_char(&buf, ' ');
    buf_int(&buf, INT64_MIN);
    buf_char(&buf, ' ');
    buf_int(&buf, INT64_MAX);
    buf_char(&buf, ' ');
    buf_int(&buf, -7);
    CHECK_STR(buf_view(&buf), "0 -9223372036854775808 9223372036854775807 -7");
    buf_fini(&buf);
}

static const char *json(struct str s)
{
    static struct buf buf = { .ceiling = 100000 };

    buf_clear(&buf);
    buf_json(&buf, s);
    buf_char(&buf, '\0');
    return buf.at;
}

TEST(json_strings_can_stand_inside_of_html)
{
    CHECK_STR(json(STR("plain \xC3\xA4 \xE2\x82\xAC")), "\"plain \xC3\xA4 \xE2\x82\xAC\"");
    CHECK_STR(json(STR("")), "\"\"");
    CHECK_STR(json(STR_NONE), "null");
    CHECK_STR(json(STR("a\"b\\c/")), "\"a\\\"b\\\\c/\"");
    CHECK_STR(json(STR("\n\r\t\b\f")), "\"\\n\\r\\t\\u0008\\u000c\"");
    CHECK_STR(json(STR("\0\x1F\x7F")), "\"\\u0000\\u001f\\u007f\"");
    CHECK_STR(json(STR("</script>&")), "\"\\u003c/script\\u003e\\u0026\"");
    CHECK_STR(json(STR("a\xE2\x80\xA8"
                       "b\xE2\x80\xA9")),
              "\"a\\u2028b\\u2029\"");
    CHECK_STR(json(STR("\xE2\x80\xA7\xE2\x81\xA8\xE2\x80")),
              "\"\xE2\x80\xA7\xE2\x81\xA8\xE2\x80\"");
}

TEST(html_is_escaped_for_bodies_and_attributes)
{
    struct buf buf;

    buf_init(&buf, 1000);
    buf_html(&buf, STR("<a href=\"x\">&'b'</a>"));
    CHECK_STR(buf_view(&buf), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;b&#39;&lt;/a&gt;");
    buf_clear(&buf);
    buf_html(&buf, STR_NONE);
    buf_html(&buf, STR("plain"));
    CHECK_STR(buf_view(&buf), "plain");
    buf_fini(&buf);
}

TEST(url_encoding_leaves_the_unreserved)
{
    struct buf buf;

    buf_init(&buf, 1000);
    buf_url(&buf, STR("AZaz09-._~ +&=/?%\xC3\xA4\0"));
    CHECK_STR(buf_view(&buf), "AZaz09-._~%20%2B%26%3D%2F%3F%25%C3%A4%00");
    buf_fini(&buf);
}

TEST(reserved_bytes_count_once_they_are_taken)
{
    struct buf buf;
    char *at;

    buf_init(&buf, 1000);
    at = buf_reserve(&buf, 500);
    memcpy(at, "abc", 3);
    CHECK_INT(buf.len, 0);
    buf_took(&buf, 3);
    CHECK_STR(buf_view(&buf), "abc");
    EXPECT_ABORT(buf_took(&buf, 1000));
    buf_drop(&buf, 2);
    CHECK_STR(buf_view(&buf), "c");
    buf_drop(&buf, 0);
    EXPECT_ABORT(buf_drop(&buf, 2));
    buf_drop(&buf, 1);
    CHECK_STR(buf_view(&buf), "");
    CHECK(buf_reserve(&buf, 1000) != NULL);
    CHECK(buf_reserve(&buf, 1001) == NULL);
    buf_fini(&buf);
    buf_drop(&buf, 0);
}
