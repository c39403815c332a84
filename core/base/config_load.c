/* Config_load: reads file, environment and flags into a struct config, and gathers every mistake. */
#include "base/config.h"

#include "base/arena.h"
#include "base/config_check.h"
#include "base/config_setting.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>

enum { FILE_BYTES = 64 * 1024 };

/* One load: what is being filled, and with what. */
struct load {
    struct config *config;
    struct buf *error;
    size_t mistakes;
    bool is_test; /* FOYER_TEST=1 */
};

/* What the values point to, until exit. */
static struct arena texts;

static void load_file(struct load *load, const char *path);
static void load_line(struct load *load, const char *path, int number, struct str line,
                      uint64_t *seen);
static void load_environment(struct load *load, char *const *env);
static void load_flags(struct load *load, const struct config_arg *args, size_t count);
static void check_together(struct load *load);
static void set_named(struct load *load, struct str name, struct str value, const char *source);
static void set(struct load *load, int index, struct str value, const char *source);
static bool set_bool(bool *to, struct str value);
static bool choice_has(const struct setting *setting, struct str value, bool is_test,
                       const char **to);
static void set_from_secret_file(struct load *load, int index, struct str path, const char *source);
static void wrong(struct load *load, const struct setting *setting, struct str value,
                  const char *source, const char *needed);
static void put_needed(struct buf *out, const struct setting *setting, bool is_test);
static int find(struct str name);
static int find_similar(struct str name);

bool config_load(struct config *config, const char *file, char *const *env,
                 const struct config_arg *args, size_t count, struct buf *error)
{
    struct load load = { .config = config, .error = error };

    if (texts.ceiling == 0)
        arena_init(&texts, MIB(64));
    memset(config, 0, sizeof *config);
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        config->sources[i] = "default";
        if (config_settings[i].initial != NULL)
            set(&load, i, str_from(config_settings[i].initial), "default");
    }
    for (int i = 0; env != NULL && env[i] != NULL; i++)
        if (strcmp(env[i], "FOYER_TEST=1") == 0)
            load.is_test = true;
    if (file != NULL)
        load_file(&load, file);
    if (env != NULL)
        load_environment(&load, env);
    load_flags(&load, args, count);
    if (load.mistakes == 0)
        check_together(&load);
    return load.mistakes == 0;
}

static void load_file(struct load *load, const char *path)
{
    struct str rest = file_read(&texts, path, FILE_BYTES), line;
    uint64_t seen = 0;
    int number = 0;

    if (str_is_absent(rest)) {
        buf_printf(load->error, "configuration file %s: %s\n", path, strerror(errno));
        load->mistakes++;
        return;
    }
    while (str_cut(&rest, '\n', &line))
        load_line(load, path, ++number, str_trim(line), &seen);
}

static void load_line(struct load *load, const char *path, int number, struct str line,
                      uint64_t *seen)
{
    struct str name, value = line;
    const char *source;
    int index;

    if (line.len == 0 || line.at[0] == '#')
        return;
    source = str_printf(&texts, "%s:%d", path, number).at;
    str_cut(&value, '=', &name);
    name = str_trim(name);
    if (str_is_absent(value) || name.len == 0) {
        buf_printf(load->error, "%s: a line must be `name = value`, or begin with #\n", source);
        load->mistakes++;
        return;
    }
    index = find(name);
    if (index >= 0 && (*seen & UINT64_C(1) << index)) {
        buf_printf(load->error,
                   "%s: %.*s is set a second time in this file; keep one of the lines\n", source,
                   STR_ARG(name));
        load->mistakes++;
        return;
    }
    if (index >= 0)
        *seen |= UINT64_C(1) << index;
    set_named(load, name, str_trim(value), source);
}

/* FOYER_ variables that come near to no setting are not ours to judge: container platforms make
 * some for each service of that name. */
static void load_environment(struct load *load, char *const *env)
{
    for (int i = 0; env[i] != NULL; i++) {
        struct str value = str_from(env[i]), variable, name;
        const char *source;

        if (!str_starts(value, STR("FOYER_")))
            continue;
        str_cut(&value, '=', &variable);
        if (str_is_absent(value))
            continue;
        source = str_copy(&texts, variable).at;
        name = str_lower(&texts, str_slice(variable.at + 6, variable.len - 6));
        if (str_starts(name, STR("test")))
            continue;
        if (find(name) >= 0 || find_similar(name) >= 0 || str_ends(name, STR("_file")))
            set_named(load, name, value, source);
    }
}

static void load_flags(struct load *load, const struct config_arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str name = str_from(args[i].name);
        char *source = arena_alloc(&texts, name.len + 3);
        int index = find(name);

        memcpy(source, "--", 2);
        for (size_t k = 0; k < name.len; k++)
            source[2 + k] = name.at[k] == '_' ? '-' : name.at[k];
        if (args[i].value != NULL)
            set_named(load, name, str_from(args[i].value), source);
        else if (index >= 0 && config_settings[index].kind == KIND_BOOL)
            set(load, index, STR("yes"), source);
        else if (index >= 0) {
            buf_printf(load->error, "%s needs a value: ", source);
            put_needed(load->error, &config_settings[index], load->is_test);
            buf_char(load->error, '\n');
            load->mistakes++;
        } else
            set_named(load, name, STR(""), source);
    }
}

