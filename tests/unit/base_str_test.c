/* Str: comparing, cutting, numbers, UTF-8. */
#include "harness.h"

#include "base/arena.h"
#include "base/str.h"

#include <string.h>

TEST(absent_and_empty_are_two_things)
{
    CHECK(str_is_absent(STR_NONE));
    CHECK(str_is_empty(STR_NONE));
    CHECK(!str_is_absent(STR("")));
    CHECK(str_is_empty(STR("")));
    CHECK(!str_eq(STR_NONE, STR("")));
    CHECK(str_eq(STR_NONE, STR_NONE));
    CHECK(!str_eq_nocase(STR_NONE, STR("")));
    CHECK(str_is(STR_NONE, NULL));
    CHECK(!str_is(STR(""), NULL));
    CHECK(str_is_absent(str_from(NULL)));
    EXPECT_ABORT(str_slice(NULL, 1));
}

TEST(str_compares_whole_bytes)
{
    CHECK(str_eq(STR("a\0b"), STR("a\0b")));
    CHECK(!str_eq(STR("a\0b"), STR("a\0c")));
    CHECK(!str_eq(STR("ab"), STR("abc")));
    CHECK(str_is(STR("abc"), "abc"));
    CHECK(!str_is(STR("abc\0"), "abc"));
}

TEST(case_is_ascii_only)
{
    CHECK(str_eq_nocase(STR("Content-Type"), STR("cONTENT-tYPE")));
    CHECK(!str_eq_nocase(STR("\xC3\x84"), STR("\xC3\xA4"))); /* Ä, ä */
    CHECK(!str_eq_nocase(STR("@["), STR("`{")));
    CHECK(!str_eq_nocase(STR("a"), STR("ab")));
}

TEST(str_starts_and_ends)
{
    CHECK(str_starts(STR("abc"), STR("ab")));
    CHECK(str_starts(STR("abc"), STR("")));
    CHECK(str_starts(STR_NONE, STR("")));
    CHECK(!str_starts(STR("a"), STR("ab")));
    CHECK(str_ends(STR("abc"), STR("bc")));
    CHECK(str_ends(STR("abc"), STR("abc")));
    CHECK(!str_ends(STR("bc"), STR("abc")));
    CHECK(!str_ends(STR_NONE, STR("x")));
}

TEST(str_trim_takes_ascii_white_space_off_both_ends)
{
    CHECK_STR(str_trim(STR(" \t\r\n\v\fa b \n")), "a b");
    CHECK_STR(str_trim(STR("   ")), "");
    CHECK_STR(str_trim(STR("")), "");
    CHECK_STR(str_trim(STR_NONE), NULL);
    CHECK_STR(str_trim(STR("\xC2\xA0x")), "\xC2\xA0x");
}

TEST(str_cut_gives_every_piece_also_empty_ones)
{
    struct str rest = STR("a,,b,"), piece;

    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, "a");
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, "");
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, "b");
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, "");
    CHECK(!str_cut(&rest, ',', &piece));
    rest = STR("");
    CHECK(str_cut(&rest, ',', &piece));
    CHECK_STR(piece, "");
    CHECK(!str_cut(&rest, ',', &piece));
}

static bool is_int(const char *text, int64_t min, int64_t max, int64_t wanted)
{
    int64_t number = 4711;

    if (!str_to_int(str_from(text), min, max, &number)) {
        CHECK_INT(number, 4711);
        return false;
    }
    CHECK_INT(number, wanted);
    return true;
}

