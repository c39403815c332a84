/* Filters, scopes and renders: what they may answer, and what becomes of it. */
#include "api/clients.h"
#include "api/message_channels.h"
#include "policy_fixture.h"

#include <stdio.h>

#define HEAD "local foyer = require(\"foyer\")\n"

struct changing {
    struct rules rules;
    struct client client;
    uint64_t given;
};

static uint64_t bit(const char *name)
{
    return UINT64_C(1) << field_find(&client_entity, str_from(name));
}

/* The filters of client.create over a client with a given name and an address. */
static void begin(struct changing *c, const char *source)
{
    rules_script("only.lua", source);
    rules_open_alone(&c->rules);
    rules_begin(&c->rules);
    c->rules.tx.is_writing = true;
    c->client = (struct client){ .given_name = STR("Jane"), .email = STR("jane@example.com") };
    c->given = bit("givenName") | bit("email");
}

static enum status create(struct changing *c)
{
    return policy_filter(&c->rules.tx, "client.create", &client_entity, NULL, &c->client,
                         &c->given);
}

static void done(struct changing *c)
{
    rules_end(&c->rules);
    rules_close(&c->rules);
}

TEST(a_filter_changes_fields_and_the_next_sees_them)
{
    struct changing c;

    begin(&c,
          HEAD "foyer.filter(\"client.create\", { stage = \"enrich\" }, function(ctx, client)\n"
               "  assert(client.givenName == \"JANE\" and ctx.input.givenName == \"JANE\")\n"
               "  assert(ctx.target.givenName == \"JANE\")\n"
               "  return { position = \"Head of \" .. client.givenName, tags = { \"new\" } }\n"
               "end)\n"
               "foyer.filter(\"client.create\", { stage = \"normalize\" }, function(_, client)\n"
               "  return { givenName = client.givenName:upper() }\n"
               "end)");
    CHECK_INT(create(&c), ST_OK);
    CHECK_STR(c.client.given_name, "JANE");
    CHECK_STR(c.client.position, "Head of JANE");
    CHECK_STR(c.client.tags.at[0], "new");
    CHECK_INT(c.given, bit("givenName") | bit("email") | bit("position") | bit("tags"));
    done(&c);
}

TEST(a_filter_rejects_at_a_field)
{
    struct changing c;

    begin(&c,
          HEAD "foyer.filter(\"client.create\", function(_, client)\n"
               "  if foyer.text.ends(client.email, \"@example.com\") then\n"
               "    return foyer.reject(\"no_examples\", \"Not here.\", { field = \"email\" })\n"
               "  end\n"
               "end)");
    CHECK_INT(create(&c), ST_UNPROCESSABLE);
    CHECK_STR(c.rules.tx.failure.code, "no_examples");
    CHECK_STR(c.rules.tx.failure.message, "Not here.");
    CHECK_STR(c.rules.tx.failure.errors->field, "email");
    done(&c);
}

