/* Messages: headers that nothing can break out of, encodings, the same bytes on every try; the built-in
 * texts; the maildir. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "each_fault.h"
#include "harness.h"
#include "mail/builtin.h"
#include "mail/maildir.h"
#include "mail/message.h"

#include <stdlib.h>
#include <string.h>

static struct message example(void)
{
    struct message message = { .date = INT64_C(1795558380000000),
                               .from_name = STR("Rocket Rides"),
                               .from = STR("noreply@portal.example.com"),
                               .to = STR("ann@example.com"),
                               .language = STR("en"),
                               .request_id = STR("abc-1"),
                               .subject = STR("Hello"),
                               .text = STR("One\nTwo\n") };

    CHECK(uuid_parse(STR("0193590e-2f00-7000-8000-00000000002a"), &message.id));
    return message;
}

/* Borrowed until the next call. */
static struct str built(const struct message *message)
{
    static struct buf out;
    const char *why = "";

    buf_fini(&out);
    buf_init(&out, LIMIT_MAIL_BYTES);
    if (message_build(message, &out, &why) != ST_OK)
        harness_failed(__FILE__, __LINE__, "not built: %s", why);
    buf_char(&out, 0);
    out.len--;
    return buf_view(&out);
}

static bool has(struct str text, const char *part)
{
    return memmem(text.at, text.len, part, strlen(part)) != NULL;
}

#define CHECK_HAS(text, part)                                                                      \
    do {                                                                                           \
        if (!has((text), (part)))                                                                  \
            harness_failed(__FILE__, __LINE__, "no `%s` in: %.*s", (part), STR_ARG(text));         \
    } while (0)