TEST(str_to_int_takes_whole_numbers_in_range)
{
    CHECK(is_int("0", 0, 9, 0));
    CHECK(is_int("-0", 0, 9, 0));
    CHECK(is_int("007", 0, 9, 7));
    CHECK(is_int("-12", -12, 0, -12));
    CHECK(is_int("9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX));
    CHECK(is_int("-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN));
    CHECK(is_int("00000000000000000000000000001", 0, 1, 1));
}

TEST(str_to_int_refuses_everything_else)
{
    static const char *const bad[] = { "",
                                       "-",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "1.0",
                                       "0x1",
                                       "1e3",
                                       "--1",
                                       "1-",
                                       "\xD9\xA1",
                                       "9223372036854775808",
                                       "-9223372036854775809",
                                       "18446744073709551616",
                                       "99999999999999999999999" };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        harness_note("%s", bad[i]);
        CHECK(!is_int(bad[i], INT64_MIN, INT64_MAX, 0));
    }
    CHECK(!is_int(NULL, INT64_MIN, INT64_MAX, 0));
    CHECK(!is_int("10", 0, 9, 0));
    CHECK(!is_int("-1", 0, 9, 0));
}

/* Each also at every place of a longer text, for eight bytes are looked at together. */
static bool is_utf8(struct str s)
{
    bool is_good = str_is_utf8(s);

    for (size_t before = 0; before < 20; before++) {
        char text[64];

        memset(text, 'x', sizeof text);
        memcpy(text + before, s.at, s.len);
        CHECK(str_is_utf8(str_slice(text, before + s.len)) == is_good);
        CHECK(str_is_utf8(str_slice(text, before + s.len + 9)) == is_good);
    }
    return is_good;
}

TEST(utf8_at_its_borders_is_taken)
{
    CHECK(is_utf8(STR("")));
    CHECK(str_is_utf8(STR_NONE));
    CHECK(is_utf8(STR("\0\x7F")));
    CHECK(is_utf8(STR("\xC2\x80\xDF\xBF")));
    CHECK(is_utf8(STR("\xE0\xA0\x80\xEF\xBF\xBF")));
    CHECK(is_utf8(STR("\xED\x9F\xBF\xEE\x80\x80"))); /* around the surrogates */
    CHECK(is_utf8(STR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")));
    CHECK(is_utf8(STR("\xE2\x82\xAC\xF0\x9F\x98\x80")));
}

TEST(utf8_that_is_ill_formed_is_refused)
{
    CHECK(!is_utf8(STR("\x80")));
    CHECK(!is_utf8(STR("\xBF")));
    CHECK(!is_utf8(STR("\xC0\x80"))); /* overlong NUL */
    CHECK(!is_utf8(STR("\xC1\xBF")));
    CHECK(!is_utf8(STR("\xE0\x80\x80")));
    CHECK(!is_utf8(STR("\xE0\x9F\xBF")));
    CHECK(!is_utf8(STR("\xF0\x80\x80\x80")));
    CHECK(!is_utf8(STR("\xF0\x8F\xBF\xBF")));
    CHECK(!is_utf8(STR("\xED\xA0\x80"))); /* surrogates */
    CHECK(!is_utf8(STR("\xED\xBF\xBF")));
    CHECK(!is_utf8(STR("\xED\xA0\xBD\xED\xB8\x80")));
    CHECK(!is_utf8(STR("\xF4\x90\x80\x80"))); /* above U+10FFFF */
    CHECK(!is_utf8(STR("\xF5\x80\x80\x80")));
    CHECK(!is_utf8(STR("\xF8\x88\x80\x80\x80")));
    CHECK(!is_utf8(STR("\xFE")));
    CHECK(!is_utf8(STR("\xFF")));
    CHECK(!is_utf8(STR("\xC3("))); /* wrong continuation */
    CHECK(!is_utf8(STR("\xE2(\xA1")));
    CHECK(!is_utf8(STR("\xE2\x82(")));
    CHECK(!is_utf8(STR("\xF0\x90\x8C(")));
    CHECK(!str_is_utf8(STR("x\xC3"))); /* cut short at the end */
    CHECK(!str_is_utf8(STR("x\xE2\x82")));
    CHECK(!str_is_utf8(STR("x\xF0\x9F\x98")));
}

/* Against the definition: all of one, two and three bytes. */
TEST(utf8_of_up_to_three_bytes_is_as_defined)
{
    for (unsigned n = 0; n < 1u << 24; n++) {
        unsigned char b[3] = { (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                               (unsigned char)n };
        unsigned point;
        bool is_wanted;

        if ((b[0] & 0xF0) != 0xE0) {
            n |= 0xFFFF;
            continue;
        }
        point = (b[0] & 15u) << 12 | (b[1] & 63u) << 6 | (b[2] & 63u);
        is_wanted = (b[1] & 0xC0) == 0x80 && (b[2] & 0xC0) == 0x80 && point >= 0x800 &&
                    (point < 0xD800 || point > 0xDFFF);
        if (str_is_utf8(str_slice((const char *)b, 3)) != is_wanted)
            harness_failed(__FILE__, __LINE__, "%06x", n);
    }
    for (unsigned n = 0; n < 1u << 16; n++) {
        unsigned char b[2] = { (unsigned char)(n >> 8), (unsigned char)n };
        bool is_wanted =
            (b[0] < 0x80 && b[1] < 0x80) || (b[0] >= 0xC2 && b[0] < 0xE0 && (b[1] & 0xC0) == 0x80);

        if (str_is_utf8(str_slice((const char *)b, 2)) != is_wanted)
            harness_failed(__FILE__, __LINE__, "%04x", n);
    }
}

TEST(length_counts_code_points)
{
    CHECK_INT(str_utf8_length(STR("")), 0);
    CHECK_INT(str_utf8_length(STR_NONE), 0);
    CHECK_INT(str_utf8_length(STR("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
}

TEST(controls_are_found)
{
    CHECK(str_has_control(STR("a\0")));
    CHECK(str_has_control(STR("\x1F")));
    CHECK(str_has_control(STR("x\x7F")));
    CHECK(str_has_control(STR("a\r\nb")));
    CHECK(!str_has_control(STR("a b~\xC3\xA4")));
    CHECK(!str_has_control(STR_NONE));
}

TEST(what_breaks_a_line_is_found)
{
    CHECK(!str_is_one_line(STR("a\nb")));
    CHECK(!str_is_one_line(STR("a\x7F")));
    CHECK(!str_is_one_line(STR("a\xC2\x85"))); /* U+0085 */
    CHECK(!str_is_one_line(STR("a\xE2\x80\xA8")));
    CHECK(!str_is_one_line(STR("\xE2\x80\xA9z")));
    CHECK(str_is_one_line(STR("a b~\xC3\xA4\xE2\x80\xA7\xE2\x80"))); /* U+2027; one that is cut */
    CHECK(str_is_one_line(STR_NONE));
}

TEST(whatever_came_can_be_shown)
{
    struct arena arena;

    arena_init(&arena, 4096);
    CHECK_STR(str_shown(&arena, STR("a\xC3\xA4\n\0\x7F b")), "a\xC3\xA4    b");
    CHECK_STR(str_shown(&arena, STR("\xFF\xFE\xE2\x80")), "????");
    CHECK(str_is_absent(str_shown(&arena, STR_NONE)));
    CHECK_STR(str_shown(&arena, STR("")), "");
    arena_fini(&arena);
}

TEST(what_an_arena_makes_ends_in_a_nul)
{
    struct arena arena;
    struct str s;

    arena_init(&arena, 4096);
    s = str_copy(&arena, STR("a\0b"));
    CHECK_INT(s.len, 3);
    CHECK_BYTES(s.at, "a\0b", 4);
    CHECK_STR(str_copy(&arena, STR_NONE), NULL);
    CHECK_STR(str_copy(&arena, STR("")), "");
    s = str_lower(&arena, STR("AZ\xC3\x84[@"));
    CHECK_STR(s, "az\xC3\x84[@");
    CHECK(s.at[s.len] == '\0');
    CHECK_STR(str_lower(&arena, STR_NONE), NULL);
    s = str_printf(&arena, "%s-%d", "x", 7);
    CHECK_STR(s, "x-7");
    CHECK(s.at[s.len] == '\0');
    CHECK_STR(str_printf(&arena, "%s", ""), "");
    s = str_concat(&arena, STR("ab"), STR("c"));
    CHECK_STR(s, "abc");
    CHECK(s.at[s.len] == '\0');
    CHECK_STR(str_concat(&arena, STR_NONE, STR_NONE), "");
    EXPECT_ABORT(str_concat(&arena, str_slice("x", SIZE_MAX - 1), STR("ab")));
    arena_fini(&arena);
}
