/* Rules: combination, what they see, what is recorded, and what their mistakes lead to. */
#include "api/clients.h"
#include "api/internal_users.h"
#include "policy_fixture.h"

static void only(struct rules *rules, const char *source)
{
    rules_script("only.lua", source);
    rules_open_alone(rules);
    rules_begin(rules);
}

static void done(struct rules *rules)
{
    rules_end(rules);
    rules_close(rules);
}

#define HEAD "local foyer = require(\"foyer\")\n"

TEST(without_any_script_everything_is_denied)
{
    struct rules rules;

    rules_open_alone(&rules);
    rules_begin(&rules);
    RULES_CHECK(&rules, "client.list", NULL, "deny");
    CHECK_STR(rules_ask(&rules, "client.list", NULL).reason,
              "no rule is registered for client.list");
    done(&rules);
}

TEST(one_deny_overrides_allows)
{
    struct rules rules;

    rules_script("a.lua", HEAD "foyer.rule(\"client.list\", function() return foyer.allow() end)");
    rules_script("b.lua", HEAD "foyer.rule(\"client.list\", function()\n"
                               "  return foyer.deny(\"closed\", \"Come back tomorrow.\")\n"
                               "end)");
    rules_script("c.lua", HEAD "foyer.rule(\"client.list\", function() return foyer.allow() end)");
    rules_open_alone(&rules);
    rules_begin(&rules);
    struct decision decision = rules_ask(&rules, "client.list", NULL);
    CHECK_INT(decision.verdict, VERDICT_DENY);
    CHECK_STR(decision.code, "closed");
    CHECK_STR(decision.message, "Come back tomorrow.");
    CHECK_STR(decision.rule, "b.lua:3");
    done(&rules);
}

TEST(nobody_who_allows_is_a_denial_that_names_the_rule)
{
    struct rules rules;

    only(&rules, HEAD "foyer.rule(\"client.list\", function() end)");
    struct decision decision = rules_ask(&rules, "client.list", NULL);
    CHECK_INT(decision.verdict, VERDICT_DENY);
    CHECK_STR(decision.rule, "only.lua:2");
    CHECK_STR(decision.reason, "no rule allowed client.list");
    CHECK_STR(decision.asked,
              "[{\"rule\":\"only.lua:2\",\"name\":\"only\",\"verdict\":\"abstain\"}]");
    done(&rules);
}

TEST(a_mistake_is_an_error_with_its_line_and_neither_allow_nor_deny)
{
    struct rules rules;

    only(&rules, HEAD "foyer.rule(\"client.list\", function(ctx)\n"
                      "  return ctx.target.id\n"
                      "end)");
    struct decision decision = rules_ask(&rules, "client.list", NULL);
    CHECK_INT(decision.verdict, VERDICT_ERROR);
    CHECK_STR(decision.rule, "only.lua:3");
    CHECK_STR(decision.reason, "attempt to index a nil value (field 'target')");
    rules.tx.status = ST_OK;
    CHECK_INT(policy_may(&rules.tx, "client.list", NULL), ST_RULE_ERROR);
    done(&rules);
}

TEST(an_endless_rule_is_an_error_and_the_next_answers)
{
    struct rules rules;

    only(&rules, HEAD
         "foyer.rule(\"client.list\", function() while true do pcall(function() end) end end)\n"
         "foyer.rule(\"client.read\", function() return foyer.allow() end)");
    CHECK_INT(rules_ask(&rules, "client.list", NULL).verdict, VERDICT_ERROR);
    RULES_CHECK(&rules, "client.read", NULL, "allow");
    done(&rules);
}