TEST(what_a_filter_gives_is_checked_as_a_body_is)
{
    static const struct {
        const char *gives;
        bool is_good;
    } cases[] = {
        { "{ givenname = \"x\" }", false },
        { "{ status = \"active\" }", false },
        { "{ givenName = 1 }", false },
        { "{ companyId = \"x\" }", false },
        { "{ email = \"no address\" }", false },
        { "{ tags = \"x\" }", false },
        { "{ givenName = \"\" }", false },
        { "{ \"x\" }", false },
        { "5", false },
        { "foyer", false },
        { "{ email = foyer.json.null }", true },
        { "{ email = \"\" }", true },
        { "{}", true },
        { "nil", true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct changing c;
        struct str source;
        struct arena arena;

        arena_init(&arena, 10000);
        source =
            str_printf(&arena, HEAD "foyer.filter(\"client.create\", function() return %s end)",
                       cases[i].gives);
        begin(&c, source.at);
        harness_note("it gives %s", cases[i].gives);
        CHECK_INT(create(&c), cases[i].is_good ? ST_OK : ST_RULE_ERROR);
        done(&c);
        arena_fini(&arena);
    }
}

TEST(a_filter_of_a_change_sees_what_will_be)
{
    struct client before = { .given_name = STR("Jane"), .phone = STR("1") };
    struct changing c;

    begin(&c, HEAD "foyer.filter(\"client.update\", function(ctx, client)\n"
                   "  assert(client.givenName == \"Jane\" and client.phone == \"2\")\n"
                   "  assert(ctx.target.phone == \"1\" and ctx.input.givenName == nil)\n"
                   "end)");
    c.client = (struct client){ .phone = STR("2") };
    c.given = bit("phone");
    CHECK_INT(
        policy_filter(&c.rules.tx, "client.update", &client_entity, &before, &c.client, &c.given),
        ST_OK);
    done(&c);
}

/* The members of a channel may be changed, its company may not: a filter that gives one is told. */
TEST(a_filter_of_a_change_gives_only_what_may_be_changed)
{
    static const struct channel before = { .kind = CHANNEL_GROUP };
    struct channel wish = before;
    struct changing c;

    begin(&c, HEAD "foyer.filter(\"message_channel.update\", function()\n"
                   "  return { companyId = \"018f2d5e-0000-7000-8000-000000000001\" }\n"
                   "end)");
    c.given = 0;
    CHECK_INT(policy_filter(&c.rules.tx, "message_channel.update", &message_channel_entity, &before,
                            &wish, &c.given),
              ST_RULE_ERROR);
    done(&c);
}

TEST(what_a_script_says_is_bounded)
{
    static const char *const gives[] = {
        "foyer.reject(\"x\", (\"y\"):rep(2001))",
        "foyer.reject(\"x\", \"\\xff\")",
        "foyer.reject(\"x\", \"y\", { field = \"email\\0name\" })",
        "foyer.reject(\"x\", \"y\", { field = (\"e\"):rep(101) })",
    };

    for (size_t i = 0; i < sizeof(gives) / sizeof(gives[0]); i++) {
        struct changing c;
        char source[300];

        snprintf(source, sizeof(source),
                 HEAD "foyer.filter(\"client.create\", function() return %s end)", gives[i]);
        begin(&c, source);
        harness_note("it gives %s", gives[i]);
        CHECK_INT(create(&c), ST_RULE_ERROR);
        done(&c);
    }
}

TEST(functions_say_where_they_belong)
{
    struct changing c;

    begin(&c,
          HEAD "foyer.rule(\"client.list\", function() return foyer.own() end)\n"
               "foyer.rule(\"client.read\", function() return foyer.reject(\"x\", \"y\") end)\n"
               "foyer.rule(\"client.update\", function() foyer.api(\"GET\", \"/\") end)\n"
               "foyer.rule(\"client.delete\", function() foyer.rule(\"client.list\", type) end)\n"
               "foyer.rule(\"me.read\", function(ctx) ctx.actor.can(\"view_clients\") end)\n"
               "foyer.rule(\"me.update\", function(ctx) ctx.actor:can(\"view_client\") end)\n"
               "foyer.rule(\"session.list\", function(ctx) return ctx.actro end)\n"
               "foyer.rule(\"session.delete\", function() return foyer.deny(\"Not a code\") end)");
    RULES_CHECK(&c.rules, "client.list", NULL,
                "error: foyer.own is called in scopes, not in a rule");
    RULES_CHECK(&c.rules, "client.read", NULL,
                "error: foyer.reject is called in filters, not in a rule");
    RULES_CHECK(&c.rules, "client.update", NULL,
                "error: foyer.api is called in filters, event handlers, transactions, jobs, "
                "routes, pages and commands, not in a rule");
    RULES_CHECK(&c.rules, "client.delete", NULL,
                "error: foyer.rule is called at the top level of a file, not in a rule");
    RULES_CHECK(&c.rules, "me.read", NULL,
                "error: call it with a colon: actor:can(\"view_clients\")");
    RULES_CHECK(&c.rules, "me.update", NULL,
                "error: the list of permissions has no \"view_client\": did you mean "
                "\"view_clients\"?");
    RULES_CHECK(&c.rules, "session.list", NULL,
                "error: ctx has no \"actro\": did you mean \"actor\"?");
    RULES_CHECK(&c.rules, "session.delete", NULL,
                "error: bad argument #1 to 'deny' (a code in snake_case expected, like "
                "\"group_too_large\")");
    done(&c);
}

TEST(settings_have_their_defaults)
{
    struct changing c;

    begin(&c, HEAD "foyer.settings {\n"
                   "  most = { type = \"integer\", default = 3, min = 1, max = 9 },\n"
                   "  word = { type = \"choice\", default = \"a\", choices = { \"a\", \"b\" } },\n"
                   "}\n"
                   "foyer.rule(\"client.list\", function(ctx)\n"
                   "  return foyer.allow(ctx.settings.word .. ctx.settings.most)\n"
                   "end)\n"
                   "foyer.rule(\"client.read\", function(ctx) return ctx.settings.mots end)");
    CHECK_STR(rules_ask(&c.rules, "client.list", NULL).reason, "a3");
    RULES_CHECK(&c.rules, "client.read", NULL,
                "error: settings has no \"mots\": did you mean \"most\"?");
    done(&c);
}

static void check_scope(struct rules *rules, enum scope_kind kind, size_t terms)
{
    struct scope scope;

    CHECK_INT(policy_scope(&rules->tx, "client", &scope), ST_OK);
    CHECK_INT(scope.kind, kind);
    CHECK_INT(scope.count, terms);
}

TEST(scopes_are_united)
{
    struct changing c;
    struct scope scope;

    rules_script("b.lua", HEAD "foyer.scope(\"client\", function(actor)\n"
                               "  if actor.email then return foyer.tags({ \"public\" }) end\n"
                               "end)");
    begin(&c, HEAD "foyer.scope(\"client\", function(actor)\n"
                   "  if actor.isOwner then return foyer.everything() end\n"
                   "  if actor:is(\"nobody\") then return end\n"
                   "  return foyer.union { foyer.own(), foyer.nothing(),\n"
                   "    foyer.account_manager(actor.id), foyer.ids({ actor.id }) }\n"
                   "end)");
    check_scope(&c.rules, SCOPE_NONE, 0);
    rules_staff(&c.rules, "");
    check_scope(&c.rules, SCOPE_TERMS, 4);
    policy_scope(&c.rules.tx, "client", &scope);
    CHECK_INT(scope.terms[0].kind, SCOPE_TAGS);
    CHECK_STR(scope.terms[0].texts.at[0], "public");
    CHECK_INT(scope.terms[1].kind, SCOPE_OWN);
    CHECK(uuid_eq(scope.terms[2].ids.at[0], rules_id(900)));
    c.rules.tx.actor.is_owner = true;
    check_scope(&c.rules, SCOPE_EVERYTHING, 0);
    CHECK_INT(policy_scope(&c.rules.tx, "invite", &scope), ST_OK);
    CHECK_INT(scope.kind, SCOPE_NONE);
    done(&c);
}

TEST(a_scope_that_fails_fails_the_request)
{
    struct changing c;
    struct scope scope;

    begin(&c, HEAD
          "foyer.scope(\"client\", function(actor) return foyer.companies(actor.limitedTo) end)");
    CHECK_INT(policy_scope(&c.rules.tx, "client", &scope), ST_RULE_ERROR);
    CHECK_INT(scope.kind, SCOPE_NONE);
    done(&c);
}

TEST(renders_give_texts_or_the_reason_to_fall_back)
{
    struct rendered rendered;
    struct changing c;
    struct tx *tx;

    begin(&c, HEAD
          "foyer.render(\"mail.invite\", function(ctx, data)\n"
          "  if data.name == \"nobody\" then error(\"who?\") end\n"
          "  if data.name == \"evil\" then return { subject = \"a\\nBcc: x\", text = \"x\" } end\n"
          "  return { subject = \"Hello \" .. data.name, text = ctx.locale,\n"
          "           html = foyer.text.html(\"<\" .. data.name) }\n"
          "end)");
    tx = &c.rules.tx;
    CHECK_INT(policy_render(tx, "mail.invite", STR("de"), STR("{\"name\":\"Jane\"}"), &rendered),
              ST_OK);
    CHECK_STR(rendered.subject, "Hello Jane");
    CHECK_STR(rendered.text, "de");
    CHECK_STR(rendered.html, "&lt;Jane");
    CHECK(str_is_absent(rendered.fallback));
    CHECK_INT(policy_render(tx, "mail.invite", STR("de"), STR("{\"name\":\"nobody\"}"), &rendered),
              ST_RULE_ERROR);
    CHECK_STR(rendered.fallback, "only.lua:3: who?");
    CHECK_INT(policy_render(tx, "mail.invite", STR("de"), STR("{\"name\":\"evil\"}"), &rendered),
              ST_RULE_ERROR);
    CHECK_STR(rendered.fallback, "only.lua:2: the subject must be one line");
    CHECK_INT(policy_render(tx, "mail.reset", STR("de"), STR("{}"), &rendered), ST_RULE_ERROR);
    CHECK_STR(rendered.fallback, "nobody renders it");
    CHECK_INT(tx_status(tx), ST_OK);
    done(&c);
}
