/* Tools of scripts: entries, hashes, schemas, words; what they give, and what they refuse. */
#include "api/clients.h"
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>

#define HEAD "local foyer = require(\"foyer\")\n"

/* Runs the lines as a filter of client.create. Gives why it failed; "" where it did not. */
static const char *run(const char *lines)
{
    static char reason[1000];
    struct client client = { .given_name = STR("Jane") };
    struct rules rules;
    struct arena arena;
    uint64_t given = 0;

    arena_init(&arena, 1 << 20);
    rules_script("only.lua",
                 str_printf(&arena,
                            HEAD "local function run() %s end\n"
                                 "foyer.filter(\"client.create\", function()\n"
                                 "  local ok, why = pcall(run)\n"
                                 "  if not ok then return foyer.reject(\"x\", tostring(why)) end\n"
                                 "end)",
                            lines)
                     .at);
    rules_open_alone(&rules);
    rules_begin(&rules);
    rules.tx.is_writing = true;
    switch (policy_filter(&rules.tx, "client.create", &client_entity, NULL, &client, &given)) {
    case ST_OK:
        reason[0] = '\0';
        break;
    case ST_UNPROCESSABLE:
        snprintf(reason, sizeof(reason), "%.*s", STR_ARG(rules.tx.failure.message));
        break;
    default:
        snprintf(reason, sizeof(reason), "it failed");
    }
    rules_end(&rules);
    rules_close(&rules);
    arena_fini(&arena);
    return reason;
}

static void check_all(const char *const *lines)
{
    for (; *lines; lines++) {
        harness_note("%s", *lines);
        CHECK_STR(str_from(run(*lines)), "");
    }
}

static void check_refused(const char *const (*cases)[2])
{
    for (; (*cases)[0]; cases++) {
        const char *why = run((*cases)[0]);

        harness_note("%s says \"%s\", not \"%s\"", (*cases)[0], why, (*cases)[1]);
        CHECK(strstr(why, (*cases)[1]));
    }
}

TEST(hashes_of_scripts_are_those_of_the_standards)
{
    static const char *const lines[] = {
        "assert(foyer.crypto.sha256(\"abc\") == "
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\")",
        /* RFC 4231, 2 and 6: a short key and one longer than a block */
        "assert(foyer.crypto.hmac(\"Jefe\", \"what do ya want for nothing?\") == "
        "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\")",
        "assert(foyer.crypto.hmac((\"\\xaa\"):rep(131), \"Test Using Larger Than Block-Size Key - "
        "Hash Key First\") == "
        "\"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54\")",
        /* RFC 4648, 10 */
        "assert(foyer.crypto.base64(\"\") == \"\" and foyer.crypto.base64(\"f\") == \"Zg==\")",
        "assert(foyer.crypto.base64(\"foobar\") == \"Zm9vYmFy\")",
        "assert(foyer.crypto.base64(\"\\xfb\\xff\") == \"+/8=\")",
        "assert(foyer.crypto.base64(\"\\xfb\\xff\", true) == \"-_8\")",
        "assert(foyer.crypto.unbase64(\"+/8=\") == \"\\xfb\\xff\")",
        "assert(foyer.crypto.unbase64(\"-_8\") == \"\\xfb\\xff\")",
        "assert(foyer.crypto.unbase64(\"\") == \"\" and foyer.crypto.unbase64(\"Zg==\") == \"f\")",
        "for _, text in ipairs { \"Zg=\", \"Z\", \"Zh==\", \"Zg==Zg==\", \"====\", \"Zm 9\" } do\n"
        "  assert(foyer.crypto.unbase64(text) == nil, text)\n"
        "end",
        "assert(foyer.crypto.unhex(\"00fF\") == \"\\0\\xff\" and not foyer.crypto.unhex(\"0g\"))",
        "assert(not foyer.crypto.equal(\"a\", \"b\") and not foyer.crypto.equal(\"a\", \"aa\"))",
        "assert(foyer.crypto.random(16) ~= foyer.crypto.random(16))",
        NULL,
    };
    static const char *const refused[][2] = {
        { "foyer.crypto.random(0)", "1 to 256" },
        { "foyer.crypto.random(257)", "1 to 256" },
        { "foyer.crypto.sha256((\"x\"):rep(524289))", "at most 512 KiB" },
        { "foyer.crypto.sha256(5)", "must be a text" },
        { NULL, NULL },
    };

    check_all(lines);
    check_refused(refused);
}