TEST(an_answer_that_was_not_returned_is_told)
{
    struct rules rules;

    only(&rules, HEAD "foyer.rule(\"client.list\", function() foyer.allow() end)\n"
                      "foyer.rule(\"client.read\", function() return true end)\n"
                      "local kept\n"
                      "foyer.rule(\"client.update\", function()\n"
                      "  kept = kept or foyer.allow()\n"
                      "  return kept\n"
                      "end)");
    RULES_CHECK(&rules, "client.list", NULL,
                "error: foyer.allow or foyer.deny was called, but what it gave was not returned: "
                "write `return foyer.allow(…)`");
    RULES_CHECK(&rules, "client.read", NULL,
                "error: a rule returns foyer.allow(…), foyer.deny(…) or nothing, not a boolean");
    RULES_CHECK(&rules, "client.update", NULL, "allow");
    RULES_CHECK(&rules, "client.update", NULL,
                "error: an answer of an earlier call was kept: answers are good for one call");
    done(&rules);
}

TEST(rules_see_the_row_by_the_names_of_the_api)
{
    struct client client = { .id = rules_id(1),
                             .given_name = STR("Jane"),
                             .status = CLIENT_INVITED,
                             .company_ids = { &(struct uuid){ { 7 } }, 1 },
                             .tags = { &STR("vip"), 1 },
                             .custom_fields = STR("{\"level\":3}"),
                             .created_at = 1000000 };
    struct subject subject = { .entity = &client_entity, .row = &client, .id = client.id };
    struct rules rules;

    only(&rules,
         HEAD "foyer.rule(\"client.read\", function(ctx)\n"
              "  local t = ctx.target\n"
              "  assert(ctx.entity == \"client\" and t.object == \"client\")\n"
              "  assert(t.givenName == \"Jane\" and t.familyName == nil)\n"
              "  assert(t.status == \"invited\" and t.tags[1] == \"vip\")\n"
              "  assert(#t.companyIds == 1 and #t.companyIds[1] == 36)\n"
              "  assert(t.customFields.level == 3)\n"
              "  assert(t.createdAt == \"1970-01-01T00:00:01.000000Z\")\n"
              "  assert(t.firstLoginDate == nil and ctx.input == nil)\n"
              "  return foyer.allow(t.id)\n"
              "end)\n"
              "foyer.rule(\"client.update\", function(ctx) return ctx.target.givename end)\n"
              "foyer.rule(\"client.delete\", function(ctx) ctx.target.givenName = 1 end)");
    struct decision decision = rules_ask(&rules, "client.read", &subject);
    CHECK_STR(decision.reason, "018f0000-0000-7000-8000-000000000001");
    CHECK_STR(decision.rule, "only.lua:11");
    RULES_CHECK(&rules, "client.update", &subject,
                "error: client has no \"givename\": did you mean \"givenName\"?");
    RULES_CHECK(&rules, "client.delete", &subject,
                "error: target.givenName cannot be set: it only shows; a filter returns a table of "
                "what it changes");
    done(&rules);
}

TEST(input_is_only_what_was_given)
{
    struct client client = { .id = rules_id(1), .phone = STR("1") };
    struct client wish = { .phone = STR("2"), .position = STR("ignored") };
    struct subject subject = { .entity = &client_entity,
                               .row = &client,
                               .change = &wish,
                               .given = UINT64_C(1) << field_find(&client_entity, STR("phone")) };
    struct rules rules;

    only(&rules, HEAD "foyer.rule(\"client.update\", function(ctx)\n"
                      "  local names = {}\n"
                      "  for name, value in pairs(ctx.input) do\n"
                      "    names[#names + 1] = name .. \"=\" .. value\n"
                      "  end\n"
                      "  assert(ctx.input.position == nil and ctx.target.phone == \"1\")\n"
                      "  return foyer.allow(table.concat(names, \",\"))\n"
                      "end)");
    CHECK_STR(rules_ask(&rules, "client.update", &subject).reason, "phone=2");
    done(&rules);
}

