/* Hostile: libraries that do what they must not, one for each value of CASE; what goes wrong when a function
 * answers is chosen by the name of the client that is made.
 */
#include <foyer/plugin.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define GOOD             0
#define NO_SYMBOL        1
#define NO_TABLE         2
#define SHORT_TABLE      3
#define OTHER_LEVEL      4
#define NEWER            5
#define NO_OPEN          6
#define CRASH_ON_LOAD    7
#define CRASH_IN_TEST    8
#define ABORT_IN_TEST    9
#define EXIT_IN_TEST     10
#define HANG_IN_TEST     11
#define TEST_SAYS_NO     12
#define OPEN_SAYS_NO     13
#define OPEN_FAILS       14
#define NOT_PROVIDED     15
#define NO_SUCH_ACTION   16
#define NO_FUNCTION      17
#define UNDEFINED_SYMBOL 18
#define BAD_STAGE        19
#define OTHER_EACH_TIME  20
#define OLDER            21 /* good: it knows less of the table */
#define WRITE_IN_TEST    22
#define NO_SUCH_EVENT    23
#define EVENT_TWICE      24
#define EVENT_IN_ORDER   25
#define BAD_NAME         26

/* How much longer everything may take: sanitizers. */
#ifndef SLOW
#define SLOW 1
#endif

static foyer_function rule, scope, filter, render, handle, act;
static int open_it(const struct foyer_host *foyer, struct foyer_registry *registry,
                   void **instance);
static int self_test(const struct foyer_host *foyer, struct foyer_call *call, void *instance);

#if CASE == UNDEFINED_SYMBOL
extern int nobody_has_this(void);
#endif

#if CASE == CRASH_ON_LOAD
__attribute__((constructor)) static void crash(void)
{
    raise(SIGSEGV);
}
#endif

#if CASE == NO_SYMBOL
const struct foyer_plugin_table *foyer_pluggin(void);
FOYER_EXPORT const struct foyer_plugin_table *foyer_pluggin(void)
#else
FOYER_EXPORT const struct foyer_plugin_table *foyer_plugin(void)
#endif
{
    static const struct foyer_plugin_table table = {
        .size = CASE == SHORT_TABLE ? 4
                : CASE == OLDER     ? offsetof(struct foyer_plugin_table, close)
                                    : sizeof(table),
        .level = CASE == OTHER_LEVEL ? 2 : FOYER_PLUGIN_LEVEL,
        .date = CASE == NEWER   ? 20991231
                : CASE == OLDER ? 20260101
                                : FOYER_PLUGIN_DATE,
        .open = CASE == NO_OPEN ? NULL : open_it,
        .self_test = self_test,
    };

    return CASE == NO_TABLE ? NULL : &table;
}

static int open_it(const struct foyer_host *foyer, struct foyer_registry *registry, void **instance)
{
    const struct foyer_options options = { .size = sizeof(options),
                                           .name = "hostile",
                                           .stage = CASE == BAD_STAGE ? "sometimes" : "enrich",
                                           .where = FOYER_HERE };
    static const char *const mails[] = { "invite_email", NULL };
    static const char *const rules[] = { "permissions", NULL };
    const struct foyer_options before_mails = { .size = sizeof(before_mails), .before = mails };
    const struct foyer_options before_rules = { .size = sizeof(before_rules), .before = rules };
    const struct foyer_options as_other = { .size = sizeof(as_other), .name = "client.created" };
    static int opened;

    (void)instance;
    if (CASE == OPEN_SAYS_NO)
        return foyer->refuse(registry, "there is no room for it");
    if (CASE == OPEN_FAILS)
        return FOYER_FAILED;
    if (CASE == NOT_PROVIDED)
        foyer->rule(registry, "client.delete", &options, rule);
    if (CASE == NO_SUCH_ACTION)
        foyer->rule(registry, "client.craete", &options, rule);
    if (CASE != OTHER_EACH_TIME || opened++ == 0)
        foyer->rule(registry, "client.create", &options, CASE == NO_FUNCTION ? NULL : rule);
    foyer->scope(registry, "client", &before_rules, scope);
    foyer->filter(registry, "client.create", &options, filter);
    foyer->render(registry, "mail.invite", &before_mails, render);
    if (CASE != OLDER) { /* it was built before these were there */
        foyer->on(registry, CASE == NO_SUCH_EVENT ? "client.craeted" : "client.created",
                  CASE == EVENT_IN_ORDER ? &before_mails : NULL, handle);
        foyer->on(registry, "hostile.told", CASE == EVENT_TWICE ? &as_other : NULL, handle);
        foyer->transaction(registry, CASE == BAD_NAME ? "an act" : "act", NULL, act);
    }
#if CASE == UNDEFINED_SYMBOL
    return nobody_has_this();
#else
    return FOYER_OK;
#endif
}

