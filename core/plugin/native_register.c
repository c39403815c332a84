/* Native_register: what open of a plugin registers. */
#include "base/check.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "plugin/native_inside.h"

#include <stdio.h>
#include <string.h>

enum { FUNCTIONS_MOST = 512, NAMES_MOST = 64, NAME_MOST = 100, DESCRIBE_MOST = 500 };

static int add(struct foyer_registry *registry, enum hook_kind kind, const char *subject,
               const struct foyer_options *given, foyer_function *function);
static int check_subject(struct foyer_registry *registry, enum hook_kind kind, struct str subject);
static int check_own_name(struct foyer_registry *registry, const struct registration *given);
static int read_options(struct foyer_registry *registry, const struct foyer_options *options,
                        struct registration *to);
static bool read_text(struct foyer_registry *registry, const char *text, size_t most,
                      const char *what, struct str *to);
static bool read_names(struct foyer_registry *registry, const char *const *names, const char *what,
                       struct texts *to);
static bool read_stage(struct foyer_registry *registry, const char *stage, enum hook_stage *to);
static struct str place(const struct plugin *plugin, struct str where, struct arena *arena);
static void keep(struct foyer_registry *registry, foyer_function *function);
static int fault(struct foyer_registry *registry, enum foyer_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int native_rule(struct foyer_registry *registry, const char *action,
                const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_RULE, action, options, function);
}

int native_scope(struct foyer_registry *registry, const char *entity,
                 const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_SCOPE, entity, options, function);
}

int native_filter(struct foyer_registry *registry, const char *action,
                  const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_FILTER, action, options, function);
}

int native_render(struct foyer_registry *registry, const char *name,
                  const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_RENDER, name, options, function);
}

int native_on(struct foyer_registry *registry, const char *event,
              const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_EVENT, event, options, function);
}

int native_transaction(struct foyer_registry *registry, const char *name,
                       const struct foyer_options *options, foyer_function *function)
{
    return add(registry, HOOK_TRANSACTION, name, options, function);
}

int native_refuse(struct foyer_registry *registry, const char *why)
{
    struct str text;

    if (read_text(registry, why, LIMIT_ANSWER_WORDS, "refuse: why", &text))
        fault(registry, FOYER_FAILED, "%.*s", STR_ARG(text));
    return FOYER_FAILED;
}

static int add(struct foyer_registry *registry, enum hook_kind kind, const char *subject,
               const struct foyer_options *given, foyer_function *function)
{
    struct registration registration = { .kind = kind, .stage = STAGE_POLICY };
    struct foyer_options options = { .size = sizeof(options) };
    int status = FOYER_OK;

    if (!str_is_absent(registry->fault))
        return FOYER_INVALID;
    if (!read_text(registry, subject, NAME_MOST, hook_kind_names[kind], &registration.subject))
        return FOYER_INVALID;
    if (!function)
        return fault(registry, FOYER_INVALID, "%s %s: function must not be NULL",
                     hook_kind_names[kind], subject);
    if (given && given->size < sizeof(uint32_t))
        return fault(registry, FOYER_INVALID,
                     "%s %s: size of options must be sizeof(struct foyer_options)",
                     hook_kind_names[kind], subject);
    if (given) /* of a plugin that knows less, or more, than we do */
        memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
    status = check_subject(registry, kind, registration.subject);
    if (status == FOYER_OK)
        status = read_options(registry, &options, &registration);
    if (status == FOYER_OK && (kind == HOOK_EVENT || kind == HOOK_TRANSACTION))
        status = check_own_name(registry, &registration);
    if (status == FOYER_OK && registry->instance->function_count == FUNCTIONS_MOST)
        status = fault(registry, FOYER_TOO_MUCH, "more than %d functions are registered",
                       FUNCTIONS_MOST);
    if (status != FOYER_OK)
        return status;
    keep(registry, function);
    registry_add(registry->registry, &registration);
    return FOYER_OK;
}

/* As Lua's registering does. known is NULL in the self-test, which knows no routes. */
static int check_subject(struct foyer_registry *registry, enum hook_kind kind, struct str subject)
{
    const struct manifest *manifest = registry->plugin->manifest;
    const struct known *known = registry->known;
    const char *what = hook_kind_names[kind];
    const struct known_name *name;
    struct nearest nearest;

    if (manifest && !manifest_provides(manifest, kind, subject))
        return fault(registry, FOYER_INVALID,
                     "plugin.json does not list it: add \"%s\": [\"%s\"] to \"provides\"", what,
                     subject.at);
    if (!known || kind == HOOK_TRANSACTION) /* these are named by the plugin */
        return FOYER_OK;
    name = known_find(known, kind, subject);
    if (name && (kind != HOOK_FILTER || name->is_change))
        return FOYER_OK;
    if (name)
        return fault(registry, FOYER_INVALID, "%s changes nothing: filters run before a change",
                     subject.at);
    nearest_init(&nearest, subject);
    for (size_t i = 0; i < known->count[kind]; i++)
        nearest_offer(&nearest, known->at[kind][i].name.at);
    if ((kind == HOOK_EVENT || kind == HOOK_RULE) &&
        known_is_told(known, kind, subject, registry->plugin->id, nearest.word != NULL))
        return FOYER_OK;
    if (nearest.word)
        return fault(registry, FOYER_INVALID, "there is no %s \"%s\": did you mean \"%s\"?", what,
                     subject.at, nearest.word);
    return fault(registry, FOYER_INVALID, "there is no %s \"%s\" (foyer script stubs lists them)",
                 what, subject.at);
}

