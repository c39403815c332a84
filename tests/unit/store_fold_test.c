/* Folding: what people take for the same text has the same twin, what they do not has not. */
#include "base/arena.h"
#include "harness.h"
#include "store/fold.h"

#include <string.h>

static const struct {
    const char *text, *folded;
} texts[] = {
    { "", "" },
    { "Ann Lee", "ann lee" },
    { "  Ann \t\r\n Lee  ", "ann lee" },
    { "   ", "" },
    { "Straße", "strasse" },
    { "STRASSE", "strasse" },
    { "STRAẞE", "strasse" },
    { "é", "e" },
    { "e\xcc\x81", "e" }, /* e and a combining acute */
    { "ÉCOLE", "ecole" },
    { "Łódź", "lodz" },
    { "Søren Kierkegård", "soren kierkegard" },
    { "Æsop & Œuvre", "aesop & oeuvre" },
    { "İSTANBUL", "istanbul" },
    { "Istanbul", "istanbul" },
    { "ısparta", "isparta" },
    { "ISPARTA", "isparta" },
    { "ann\xe2\x80\x8b lee", "ann lee" }, /* zero-width space */
    { "\xef\xbb\xbf"
      "ann\xc2\xad",
      "ann" },                                   /* byte order mark, soft hyphen */
    { "ann\xe2\x80\x8d\xe2\x81\xa0", "ann" },    /* joiners */
    { "Ａｎｎ　Ｌｅｅ", "ann lee" },             /* fullwidth with an ideographic blank */
    { "ann\xc2\xa0\xe2\x80\x83lee", "ann lee" }, /* no-break and em blank */
    { "ann\xe2\x80\xa8lee", "ann lee" },         /* line separator */
    { "ﬁnance ①", "finance 1" },
    { "ΣΊΣΥΦΟΣ", "σισυφοσ" },
    { "σίσυφος", "σισυφοσ" },
    { "Ёлка", "елка" },
    { "ガラス", "ガラス" }, /* kana keep their voicing */
    { "ｶﾞﾗｽ", "ガラス" },   /* halfwidth */
    { "カラス", "カラス" },
    { "한글", "한글" },
    { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한" }, /* jamo */
    { "कि", "कि" },
    { "कु", "कु" },
    { "שָׁלוֹם", "שלום" },
    { "مُحَمَّد", "محمد" },
    { "Zürich\xf0\x9f\x98\x80", "zurich\xf0\x9f\x98\x80" },
};

TEST(texts_fold_to_their_twin_and_twins_to_themselves)
{
    struct arena arena;
    size_t i;

    fold_start();
    arena_init(&arena, 1 << 20);
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct str folded = fold_text(&arena, str_from(texts[i].text));

        harness_note("%s", texts[i].text);
        CHECK_STR(folded, texts[i].folded);
        CHECK_STR(fold_text(&arena, folded), texts[i].folded);
    }
    CHECK(str_is_absent(fold_text(&arena, STR_NONE)));
    arena_fini(&arena);
}