static int self_test(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    (void)instance;
    if (CASE == CRASH_IN_TEST)
        raise(SIGSEGV);
    if (CASE == ABORT_IN_TEST)
        abort();
    if (CASE == EXIT_IN_TEST)
        exit(0);
    if (CASE == HANG_IN_TEST)
        for (;;)
            pause();
    if (CASE == WRITE_IN_TEST)
        while (write(1, "on and on\n", 10) > 0)
            ;
    if (CASE == TEST_SAYS_NO)
        return foyer->fail(call, "two and two are five");
    foyer->log(call, FOYER_LOG_INFO, "the self-test runs");
    return foyer->now(call) > 0 && foyer->deadline(call) > 0 ? FOYER_OK : FOYER_FAILED;
}

static void burn(int milliseconds)
{
    struct timespec begun, now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000 <
           milliseconds);
}

static int rule(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *name, *value;
    int answer;

    (void)instance;
    foyer->get(call, FOYER_INPUT, "givenName", &name);
    if (foyer_is(name, "rule-late")) {
        burn(500); /* beyond 5 ms, also under sanitizers, which have 20 times as much */
        return foyer->allow(call, "late");
    }
    if (foyer_is(name, "rule-polls")) {
        while (foyer->deadline(call) > 0)
            ;
        return FOYER_FAILED;
    }
    if (foyer_is(name, "rule-twice")) {
        foyer->allow(call, "first");
        return foyer->deny(call, "second", "Second.");
    }
    if (foyer_is(name, "rule-code"))
        return foyer->deny(call, "No Code!", "x");
    if (foyer_is(name, "rule-status"))
        return 77;
    if (foyer_is(name, "rule-mute"))
        return FOYER_FAILED;
    if (foyer_is(name, "rule-fails"))
        return foyer->fail(call, "there is no reason");
    if (foyer_is(name, "rule-field")) {
        foyer->get(call, FOYER_INPUT, "givenNam", &value);
        return foyer->allow(call, NULL); /* nobody is allowed anything by a fault */
    }
    if (foyer_is(name, "rule-change"))
        return foyer->change(call, "givenName", name);
    if (foyer_is(name, "rule-permission"))
        return foyer->can(call, "view_client", &answer);
    if (foyer_is(name, "rule-api"))
        return foyer->api(call, "GET", "/v1/clients", NULL, &answer, &value);
    if (foyer_is(name, "rule-null"))
        return foyer->get(call, FOYER_ACTOR, "kind", NULL);
    if (foyer_is(name, "rule-object"))
        return foyer->get(call, (enum foyer_object)99, "kind", &value);
    return FOYER_OK;
}

static int scope(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *email;
    static const char *const ids[] = { "no id" };

    (void)instance;
    foyer->get(call, FOYER_ACTOR, "name", &email);
    if (foyer_is(email, "scope-ids"))
        foyer->rows(call, FOYER_IDS, ids, 1);
    return FOYER_OK;
}

