/* Bytes and ids: one text for one value, and ids that grow with time. */
#include "harness.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/uuid.h"

#include <string.h>

/* RFC 4648, 10, without the padding; and what tells the url alphabet. */
static const struct {
    struct str bytes;
    const char *text;
} base64url[] = {
    { { "", 0 }, "" },
    { { "f", 1 }, "Zg" },
    { { "fo", 2 }, "Zm8" },
    { { "foo", 3 }, "Zm9v" },
    { { "foob", 4 }, "Zm9vYg" },
    { { "fooba", 5 }, "Zm9vYmE" },
    { { "foobar", 6 }, "Zm9vYmFy" },
    { { "\xFB\xEF\xBE\xFF", 4 }, "----_w" },
    { { "\xFF\xFF\xFF", 3 }, "____" },
    { { "\0\0", 2 }, "AAA" },
};

TEST(base64url_goes_both_ways)
{
    struct arena arena;
    uint8_t out[16];

    arena_init(&arena, 4096);
    for (size_t i = 0; i < sizeof base64url / sizeof base64url[0]; i++) {
        struct str bytes = base64url[i].bytes;

        CHECK_STR(bytes_to_base64url(&arena, bytes.at, bytes.len), base64url[i].text);
        CHECK(bytes_from_base64url(str_from(base64url[i].text), out, bytes.len));
        CHECK_BYTES(out, bytes.at, bytes.len);
    }
    arena_fini(&arena);
}

TEST(base64url_that_is_not_canonical_is_refused)
{
    uint8_t out[8];

    CHECK(!bytes_from_base64url(STR("Zh"), out, 1)); /* trailing bits */
    CHECK(!bytes_from_base64url(STR("Zm9"), out, 2));
    CHECK(bytes_from_base64url(STR("Zm8"), out, 2));
    CHECK(!bytes_from_base64url(STR("Zg=="), out, 1)); /* padding */
    CHECK(!bytes_from_base64url(STR("Zg="), out, 1));
    CHECK(!bytes_from_base64url(STR("Zg"), out, 2)); /* another length */
    CHECK(!bytes_from_base64url(STR("Z"), out, 0));
    CHECK(!bytes_from_base64url(STR("Z"), out, 1));
    CHECK(!bytes_from_base64url(STR("Zm+v"), out, 3)); /* the other alphabet */
    CHECK(!bytes_from_base64url(STR("Zm/v"), out, 3));
    CHECK(!bytes_from_base64url(STR("Zm v"), out, 3));
    CHECK(!bytes_from_base64url(STR("Zm\nv"), out, 3));
    CHECK(!bytes_from_base64url(STR("Zm\0v"), out, 3));
    CHECK(!bytes_from_base64url(STR("Zm\xFFv"), out, 3));
    CHECK(!bytes_from_base64url(STR_NONE, out, 3));
    CHECK(bytes_from_base64url(STR_NONE, out, 0));
    CHECK(!bytes_from_base64url(STR("Zm9v"), out, SIZE_MAX));
}

TEST(every_32_byte_token_has_one_text)
{
    struct arena arena;
    uint8_t in[32], out[32];
    struct str text;
    size_t accepted = 0;

    arena_init(&arena, 4096);
    crypto_random(in, sizeof in);
    text = bytes_to_base64url(&arena, in, sizeof in);
    CHECK_INT(text.len, 43);
    for (int c = 0; c < 256; c++) {
        char copy[43];

        memcpy(copy, text.at, 43);
        copy[42] = (char)c;
        if (bytes_from_base64url(str_slice(copy, 43), out, sizeof out))
            accepted += memcmp(out, in, sizeof in) == 0;
    }
    CHECK_INT(accepted, 1);
    arena_fini(&arena);
}