/* A row of another entity may have fewer fields than the iterator has passed. */
TEST(an_iterator_over_a_client_is_refused_for_staff)
{
    struct client client = { .id = rules_id(1) };
    struct internal_user staff = { .id = rules_id(2) };
    struct subject subject = { .entity = &client_entity, .row = &client, .id = client.id };
    struct subject other = { .entity = &internal_user_entity, .row = &staff, .id = staff.id };
    struct rules rules;

    only(&rules, HEAD "local step\n"
                      "foyer.rule(\"client.read\", function(ctx)\n"
                      "  step = pairs(ctx.target)\n"
                      "  for i = 1, 20 do step() end\n"
                      "end)\n"
                      "foyer.rule(\"client.update\", function() return foyer.allow((step())) end)");
    RULES_CHECK(&rules, "client.read", &subject, "deny");
    RULES_CHECK(&rules, "client.update", &subject, "allow");
    RULES_CHECK(&rules, "client.update", &other,
                "error: this iterator goes over the fields of another row");
    done(&rules);
}

TEST(what_a_rule_reads_is_told)
{
    struct client client = { .id = rules_id(1), .given_name = STR("Jane") };
    struct subject subject = { .entity = &client_entity, .row = &client, .id = client.id };
    struct rules rules;

    only(&rules,
         HEAD "foyer.rule(\"client.read\", function(ctx)\n"
              "  local a = ctx.actor\n"
              "  if a:can(\"edit_clients\") or a:has_company_role(nil, \"admin\") then return end\n"
              "  if ctx.workspace.clientsMayInvite and ctx.target.givenName == a.email then\n"
              "    return foyer.allow()\n"
              "  end\n"
              "end)");
    rules.workspace.clients_may_invite = true;
    rules_staff(&rules, "view_clients");
    CHECK_STR(rules_ask(&rules, "client.read", &subject).reads,
              "{\"actor.email\":\"ann@example.com\",\"actor.companyRoles\":{},"
              "\"actor:can(edit_clients)\":false,\"workspace.clientsMayInvite\":true,"
              "\"target.givenName\":\"Jane\"}");
    done(&rules);
}

TEST(a_denial_tells_the_rule_only_to_whom_it_may)
{
    struct rules rules;

    only(&rules, HEAD "foyer.rule(\"policy.explain\", function(ctx)\n"
                      "  if ctx.actor:can(\"view_audit\") then return foyer.allow() end\n"
                      "end)\n"
                      "foyer.rule(\"client.list\", function()\n"
                      "  return foyer.deny(\"closed\", \"We are closed.\")\n"
                      "end)");
    rules_staff(&rules, "");
    CHECK_INT(policy_may(&rules.tx, "client.list", NULL), ST_DENIED);
    CHECK_STR(rules.tx.failure.code, "closed");
    CHECK_STR(rules.tx.failure.message, "We are closed.");
    CHECK_STR(rules.tx.failure.rule, NULL);
    rules_end(&rules);
    rules_begin(&rules);
    rules_staff(&rules, "view_audit");
    CHECK_INT(policy_may(&rules.tx, "client.list", NULL), ST_DENIED);
    CHECK_STR(rules.tx.failure.rule, "only.lua:6");
    done(&rules);
}

TEST(functions_registered_in_any_order_keep_their_numbers)
{
    struct rules rules;
    struct policy *others[3];

    only(&rules,
         HEAD "local names = { a = \"client.list\", b = \"client.read\", c = \"client.create\",\n"
              "  d = \"client.update\", e = \"client.delete\", f = \"invite.list\" }\n"
              "for _, name in pairs(names) do\n"
              "  foyer.rule(name, function(ctx)\n"
              "    if name == ctx.action then return foyer.allow(name) end\n"
              "  end)\n"
              "end");
    for (size_t slot = 1; slot < 4; slot++) {
        others[slot - 1] = rules.tx.policy = host_acquire(rules.host, slot);
        RULES_CHECK(&rules, "client.list", NULL, "allow");
        RULES_CHECK(&rules, "client.create", NULL, "allow");
        RULES_CHECK(&rules, "client.delete", NULL, "allow");
        RULES_CHECK(&rules, "invite.list", NULL, "allow");
    }
    for (size_t i = 0; i < 3; i++)
        host_release(others[i]);
    done(&rules);
}