/* Makes a company by the API, reads it again, and gives the client its name. */
static int use_api(const struct foyer_host *foyer, struct foyer_call *call, const char *how)
{
    struct foyer_member name = { "name", foyer_text("Made by C") };
    struct foyer_value company = foyer_object(&name, 1), round[1];
    const struct foyer_value *made, *read;
    char target[100];
    int status;

    round[0] = foyer_array(round, 1);
    if (strcmp(how, "-method") == 0)
        return foyer->api(call, "FETCH", "/v1/companies", NULL, &status, &read);
    if (strcmp(how, "-null") == 0)
        return foyer->api(call, "GET", NULL, NULL, &status, &read);
    if (strcmp(how, "-body") == 0)
        return foyer->api(call, "POST", "/v1/companies", round, &status, &read);
    if (strcmp(how, "-nowhere") == 0) {
        foyer->api(call, "GET", "/v1/nowhere?a=b", NULL, &status, &read);
        snprintf(target, sizeof(target), "%d", status);
        round[0] = foyer_text(target);
        return foyer->change(call, "familyName", round);
    }
    foyer->api(call, "POST", "/v1/companies", &company, &status, &made);
    if (status != 200)
        return foyer->fail(call, foyer_text_of(foyer_get(made, "message")));
    snprintf(target, sizeof(target), "/v1/companies/%s", foyer_text_of(foyer_get(made, "id")));
    foyer->api(call, "GET", target, NULL, &status, &read);
    return foyer->change(call, "familyName", foyer_get(read, "name"));
}

static int filter(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    static struct foyer_value round[1], deep;
    const struct foyer_value *name;
    struct foyer_value bad = foyer_text("\xff\xfe"), none = foyer_text("x"), kind = foyer_nil();
    char *text;
    int status;

    (void)instance;
    foyer->get(call, FOYER_CHANGE, "givenName", &name);
    round[0] = foyer_array(round, 1);
    deep = foyer_array(round, 1);
    none.text = NULL;
    kind.type = 12;
    if (foyer_is(name, "filter-late"))
        burn(1000);
    if (foyer_is(name, "filter-utf8"))
        return foyer->change(call, "familyName", &bad);
    if (foyer_is(name, "filter-null"))
        return foyer->change(call, "familyName", &none);
    if (foyer_is(name, "filter-no-value"))
        return foyer->change(call, "familyName", NULL);
    if (foyer_is(name, "filter-kind"))
        return foyer->change(call, "familyName", &kind);
    if (foyer_is(name, "filter-round"))
        return foyer->change(call, "customFields", &deep);
    if (foyer_is(name, "filter-field"))
        return foyer->change(call, "familyNam", name);
    if (foyer_is(name, "filter-type"))
        return foyer->change(call, "tags", name);
    if (foyer_is(name, "filter-id"))
        return foyer->change(call, "id", name);
    if (foyer_is(name, "filter-reject-field"))
        return foyer->reject(call, "no", "No.", "nothing");
    if (foyer_is(name, "filter-long")) {
        text = malloc(2 << 20);
        memset(text, 'x', (2 << 20) - 1);
        text[(2 << 20) - 1] = '\0';
        status = foyer->reject(call, "long", text, NULL);
        free(text);
        return status;
    }
    if (strncmp(foyer_text_of(name), "filter-api", 10) == 0)
        return use_api(foyer, call, foyer_text_of(name) + 10);
    if (foyer_is(name, "filter-changes")) {
        bad = foyer_text("Changed by C");
        foyer->change(call, "familyName", name);
        return foyer->change(call, "familyName", &bad); /* the last one counts */
    }
    return FOYER_OK;
}