TEST(hex_goes_both_ways_in_either_case)
{
    struct arena arena;
    uint8_t out[4];

    arena_init(&arena, 4096);
    CHECK_STR(bytes_to_hex(&arena, "\x00\xAB\xff\x10", 4), "00abff10");
    CHECK_STR(bytes_to_hex(&arena, "", 0), "");
    CHECK(bytes_from_hex(STR("00AbfF10"), out, 4));
    CHECK_BYTES(out, "\x00\xAB\xff\x10", 4);
    CHECK(!bytes_from_hex(STR("00abff1"), out, 4));
    CHECK(!bytes_from_hex(STR("00abff1g"), out, 4));
    CHECK(!bytes_from_hex(STR("0x00abff"), out, 4));
    CHECK(!bytes_from_hex(STR(""), out, 4));
    CHECK(!bytes_from_hex(STR("00"), out, SIZE_MAX));
    arena_fini(&arena);
}

TEST(numbers_are_big_endian)
{
    uint8_t out[8];

    bytes_put_u64(out, UINT64_C(0x0102030405060708));
    CHECK_BYTES(out, "\1\2\3\4\5\6\7\10", 8);
    CHECK(bytes_get_u64(out) == UINT64_C(0x0102030405060708));
    bytes_put_u64(out, UINT64_MAX);
    CHECK(bytes_get_u64(out) == UINT64_MAX);
    bytes_put_u32(out, 0xFEDCBA98u);
    CHECK_BYTES(out, "\xFE\xDC\xBA\x98", 4);
    CHECK(bytes_get_u32(out) == 0xFEDCBA98u);
}

TEST(uuid_has_version_7_and_the_right_variant)
{
    static const uint8_t ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    static const uint8_t zeroes[10];
    char text[UUID_TEXT];

    /* the time of RFC 9562's example, A.6: 2022-02-22T19:22:22.000Z */
    uuid_format(uuid_v7(INT64_C(1645557742000000), zeroes), text);
    CHECK_STR(text, "017f22e2-79b0-7000-8000-000000000000");
    uuid_format(uuid_v7(INT64_C(1645557742000000), ones), text);
    CHECK_STR(text, "017f22e2-79b0-7000-bfff-ffffffffffff");
    uuid_format(uuid_v7(INT64_C(1645557742000999), zeroes), text);
    CHECK_STR(text, "017f22e2-79b0-7ffb-8000-000000000000");
    uuid_format(uuid_v7(-5, zeroes), text);
    CHECK_STR(text, "00000000-0000-7000-8000-000000000000");
}

TEST(uuids_grow_with_every_microsecond)
{
    static const uint8_t ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    static const uint8_t zeroes[10];
    int64_t now = INT64_C(1795471980123456);

    for (int i = 0; i < 5000; i++, now++)
        CHECK(uuid_compare(uuid_v7(now, ones), uuid_v7(now + 1, zeroes)) < 0);
    CHECK(uuid_compare(uuid_v7(now, ones), uuid_v7(now, zeroes)) > 0);
    CHECK(uuid_compare(uuid_v7(now, ones), uuid_v7(now, ones)) == 0);
}

TEST(uuid_takes_the_canonical_form_alone)
{
    static const char *const bad[] = {
        "",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2-79b07-cc3-98c4-dc0c0c07398f",
        "017f22e2 79b0 7cc3 98c4 dc0c0c07398f",
        "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    };
    struct uuid id, other;
    char text[UUID_TEXT];

    CHECK(uuid_parse(STR("017F22E2-79b0-7CC3-98c4-dc0c0c07398F"), &id));
    uuid_format(id, text);
    CHECK_STR(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    other = id;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        harness_note("%s", bad[i]);
        CHECK(!uuid_parse(str_from(bad[i]), &other));
        CHECK(uuid_eq(id, other));
    }
    CHECK(!uuid_parse(STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398\0"), &other));
    CHECK(!uuid_parse(STR_NONE, &other));
    CHECK(!uuid_is_none(id));
    CHECK(uuid_is_none(UUID_NONE));
    CHECK(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), &id));
    CHECK(uuid_is_none(id));
}