/* As Lua's: deliveries are kept under the name of their handler, and transactions are run by theirs. */
static int check_own_name(struct foyer_registry *registry, const struct registration *given)
{
    const struct registry *all = registry->registry;
    bool is_event = given->kind == HOOK_EVENT;
    const char *what = is_event ? "an event handler" : "a transaction";
    struct str name = given->name.at ? given->name : given->subject;

    if (!is_event && given->name.at)
        return fault(registry, FOYER_INVALID, "transaction %.*s: it has its name already",
                     STR_ARG(given->subject));
    if (!known_is_good(name))
        return fault(registry, FOYER_INVALID,
                     "the name of %s is letters, digits, '_', '-' and '.', at most 100: not "
                     "\"%.*s\"",
                     what, STR_ARG(name));
    if (given->after.count || given->before.count || given->stage != STAGE_POLICY)
        return fault(registry, FOYER_INVALID,
                     "%s %.*s: it has no order among others: stage, after and before are NULL",
                     what, STR_ARG(name));
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].kind == given->kind &&
            str_eq(all->at[i].name.at ? all->at[i].name : all->at[i].subject, name))
            return fault(registry, FOYER_INVALID,
                         "there is %s \"%.*s\" already: give each a name of its own", what,
                         STR_ARG(name));
    return FOYER_OK;
}

static int read_options(struct foyer_registry *registry, const struct foyer_options *options,
                        struct registration *to)
{
    struct str where = STR_NONE;

    if ((options->name && !read_text(registry, options->name, NAME_MOST, "name", &to->name)) ||
        (options->describe &&
         !read_text(registry, options->describe, DESCRIBE_MOST, "describe", &to->describe)) ||
        (options->where && !read_text(registry, options->where, 4096, "where", &where)) ||
        !read_names(registry, options->after, "after", &to->after) ||
        !read_names(registry, options->before, "before", &to->before) ||
        !read_stage(registry, options->stage, &to->stage))
        return FOYER_INVALID;
    to->where = place(registry->plugin, where, registry->arena);
    return FOYER_OK;
}

static bool read_text(struct foyer_registry *registry, const char *text, size_t most,
                      const char *what, struct str *to)
{
    size_t len = 0;
    const char *refusal = native_text_refusal(text, most, &len);

    if (!refusal && !str_is_one_line(str_slice(text, len)))
        refusal = "must be one line";
    if (!refusal && len == 0)
        refusal = "must not be empty";
    if (refusal) {
        fault(registry, FOYER_INVALID, "%s %s (at most %zu bytes of UTF-8)", what, refusal, most);
        return false;
    }
    *to = str_copy(registry->arena, str_slice(text, len));
    return true;
}

static bool read_names(struct foyer_registry *registry, const char *const *names, const char *what,
                       struct texts *to)
{
    size_t count = 0;

    while (names && count <= NAMES_MOST && names[count])
        count++;
    if (count > NAMES_MOST) {
        fault(registry, FOYER_INVALID, "%s has more than %d names: its last must be NULL", what,
              NAMES_MOST);
        return false;
    }
    *to = (struct texts){ arena_array(registry->arena, struct str, count), count };
    for (size_t i = 0; i < count; i++)
        if (!read_text(registry, names[i], NAME_MOST, what, &to->at[i]))
            return false;
    return true;
}

static bool read_stage(struct foyer_registry *registry, const char *stage, enum hook_stage *to)
{
    if (!stage)
        return true;
    for (int i = 0; i < STAGES; i++)
        if (strncmp(hook_stage_names[i], stage, NAME_MOST) == 0) {
            *to = (enum hook_stage)i;
            return true;
        }
    fault(registry, FOYER_INVALID, "stage must be validate, normalize, enrich, policy or audit");
    return false;
}

/* "hello/hello.c:12": of the path that a compiler was given, the file alone. */
static struct str place(const struct plugin *plugin, struct str where, struct arena *arena)
{
    const char *slash = str_is_absent(where) ? NULL : memrchr(where.at, '/', where.len);

    if (str_is_absent(where))
        return plugin->path;
    if (slash)
        where = str_slice(slash + 1, where.len - (size_t)(slash + 1 - where.at));
    return str_printf(arena, "%.*s/%.*s", STR_ARG(plugin->id), STR_ARG(where));
}

static void keep(struct foyer_registry *registry, foyer_function *function)
{
    struct native_instance *instance = registry->instance;

    if (instance->function_count == registry->function_cap) {
        registry->function_cap = registry->function_cap ? registry->function_cap * 2 : 16;
        instance->functions =
            xrealloc(instance->functions, registry->function_cap * sizeof(*instance->functions));
    }
    instance->functions[instance->function_count++] = function;
}

static int fault(struct foyer_registry *registry, enum foyer_status status, const char *format, ...)
{
    char text[500];
    va_list args;

    if (!str_is_absent(registry->fault))
        return status;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    registry->fault = str_copy(registry->arena, str_from(text));
    return status;
}
