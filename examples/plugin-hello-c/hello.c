/* Hello: a native plugin with a rule, a filter, a render and an event handler. What is promised to it, and by it, is said in
 * foyer/plugin.h.
 */
#include <foyer/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What this thread keeps: here only how often it was asked. */
struct hello {
    unsigned long asked;
};

static int open_hello(const struct foyer_host *foyer, struct foyer_registry *registry,
                      void **instance);
static void close_hello(const struct foyer_host *foyer, void *instance);
static int self_test(const struct foyer_host *foyer, struct foyer_call *call, void *instance);
static foyer_function people_delete, no_freemail, greet, on_created, welcome;
static int is_at(const char *address, const char *domains);

FOYER_EXPORT const struct foyer_plugin_table *foyer_plugin(void)
{
    static const struct foyer_plugin_table table = {
        .size = sizeof(table),
        .level = FOYER_PLUGIN_LEVEL,
        .date = FOYER_PLUGIN_DATE,
        .open = open_hello,
        .close = close_hello,
        .self_test = self_test,
    };

    return &table;
}

static int open_hello(const struct foyer_host *foyer, struct foyer_registry *registry,
                      void **instance)
{
    const struct foyer_options rule = { .size = sizeof(rule),
                                        .describe = "clients are deleted by people",
                                        .where = FOYER_HERE };
    const struct foyer_options filter = {
        .size = sizeof(filter), .describe = "no freemail", .stage = "validate", .where = FOYER_HERE
    };
    const struct foyer_options render = { .size = sizeof(render), .where = FOYER_HERE };
    const struct foyer_options handler = { .size = sizeof(handler),
                                           .name = "welcome",
                                           .describe = "welcomes clients",
                                           .where = FOYER_HERE };
    const struct foyer_options change = { .size = sizeof(change), .where = FOYER_HERE };

    foyer->rule(registry, "client.delete", &rule, people_delete);
    foyer->filter(registry, "client.create", &filter, no_freemail);
    foyer->render(registry, "mail.test", &render, greet);
    foyer->on(registry, "client.created", &handler, on_created);
    foyer->transaction(registry, "welcome", &change, welcome);
    *instance = calloc(1, sizeof(struct hello));
    return *instance ? FOYER_OK : foyer->refuse(registry, "there is no memory for it");
}

static void close_hello(const struct foyer_host *foyer, void *instance)
{
    (void)foyer;
    free(instance);
}

/* A key that deletes is a mistake; whoever else may is for other rules to say. */
static int people_delete(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *kind;

    ((struct hello *)instance)->asked++;
    foyer->get(call, FOYER_ACTOR, "kind", &kind);
    if (foyer_is(kind, "apiKey"))
        return foyer->deny(call, "by_hand_only", "Clients are deleted by people.");
    return FOYER_OK;
}

static int no_freemail(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *email, *freemail, *tags;
    struct foyer_value tag = foyer_text("work"), given = foyer_array(&tag, 1);

    (void)instance;
    foyer->get(call, FOYER_CHANGE, "email", &email);
    foyer->get(call, FOYER_SETTINGS, "freemail", &freemail);
    if (is_at(foyer_text_of(email), foyer_text_of(freemail)))
        return foyer->reject(call, "no_freemail", "Use the address of the company.", "email");
    foyer->get(call, FOYER_CHANGE, "tags", &tags);
    return tags->length ? FOYER_OK : foyer->change(call, "tags", &given);
}

static int greet(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    (void)instance;
    return foyer->rendered(call, "Hello from C", "This mail was written by a native plugin.\n",
                           NULL);
}

/* After the commit. Whom it may concern outside of Foyer would be told here; what is to be changed is asked for. */
static int on_created(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *id;
    struct foyer_member member;
    struct foyer_value args;

    (void)instance;
    foyer->get(call, FOYER_EVENT, "entityId", &id);
    member.name = "clientId";
    member.value = *id;
    args = foyer_object(&member, 1);
    return foyer->run(call, "welcome", &args);
}

/* One transaction, done once for each client. One who is gone by now needs no welcome. */
static int welcome(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    const struct foyer_value *id, *answer, *tags;
    struct foyer_value given[32];
    struct foyer_member body;
    struct foyer_value change;
    char target[64];
    uint32_t i;
    int status;

    (void)instance;
    foyer->get(call, FOYER_ARGS, "clientId", &id);
    snprintf(target, sizeof(target), "/v1/clients/%s", foyer_text_of(id));
    foyer->api(call, "GET", target, NULL, &status, &answer);
    if (status == 404)
        return FOYER_OK;
    tags = foyer_get(answer, "tags");
    for (i = 0; tags && i < tags->length && i < 31; i++)
        given[i] = tags->items[i];
    given[i++] = foyer_text("welcomed");
    body.name = "tags";
    body.value = foyer_array(given, i);
    change = foyer_object(&body, 1);
    foyer->api(call, "PATCH", target, &change, &status, &answer);
    if (status != 200)
        return foyer->fail(call, foyer_text_of(foyer_get(answer, "message")));
    return foyer->tell(call, "hello.welcomed", foyer_text_of(id), NULL);
}

static int self_test(const struct foyer_host *foyer, struct foyer_call *call, void *instance)
{
    (void)instance;
    if (!is_at("ann@gmail.com", "gmx.net gmail.com") || is_at("ann@mail.com", "gmail.com"))
        return foyer->fail(call, "domains are not told apart");
    return FOYER_OK;
}

/* domains: with blanks between. */
static int is_at(const char *address, const char *domains)
{
    const char *at = strrchr(address, '@');

    while (at && *domains) {
        size_t len = strcspn(domains, " ");

        if (len > 0 && strlen(at + 1) == len && strncmp(at + 1, domains, len) == 0)
            return 1;
        domains += len + (domains[len] == ' ');
    }
    return 0;
}