TEST(a_plain_mail_is_these_bytes)
{
    struct message message = example();

    CHECK_STR(built(&message),
              "From: \"Rocket Rides\"\r\n"
              " <noreply@portal.example.com>\r\n"
              "To: <ann@example.com>\r\n"
              "Subject: Hello\r\n"
              "Date: Tue, 24 Nov 2026 22:13:00 +0000\r\n"
              "Message-ID: <0193590e-2f00-7000-8000-00000000002a@portal.example.com>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "Content-Language: en\r\n"
              "X-Request-Id: abc-1\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "One\r\nTwo\r\n");
}

TEST(a_mail_with_html_has_text_first)
{
    struct message message = example();
    struct str text;

    message.html = STR("<p>Hi</p>");
    text = built(&message);
    CHECK_HAS(text, "Content-Type: multipart/alternative;\r\n"
                    " boundary=\"=_0193590e-2f00-7000-8000-00000000002a\"\r\n\r\n"
                    "--=_0193590e-2f00-7000-8000-00000000002a\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                    "One\r\nTwo\r\n"
                    "--=_0193590e-2f00-7000-8000-00000000002a\r\n"
                    "Content-Type: text/html; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                    "<p>Hi</p>\r\n"
                    "--=_0193590e-2f00-7000-8000-00000000002a--\r\n");
}

TEST(every_try_sends_the_same_bytes)
{
    struct message message = example();
    struct buf first;

    message.html = STR("<p>Hi</p>");
    buf_init(&first, LIMIT_MAIL_BYTES);
    buf_str(&first, built(&message));
    CHECK(str_eq(buf_view(&first), built(&message)));
    buf_fini(&first);
}

static const char *const breakers[] = {
    "x\r\nBcc: eve@example.com",
    "x\nBcc: eve@example.com",
    "x\rBcc: eve@example.com",
    "\nx",
    "x\n",
    "x\r\n",
    "x\r\n\r\nbody",
    "x\x01",
    "x\x7f",
    "x\ty",
    "x\x0by",
    "x\x0cy",
    "x\x1by",
    "x\xc2\x85y",
    "x\xc2\x9fy",
    "x\xe2\x80\xa8y",
    "x\xe2\x80\xa9y", /* NEL, APC, LS, PS */
    "x\xff",
    "x\xc0\x8a",
    "x\xed\xa0\x80",
    "\xe2\x80",
    "x\xf5\x80\x80\x80",
    "=?UTF-8?Q?x=0D=0ABcc:_eve?=\r\n",
};

static enum status build(const struct message *message)
{
    const char *why = NULL;
    struct buf out;
    enum status status;

    buf_init(&out, LIMIT_MAIL_BYTES);
    status = message_build(message, &out, &why);
    CHECK((status == ST_OK) == (why == NULL));
    CHECK(status == ST_OK || out.len == 0 || status == ST_TOO_LARGE);
    buf_fini(&out);
    return status;
}

TEST(no_value_breaks_out_of_its_header)
{
    for (size_t i = 0; i < sizeof(breakers) / sizeof(breakers[0]); i++) {
        struct str value = str_from(breakers[i]);
        struct message message = example();

        harness_note("breaker %zu", i);
        message.subject = value;
        CHECK_INT(build(&message), ST_INVALID);
        message = example();
        message.from_name = value;
        CHECK_INT(build(&message), ST_INVALID);
        message = example();
        message.to = value;
        CHECK_INT(build(&message), ST_INVALID);
        message = example();
        message.from = value;
        CHECK_INT(build(&message), ST_INVALID);
        message = example(); /* these two are left out rather than refused */
        message.language = message.request_id = value;
        CHECK(!has(built(&message), "X-Request-Id") && !has(built(&message), "Content-Language"));
    }
    for (size_t i = 0; i < 4; i++) {
        struct message message = example();
        struct str nul = str_slice("a\0@example.com", 14);

        *(i == 0   ? &message.subject
          : i == 1 ? &message.from_name
          : i == 2 ? &message.to
                   : &message.from) = nul;
        CHECK_INT(build(&message), ST_INVALID);
    }
}

TEST(addresses_that_could_mislead_a_server_are_refused)
{
    static const char *const bad[] = {
        "",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "ann@exa mple.com",
        "an n@example.com",
        "ann@example.com>",
        "<ann@example.com",
        "ann@b@example.com",
        "ann@example.com,eve@b.com",
        "\"ann\"@example.com",
        "ann@example.com ",
        "ann\r@example.com",
        "ann@[127.0.0.1",
        "ann@[",
        "ann@a[b]",
        "ann@example.com\n",
        "ann;eve@example.com",
        "ann@[1.2.3.4] SIZE=1",
    };
    static const char *const good[] = {
        "ann@example.com",        "ann+x@localhost",     "a.b-c_d@xn--bcher-kva.example",
        "zo\xc3\xab@example.com", "noreply@[127.0.0.1]", "noreply@[IPv6:::1]"
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        harness_note("%s", bad[i]);
        CHECK(!message_address_is_good(str_from(bad[i])));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        harness_note("%s", good[i]);
        CHECK(message_address_is_good(str_from(good[i])));
    }
}

TEST(senders_are_split_into_name_and_address)
{
    struct str name, address;

    CHECK(message_split_address(STR("Foyer <noreply@example.com>"), &name, &address));
    CHECK_STR(name, "Foyer");
    CHECK_STR(address, "noreply@example.com");
    CHECK(message_split_address(STR("\"A, B\" <a@b.c>"), &name, &address));
    CHECK_STR(name, "A, B");
    CHECK(message_split_address(STR(" noreply@example.com "), &name, &address));
    CHECK_STR(name, NULL);
    CHECK_STR(address, "noreply@example.com");
    CHECK(!message_split_address(STR("Foyer <noreply@example.com> x"), &name, &address));
    CHECK(!message_split_address(STR("Foyer <>"), &name, &address));
    CHECK(!message_split_address(STR("Foyer"), &name, &address));
}

TEST(subjects_beyond_ascii_are_words_of_whole_letters)
{
    struct message message = example();
    struct str text;

    message.subject = STR("Gr\xc3\xbc\xc3\x9f"
                          "e");
    CHECK_HAS(built(&message), "\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
    message.from_name = STR("M\xc3\xbcller \"& S\xc3\xb6hne\"");
    CHECK_HAS(built(&message), "From: =?UTF-8?B?TcO8bGxlciAiJiBTw7ZobmUi?=\r\n <noreply@");
    message = example();
    message.subject = STR("=?UTF-8?B?evil?="); /* would be decoded: so it is encoded */
    CHECK_HAS(built(&message), "Subject: =?UTF-8?B?PT9VVEYtOD9CP2V2aWw/PQ==?=\r\n");
    message.from_name = STR("A \"B\" \\ C");
    CHECK_HAS(built(&message), "From: \"A \\\"B\\\" \\\\ C\"\r\n");
    /* 40 letters of three bytes: each word ends between two of them, each line is at most 76 long */
    message.subject =
        STR("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
            "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
            "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
    CHECK_HAS(built(&message),
              "Subject: =?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=\r\n"
              " =?UTF-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=\r\n");
    text = built(&message);
    CHECK(!has(text, "4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs"));
}

TEST(no_line_is_longer_than_mail_allows)
{
    struct message message = example();
    char long_text[5000];
    struct str text, line;

    memset(long_text, 'x', sizeof(long_text));
    message.subject = message.from_name = str_slice(long_text, 4000);
    message.text = message.html = str_slice(long_text, sizeof(long_text));
    text = built(&message);
    while (str_cut(&text, '\n', &line)) {
        CHECK(line.len <= 78);
        CHECK(line.len == 0 || line.at[line.len - 1] == '\r');
    }
}

TEST(bodies_are_quoted_printable)
{
    static const struct {
        const char *text, *wire;
    } cases[] = {
        { "a=b", "\r\n\r\na=3Db\r\n" },
        { "caf\xc3\xa9", "\r\n\r\ncaf=C3=A9\r\n" },
        { "blank \nend\t", "\r\n\r\nblank=20\r\nend=09\r\n" },
        { ".hidden\n..\n", "\r\n\r\n=2Ehidden\r\n=2E.\r\n" },
        { "From me\nFrom\n", "\r\n\r\n=46rom me\r\nFrom\r\n" },
        { "a\r\nb\rc\n\nd", "\r\n\r\na\r\nb=0Dc\r\n\r\nd\r\n" },
        { "\x01\x7f", "\r\n\r\n=01=7F\r\n" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct message message = example();

        message.text = str_from(cases[i].text);
        CHECK_HAS(built(&message), cases[i].wire);
    }
}

TEST(parts_that_are_missing_or_no_text_are_refused)
{
    struct message message = example();

    message.subject = STR("  ");
    CHECK_INT(build(&message), ST_INVALID);
    message = example();
    message.text = STR("\n ");
    CHECK_INT(build(&message), ST_INVALID);
    message = example();
    message.text = str_slice("a\0b", 3);
    CHECK_INT(build(&message), ST_INVALID);
    message = example();
    message.html = STR("\xff");
    CHECK_INT(build(&message), ST_INVALID);
}

TEST(a_mail_has_a_ceiling)
{
    struct message message = example();
    char *text = xmalloc(LIMIT_MAIL_BYTES);
    const char *why = NULL;
    struct buf out;

    memset(text, '=', LIMIT_MAIL_BYTES);
    message.text = str_slice(text, LIMIT_MAIL_BYTES);
    buf_init(&out, LIMIT_MAIL_BYTES);
    CHECK_INT(message_build(&message, &out, &why), ST_TOO_LARGE);
    CHECK(why != NULL);
    buf_fini(&out);
    free(text);
}

TEST(built_in_texts_are_fit_for_a_mail_whatever_the_facts_hold)
{
    static const char *const renders[] = { "invite",           "reset",           "sign_in",
                                           "password_changed", "invite_accepted", "test",
                                           "something" };
    struct arena arena;

    arena_init(&arena, MIB(8));
    for (size_t r = 0; r < sizeof(renders) / sizeof(renders[0]); r++)
        for (size_t i = 0; i <= sizeof(breakers) / sizeof(breakers[0]); i++) {
            struct str value = i ? str_from(breakers[i - 1]) : STR_NONE;
            struct builtin_facts facts = { value, value, value, value, value, value, STR_NONE };
            struct message message = example();
            struct builtin made = builtin_make(str_from(renders[r]), &facts, &arena);

            harness_note("%s, breaker %zu", renders[r], i);
            message.subject = made.subject;
            message.text = made.text;
            CHECK_INT(build(&message), ST_OK);
            CHECK(!strchr(made.subject.at, '{') && !strchr(made.text.at, '{'));
        }
    arena_fini(&arena);
}

TEST(the_built_in_invite_says_who_where_and_until_when)
{
    struct builtin_facts facts = { .workspace = STR("Rocket Rides"),
                                   .given_name = STR("Jane"),
                                   .inviter = STR("Ann"),
                                   .message = STR("Welcome!\nSee you."),
                                   .expires = STR("2026-12-07"),
                                   .link = STR("https://portal.example.com/invite/abc") };
    struct arena arena;
    struct builtin made;

    arena_init(&arena, MIB(1));
    made = builtin_make(STR("invite"), &facts, &arena);
    CHECK_STR(made.subject, "Ann invites you to Rocket Rides");
    CHECK_HAS(made.text, "Hello Jane,");
    CHECK_HAS(made.text, "\nhttps://portal.example.com/invite/abc\n");
    CHECK_HAS(made.text, "Ann writes:\n\nWelcome!\nSee you.\n");
    CHECK_HAS(made.text, "until 2026-12-07.");
    arena_fini(&arena);
}

TEST(the_maildir_has_a_mail_whole_or_not_at_all)
{
    struct uuid id = { { 1, 2, 3 } };
    struct str bytes = STR("Subject: x\r\n\r\ny\r\n");
    const char *file = test_path("mail/new/01020300-0000-0000-0000-000000000000.eml");

    EACH_FAULT(1u << FAULT_FILE)
    {
        struct failure failure = { 0 };
        struct arena arena;
        enum status status;
        struct str read;

        arena_init(&arena, MIB(1));
        status = maildir_put(test_path("mail"), id, bytes, &failure, &arena);
        if (EACH_FAULT_END()) {
            CHECK(status != ST_OK);
            CHECK(!str_is_empty(failure.message));
        } else {
            CHECK_INT(status, ST_OK);
        }
        read = test_read_file(file);
        CHECK(str_is_absent(read) || str_eq(read, bytes));
        CHECK(status != ST_OK || !str_is_absent(read));
        CHECK(str_is_absent(
            test_read_file(test_path("mail/tmp/01020300-0000-0000-0000-000000000000.eml"))));
        arena_fini(&arena);
    }
}