TEST(a_schema_tells_all_that_does_not_fit)
{
    static const char *const lines[] = {
        "local ok, faults = foyer.schema.validate({ name = \"\", tags = { \"a\", 5 }, x = 1 }, {\n"
        "  type = \"object\", required = { \"name\", \"age\" }, additionalProperties = false,\n"
        "  properties = { name = { type = \"string\", minLength = 1 },\n"
        "    tags = { type = \"array\", items = { type = \"string\" }, maxItems = 1 } } })\n"
        "local told = {}\n"
        "for i, fault in ipairs(faults) do told[i] = fault.path .. \" \" .. fault.message end\n"
        "local text = table.concat(told, \"; \")\n"
        "assert(not ok and text == \"age is missing; name must be 1 characters or more; \"\n"
        "  .. \"tags must have at most 1; tags[2] must be string; x is not known\", text)",
        "assert(foyer.schema.validate(3, { type = { \"integer\", \"null\" }, minimum = 3, maximum "
        "= 3 }))",
        "assert(not foyer.schema.validate(3.5, { type = \"integer\" }))",
        "assert(not foyer.schema.validate(2, { minimum = 2.5 }))",
        "assert(foyer.schema.validate({}, { type = \"array\" }))",
        "assert(foyer.schema.validate({}, { type = \"object\" }))",
        "assert(not foyer.schema.validate({ 1 }, { type = \"object\" }))",
        "assert(foyer.schema.validate(\"b\", { enum = { \"a\", \"b\" } }))",
        "assert(not foyer.schema.validate(\"c\", { enum = { \"a\", \"b\" } }))",
        "assert(not foyer.schema.validate(\"c\", { const = \"d\" }))",
        "assert(foyer.schema.validate(\"\u00e9\u00e9\", { maxLength = 2 }))",
        "assert(foyer.schema.validate({ a = { b = { 1 } } }, {}))",
        "local value, known = {}, {}\n"
        "for i = 1, 1500 do value[\"v\" .. i], known[\"p\" .. i] = i, {} end\n"
        "local ok, faults = foyer.schema.validate(value, { properties = known })\n"
        "assert(not ok and faults[1].message == \"is too large to be checked\")",
        NULL,
    };
    static const char *const refused[][2] = {
        { "foyer.schema.validate(1, { typ = \"string\" })", "no \"typ\" here" },
        { "foyer.schema.validate(1, { type = \"text\" })", "type must be a type" },
        { "foyer.schema.validate(1, { properties = { a = { minLength = -1 } } })",
          "minLength must be a whole number" },
        { "foyer.schema.validate(1, { items = { required = { 5 } } })",
          "required must be an array" },
        { "foyer.schema.validate(1, { \"string\" })", "a schema is a table" },
        { "foyer.schema.validate(type, {})", "function" },
        { "foyer.schema.validate(1, { enum = { { 1 } } })", "enum must be an array of texts" },
        { NULL, NULL },
    };

    check_all(lines);
    check_refused(refused);
}