/* Goes on in act, but for what it gets wrong itself. */
static int handle(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *event, *name, *nothing, *attempt;
    struct foyer_value round[1];
    int status;

    (void)instance;
    foyer->get(call, FOYER_EVENT, NULL, &event);
    foyer->get(call, FOYER_EVENT, "data", &name);
    foyer->get(call, FOYER_EVENT, "nothing", &nothing);
    foyer->get(call, FOYER_CALL, "attempt", &attempt);
    name = foyer_get(name, "givenName");
    round[0] = foyer_array(round, 1);
    if (!name || nothing->type != FOYER_NIL || attempt->integer < 1)
        return foyer_is(foyer_get(event, "name"), "hostile.told")
                   ? FOYER_OK
                   : foyer->fail(call, "the event is incomplete");
    if (foyer_is(name, "event-late"))
        burn(150 * SLOW);
    if (foyer_is(name, "event-polls"))
        while (foyer->deadline(call) > 0)
            ;
    if (foyer_is(name, "event-mute"))
        return FOYER_FAILED;
    if (foyer_is(name, "event-allows"))
        return foyer->allow(call, "yes");
    if (foyer_is(name, "event-api"))
        return foyer->api(call, "GET", "/v1/clients", NULL, &status, &event);
    if (foyer_is(name, "event-tells"))
        return foyer->tell(call, "hostile.told", NULL, NULL);
    if (foyer_is(name, "event-target"))
        return foyer->get(call, FOYER_TARGET, NULL, &event);
    if (foyer_is(name, "event-slip"))
        return foyer->run(call, "acct", NULL);
    if (foyer_is(name, "event-null"))
        return foyer->run(call, NULL, NULL);
    if (foyer_is(name, "event-round"))
        return foyer->run(call, "act", round);
    if (foyer_is(name, "event-twice"))
        foyer->run(call, "act", event);
    if (foyer_is(name, "event-only"))
        return FOYER_OK;
    return foyer->run(call, "act", event);
}

/* Makes a company of the event's number first: what fails then must not leave it. */
static int act(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *data, *name, *id, *answer;
    struct foyer_member member = { "name", foyer_nil() };
    struct foyer_value company = foyer_object(&member, 1), list;
    char text[100];
    int status, i;

    (void)instance;
    foyer->get(call, FOYER_ARGS, "data", &data);
    foyer->get(call, FOYER_ARGS, "entityId", &id);
    name = foyer_get(data, "givenName");
    snprintf(text, sizeof(text), "For %s", foyer_text_of(id));
    member.value = foyer_text(text);
    foyer->api(call, "POST", "/v1/companies", &company, &status, &answer);
    if (status != 200)
        return foyer->fail(call, foyer_text_of(foyer_get(answer, "message")));
    list = foyer_array(&company, 1);
    if (foyer_is(name, "act-late"))
        burn(50 * SLOW);
    if (foyer_is(name, "act-fails"))
        return foyer->fail(call, "there is no act");
    if (foyer_is(name, "act-runs"))
        return foyer->run(call, "act", NULL);
    if (foyer_is(name, "act-rows"))
        return foyer->get(call, FOYER_ACTOR, "kind", &answer);
    if (foyer_is(name, "act-steals"))
        return foyer->tell(call, "client.created", NULL, NULL);
    if (foyer_is(name, "act-key"))
        return foyer->tell(call, "hostile.told", "no id", NULL);
    if (foyer_is(name, "act-data"))
        return foyer->tell(call, "hostile.told", NULL, &list);
    for (i = 0; foyer_is(name, "act-floods") && i < 21; i++)
        foyer->tell(call, "hostile.told", NULL, NULL);
    return foyer->tell(call, "hostile.told", foyer_text_of(id), &company);
}

static int render(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *name, *data;

    (void)instance;
    foyer->get(call, FOYER_DATA, "givenName", &name);
    foyer->get(call, FOYER_DATA, NULL, &data);
    if (foyer_is(name, "render-lines"))
        return foyer->rendered(call, "two\nlines", "text", NULL);
    if (foyer_is(name, "render-nothing"))
        return foyer->rendered(call, "subject", NULL, NULL);
    if (foyer_is(name, "render-good"))
        return foyer->rendered(call, "Rendered by C", foyer_text_of(foyer_get(data, "link")), NULL);
    return FOYER_OK;
}
