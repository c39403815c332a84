/* Policy fixture: a host over scripts of the test, and questions without a database.
 *
 * The shipped scripts are those of the repository (built in) unless policy_open_alone is used. The
 * workspace and the actor are plain structs that a test changes.
 */
#ifndef FOYER_TESTS_POLICY_FIXTURE_H
#define FOYER_TESTS_POLICY_FIXTURE_H

#include "harness.h"
#include "plugin/host.h"
#include "store/client.h"
#include "store/kv.h"
#include "store/workspace.h"

struct rules {
    struct config config;
    const char *data;
    struct host *host;
    struct router *router;
    struct arena arena;
    struct failure failure;
    struct workspace workspace;
    struct policy *policy;
    struct kept_entries kept; /* foyer.kv of what is asked here */
    struct tx tx;
};

/* Writes DATA/scripts/NAME. */
void rules_script(const char *name, const char *source);
/* The scripts that were written, beside the shipped ones, or alone. */
void rules_open(struct rules *rules);
void rules_open_alone(struct rules *rules);
void rules_close(struct rules *rules);

/* A transaction without a database: the actor is nobody. Takes the current generation. */
void rules_begin(struct rules *rules);
void rules_end(struct rules *rules);
/* Makes the actor of rules->tx. permissions: names with blanks between. */
void rules_staff(struct rules *rules, const char *permissions);
void rules_client(struct rules *rules, struct uuid id);
/* An id that is told by its number. */
struct uuid rules_id(unsigned number);

/* Tries x.lua and runs x_test.lua against it: so many tests, so many of them failed, and what is said of those. */
void rules_check_tests(const char *source, const char *tests, size_t count, size_t failed,
                       const char *report);

const struct runtime *rules_runtime(void);

/* Asks; the decision stays good until rules_end. */
struct decision rules_ask(struct rules *rules, const char *action, const struct subject *subject);
/* The texts of what was asked last. */
#define RULES_CHECK(rules, action, subject, wanted)                                                \
    CHECK_STR(rules_verdict((rules), (action), (subject)), (wanted))
/* "allow", "deny", "error: REASON" */
struct str rules_verdict(struct rules *rules, const char *action, const struct subject *subject);

#endif