TEST(words_come_in_the_language_that_there_is)
{
    static const char *const lines[] = {
        "local t = { en = 1, de = 2, [\"de-AT\"] = 3, fr = 4 }\n"
        "assert(foyer.i18n.choose(t, \"de-AT\") == 3 and foyer.i18n.choose(t, \"de-CH\") == 2)\n"
        "assert(foyer.i18n.choose(t, \"it-IT\") == 1 and foyer.i18n.choose(t) == 1)",
        "assert(foyer.i18n.choose({ fr = 4, it = 5 }, \"de\") == 4)",
        "assert(foyer.i18n.fill(\"{a}, {b}{a} {\", { a = \"x\", b = 5 }) == \"x, 5x {\")",
        NULL,
    };
    static const char *const refused[][2] = {
        { "foyer.i18n.choose({}, \"de\")", "a table with a language in it" },
        { "foyer.i18n.fill(\"Hello {name}\", { nam = 1 })", "\"name\" has no value" },
        { NULL, NULL },
    };

    check_all(lines);
    check_refused(refused);
}

TEST(mails_of_scripts_are_checked_when_they_are_queued)
{
    static const char *const lines[] = {
        "for _ = 1, 20 do foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = \"T\" "
        "} end",
        NULL,
    };
    static const char *const refused[][2] = {
        { "foyer.mail.queue { to = \"a\", subject = \"S\", text = \"T\" }",
          "to must be an address" },
        { "foyer.mail.queue { to = \"a@example.com, b@example.com\", subject = \"S\", text = \"T\" "
          "}",
          "to must be an address" },
        { "foyer.mail.queue { subject = \"S\", text = \"T\" }", "to must be a text" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"S\\nBcc: b@example.com\", text = "
          "\"T\" }",
          "control character" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"\", text = \"T\" }", "subject" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = \"\" }", "text" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = \"T\\xff\" }",
          "UTF-8" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = \"T\", cc = \"b\" }",
          "nothing else" },
        { "foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = (\"T\"):rep(131073) "
          "}",
          "128 KiB" },
        { "for _ = 1, 21 do foyer.mail.queue { to = \"a@example.com\", subject = \"S\", text = "
          "\"T\" } end",
          "more than 20 mails" },
        { NULL, NULL },
    };

    check_all(lines);
    check_refused(refused);
}

TEST(entries_of_scripts_are_checked)
{
    static const char *const lines[] = {
        "local v = foyer.kv.set(\"k\", { list = { 1, 2 }, deep = { a = true } })\n"
        "local got, version = foyer.kv.get(\"k\")\n"
        "assert(version == v and #got.list == 2 and got.deep.a == true)\n"
        "assert(foyer.kv.set(\"k\", 1, { version = v + 1 }) == nil)\n"
        "assert(foyer.kv.delete(\"k\", { version = v }) and foyer.kv.get(\"k\") == nil)",
        "foyer.kv.set(\"a/1\", false) foyer.kv.set(\"a/2\", \"x\")\n"
        "local list = foyer.kv.list(\"a/\", { after = \"a/1\" })\n"
        "assert(#list == 1 and list[1].key == \"a/2\" and list[1].value == \"x\")\n"
        "assert(foyer.kv.get(\"a/1\") == false)",
        NULL,
    };
    static const char *const refused[][2] = {
        { "foyer.kv.set(\"\", 1)", "1 to 200 bytes" },
        { "foyer.kv.set((\"k\"):rep(201), 1)", "1 to 200 bytes" },
        { "foyer.kv.set(\"\\xff\", 1)", "UTF-8" },
        { "foyer.kv.set(\"a\\nb\", 1)", "one line" },
        { "foyer.kv.set(\"k\", nil)", "foyer.kv.delete" },
        { "foyer.kv.set(\"k\", type)", "function" },
        { "foyer.kv.set(\"k\", (\"x\"):rep(65536))", "64 KiB" },
        { "foyer.kv.set(\"k\", 1, { ttl = 0 })", "ttl" },
        { "foyer.kv.set(\"k\", 1, { ttl = 1e10 })", "ttl" },
        { "foyer.kv.set(\"k\", 1, { version = -1 })", "version" },
        { "foyer.kv.list(\"\", { limit = 1001 })", "limit" },
        { "foyer.kv.list(\"\", { after = 5 })", "after" },
        { NULL, NULL },
    };

    check_all(lines);
    check_refused(refused);
}
