/* Hello: a native plugin with a rule, a filter and a render. What is promised to it, and by it, is said in
 * foyer/plugin.h.
 */
#include <foyer/plugin.h>

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
static foyer_function people_delete, no_freemail, greet;
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

    foyer->rule(registry, "client.delete", &rule, people_delete);
    foyer->filter(registry, "client.create", &filter, no_freemail);
    foyer->render(registry, "mail.test", &render, greet);
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
