/* Tally: what is counted of whom, and what is not. */
#include "plugin/seat.h"
#include "plugin/tally.h"
#include "policy_fixture.h"

#include <string.h>

#define HEAD "local foyer = require(\"foyer\")\n"

static struct buf out;

static const char *told(struct rules *rules)
{
    buf_clear(&out);
    tally_write(((const struct seat *)rules->policy)->generation, true, &rules->arena, &out);
    buf_char(&out, '\0');
    return out.at;
}

TEST(each_function_that_requests_ask_is_counted_with_its_errors)
{
    struct policy *beside;
    struct decision decision;
    struct rules rules;
    const char *text;

    buf_init(&out, 100000);
    rules_script("a.lua",
                 HEAD "foyer.rule(\"client.list\", function() return foyer.allow(\"a\") end)\n"
                      "foyer.rule(\"client.read\", function() end)");
    rules_script("b.lua", HEAD "foyer.rule(\"client.list\", function() error(\"oh\") end)");
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK(!strstr(told(&rules), "client.list"));
    for (int i = 0; i < 130; i++)
        rules_ask(&rules, "client.list", NULL);
    text = told(&rules);
    harness_note("%s", text);
    CHECK(strstr(text, "       130        0 "));
    CHECK(strstr(text, "rule client.list (a.lua:2)"));
    CHECK(strstr(text, "       130      130 "));
    CHECK(strstr(text, "rule client.list (b.lua:2)"));
    CHECK(!strstr(text, "client.read"));

    beside = host_beside(rules.policy); /* explanations and tests count nothing */
    rules.tx.policy = beside;
    CHECK_INT(policy_ask(&rules.tx, "client.read", NULL, false, &decision), VERDICT_DENY);
    rules.tx.policy = rules.policy;
    host_beside_end(beside);
    CHECK(!strstr(told(&rules), "client.read"));
    rules_end(&rules);
    rules_close(&rules);
    buf_fini(&out);
}

TEST(one_call_in_sixty_four_is_timed)
{
    const struct generation *generation;
    struct rules rules;

    rules_script("a.lua", HEAD "foyer.rule(\"client.list\", function()\n"
                               "  for _ = 1, 2000 do local _ = tostring(1) end\n"
                               "end)");
    rules_open_alone(&rules);
    rules_begin(&rules);
    for (int i = 0; i < 129; i++)
        rules_ask(&rules, "client.list", NULL);
    generation = ((const struct seat *)rules.policy)->generation;
    CHECK_INT(generation->tallies[0].asked, 129);
    CHECK_INT(generation->tallies[0].timed, 3);
    CHECK(generation->tallies[0].nanoseconds > 0);
    rules_end(&rules);
    rules_close(&rules);
}