/* What no single value shows. */
static void check_together(struct load *load)
{
    const struct config *config = load->config;

    if (config->smtp_user != NULL && config->smtp_url == NULL) {
        buf_text(load->error, "smtp_user is set and smtp_url is not: set both or neither\n");
        load->mistakes++;
    }
    if ((config->smtp_user == NULL) != (config->smtp_password == NULL)) {
        buf_text(load->error, "smtp_user and smtp_password belong together: set both or neither\n");
        load->mistakes++;
    }
}

static void set_named(struct load *load, struct str name, struct str value, const char *source)
{
    int index = find(name);

    if (index < 0 && str_ends(name, STR("_file"))) {
        index = find(str_slice(name.at, name.len - 5));
        if (index >= 0 && config_settings[index].is_secret) {
            set_from_secret_file(load, index, value, source);
            return;
        }
        index = -1;
    }
    if (index >= 0) {
        set(load, index, value, source);
        return;
    }
    index = find_similar(name);
    buf_printf(load->error, "%s: there is no setting %.*s", source, STR_ARG(name));
    if (index >= 0)
        buf_printf(load->error, "; did you mean %s?\n", config_settings[index].name);
    else
        buf_text(load->error, "; `foyer help serve` lists all of them\n");
    load->mistakes++;
}

/* An empty value unsets what has no default, so that a later source can take a text back. */
static void set(struct load *load, int index, struct str value, const char *source)
{
    const struct setting *setting = &config_settings[index];
    char *at = (char *)load->config + setting->offset;
    const char *needed = NULL;
    bool fits = true;

    switch (setting->kind) {
    case KIND_INT:
        fits = str_to_int(value, setting->min, setting->max, (int64_t *)(void *)at);
        break;
    case KIND_BOOL:
        fits = set_bool((bool *)at, value);
        break;
    case KIND_CHOICE:
        fits = choice_has(setting, value, load->is_test, (const char **)(void *)at);
        break;
    case KIND_TEXT:
        if (value.len == 0 && setting->initial == NULL) {
            *(const char **)(void *)at = NULL;
            break;
        }
        needed = str_has_control(value) || !str_is_utf8(value)
                     ? "text in UTF-8 without control characters"
                     : setting->check(value);
        fits = needed == NULL;
        if (fits)
            *(const char **)(void *)at = str_copy(&texts, value).at;
        break;
    }
    if (fits)
        load->config->sources[index] = source;
    else
        wrong(load, setting, value, source, needed);
}

static bool set_bool(bool *to, struct str value)
{
    bool is_yes = str_is(value, "yes") || str_is(value, "true") || str_is(value, "1");

    if (!is_yes && !str_is(value, "no") && !str_is(value, "false") && !str_is(value, "0"))
        return false;
    *to = is_yes;
    return true;
}

static bool choice_has(const struct setting *setting, struct str value, bool is_test,
                       const char **to)
{
    struct str rest = str_from(setting->choices), choice;

    if (setting->test_choice != NULL && !is_test && str_is(value, setting->test_choice))
        return false;
    while (str_cut(&rest, '|', &choice)) {
        if (str_eq(choice, value)) {
            *to = str_copy(&texts, choice).at;
            return true;
        }
    }
    return false;
}

static void set_from_secret_file(struct load *load, int index, struct str path, const char *source)
{
    const char *name = str_copy(&texts, path).at;
    struct str text = file_read(&texts, name, FILE_BYTES);

    if (str_is_absent(text)) {
        buf_printf(load->error, "%s: file %s: %s\n", source, name, strerror(errno));
        load->mistakes++;
        return;
    }
    while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
        text.len--;
    set(load, index, text, str_printf(&texts, "%s, %s", source, name).at);
}

static void wrong(struct load *load, const struct setting *setting, struct str value,
                  const char *source, const char *needed)
{
    load->mistakes++;
    buf_printf(load->error, "%s = ", setting->name);
    if (setting->is_secret)
        buf_text(load->error, "(secret)");
    else
        buf_json(load->error, value);
    buf_printf(load->error, " from %s: it must be ", source);
    if (needed != NULL)
        buf_text(load->error, needed);
    else
        put_needed(load->error, setting, load->is_test);
    buf_char(load->error, '\n');
}

static void put_needed(struct buf *out, const struct setting *setting, bool is_test)
{
    struct str rest, choice;
    const char *between = "";

    switch (setting->kind) {
    case KIND_INT:
        buf_printf(out, "a whole number from %lld to %lld", (long long)setting->min,
                   (long long)setting->max);
        break;
    case KIND_BOOL:
        buf_text(out, "yes or no");
        break;
    case KIND_CHOICE:
        rest = str_from(setting->choices);
        while (str_cut(&rest, '|', &choice)) {
            if (setting->test_choice != NULL && !is_test && str_is(choice, setting->test_choice))
                continue;
            buf_printf(out, "%s%.*s", between, STR_ARG(choice));
            between = " or ";
        }
        break;
    case KIND_TEXT:
        buf_text(out, setting->help);
        break;
    }
}

static int find(struct str name)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++)
        if (str_is(name, config_settings[i].name))
            return i;
    return -1;
}

static int find_similar(struct str name)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++)
        if (check_is_typo(name, str_from(config_settings[i].name)))
            return i;
    return -1;
}