TEST(every_letter_folds_to_something_that_stays_as_it_is)
{
    struct arena arena;
    char text[5];
    uint32_t c;

    fold_start();
    arena_init(&arena, 1 << 20);
    for (c = 0x80; c < 0x30000; c++) {
        size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
        struct str once, twice;

        if (c >= 0xd800 && c < 0xe000)
            continue;
        for (i = len - 1; i > 0; i--)
            text[i] = (char)(0x80 | ((c >> (6 * (len - 1 - i))) & 0x3f));
        text[0] = (char)((0xf00 >> len) | (c >> (6 * (len - 1))));
        once = fold_text(&arena, str_slice(text, len));
        twice = fold_text(&arena, once);
        harness_note("U+%04X", (unsigned)c);
        CHECK(str_is_utf8(once));
        CHECK(str_eq(once, twice));
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

TEST(a_text_that_grows_when_folded_is_not_cut)
{
    struct arena arena;
    struct str folded;
    char text[300];
    int i;

    fold_start();
    arena_init(&arena, 1 << 20);
    for (i = 0; i < 100; i++)
        memcpy(text + 3 * i, "\xef\xb7\xba", 3); /* U+FDFA: one letter that becomes 18 */
    folded = fold_text(&arena, str_slice(text, sizeof(text)));
    CHECK(folded.len > 1000);
    CHECK(str_eq(folded, fold_text(&arena, folded)));
    arena_fini(&arena);
}

static const struct {
    const char *email, *key;
} addresses[] = {
    { "ann@example.com", "ann@example.com" },
    { "Ann.Lee+tag@EXAMPLE.Com", "ann.lee+tag@example.com" },
    { "o'brien@example.co.uk", "o'brien@example.co.uk" },
    { "root@localhost", "root@localhost" },
    { "josé@example.com", "josé@example.com" },
    { "JOSÉ@example.com", "josé@example.com" },
    { "jose\xcc\x81@example.com", "josé@example.com" },
    { "ann@Bücher.example", "ann@xn--bcher-kva.example" },
    { "ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example" },
    { "ann@faß.de", "ann@xn--fa-hia.de" }, /* non-transitional: not fass.de */
    { "ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah" },
    { "ann@ｅｘａｍｐｌｅ．com", "ann@example.com" },
    { "ann@1and1.com", "ann@1and1.com" },
    { "", NULL },
    { "ann", NULL },
    { "@example.com", NULL },
    { "ann@", NULL },
    { "ann@@example.com", NULL },
    { "ann@b@example.com", NULL },
    { "ann@example", NULL },
    { "ann@.example.com", NULL },
    { "ann@example..com", NULL },
    { "ann@example.com.", NULL },
    { "ann@-a.com", NULL },
    { "ann@a-.com", NULL },
    { "ann@a_b.com", NULL },
    { "ann@127.0.0.1", NULL },
    { "ann@[127.0.0.1]", NULL },
    { ".ann@example.com", NULL },
    { "ann.@example.com", NULL },
    { "an..n@example.com", NULL },
    { "an n@example.com", NULL },
    { " ann@example.com", NULL },
    { "ann@example.com ", NULL },
    { "ann@exam ple.com", NULL },
    { "\"ann\"@example.com", NULL },
    { "ann\r\nBcc: x@example.com", NULL },
    { "ann@example.com\n", NULL },
    { "<ann@example.com>", NULL },
    { "ann,bob@example.com", NULL },
    { "ann\xe2\x80\x8b@example.com", NULL },  /* zero-width space */
    { "ann\xe2\x80\xae@example.com", NULL },  /* bidi override */
    { "ann\xc2\xa0x@example.com", NULL },     /* no-break blank */
    { "ann\xef\xbc\xa0x@example.com", NULL }, /* fullwidth @ */
    { "ann\xff@example.com", NULL },          /* not UTF-8 */
    { "ann@xn--a.example", NULL },            /* not punycode of anything */
    { "ann@a\xe2\x80\x8d"
      "b.example",
      NULL }, /* joiner out of context */
    { "ann@\xd7\x90"
      "a.example",
      NULL }, /* mixed direction in one label */
    { "ann@☃_.com", NULL },
};

TEST(addresses_fold_to_their_key_or_are_refused)
{
    struct arena arena;
    char text[300];
    size_t i;

    fold_start();
    arena_init(&arena, 1 << 20);
    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct str key = fold_email(&arena, str_from(addresses[i].email));

        harness_note("%s", addresses[i].email);
        CHECK_STR(key, addresses[i].key);
        if (addresses[i].key)
            CHECK_STR(fold_email(&arena, key), addresses[i].key);
    }
    CHECK(str_is_absent(fold_email(&arena, STR_NONE)));
    CHECK(str_is_absent(fold_email(&arena, STR("a\0b@example.com"))));
    memset(text, 'a', sizeof(text));
    memcpy(text + 64, "@example.com", 12);
    CHECK(!str_is_absent(fold_email(&arena, str_slice(text, 76))));
    memcpy(text + 64, "a@example.com", 13);
    CHECK(str_is_absent(fold_email(&arena, str_slice(text, 77))));
    arena_fini(&arena);
}
