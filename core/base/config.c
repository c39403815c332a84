/* Config: the table of settings, and the reading of file, environment and flags into it.
 *
 * A new setting is one member in config.h and one row here. What a single value
 * must look like beyond its kind is a check function (config_check.c).
 */
#include "base/config.h"

#include "base/arena.h"
#include "base/config_check.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { KIND_TEXT, KIND_INT, KIND_BOOL, KIND_CHOICE };

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *initial;     /* the default as it would stand in the file; NULL: unset */
    int64_t min, max;        /* KIND_INT */
    const char *choices;     /* KIND_CHOICE: "a|b|c" */
    const char *test_choice; /* one of them that is taken with FOYER_TEST=1 only */
    const char *(*check)(struct str value); /* NULL, or what the value must be */
    bool is_secret;
    const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct setting settings[] = {
    { "data", KIND_TEXT, AT(data), .initial = "data", .check = check_not_empty,
      .help = "folder that holds everything that the server keeps" },
    { "listen", KIND_TEXT, AT(listen), .initial = "127.0.0.1:8080", .check = check_listen,
      .help = "address and port to serve on; port 0 takes a free one" },
    { "base_url", KIND_TEXT, AT(base_url), .check = check_base_url,
      .help =
          "how people reach this server, https://portal.example.com; unset: the bound address" },
    { "scripts", KIND_TEXT, AT(scripts), .check = check_not_empty,
      .help = "folder that takes the place of the built-in scripts" },
    { "loops", KIND_INT, AT(loops), .initial = "0", .max = 256,
      .help = "event loop threads; 0: one per core" },
    { "password_workers", KIND_INT, AT(password_workers), .initial = "0", .max = 256,
      .help = "threads that hash passwords; 0: one per core" },
    { "rate_limit_per_key", KIND_INT, AT(rate_limit_per_key), .initial = "500", .max = 1000000000,
      .help = "requests a second for each API key and each address; 0: no limit" },
    { "rate_limit_burst", KIND_INT, AT(rate_limit_burst), .initial = "2000", .min = 1,
      .max = 1000000000, .help = "requests that may come at once before the limit holds" },
    { "access_log", KIND_BOOL, AT(access_log), .initial = "yes", .help = "one log line a request" },
    { "log_level", KIND_CHOICE, AT(log_level), .initial = "info",
      .choices = "debug|info|warn|error", .help = "the least important records that are written" },
    { "trusted_proxies", KIND_TEXT, AT(trusted_proxies), .check = check_addresses,
      .help = "addresses, by commas, whose X-Forwarded-For is believed" },
    { "outgoing_allow", KIND_TEXT, AT(outgoing_allow), .check = check_addresses,
      .help = "private addresses, by commas, that webhooks and plugins may reach" },
    { "invite_days", KIND_INT, AT(invite_days), .initial = "14", .min = 1, .max = 365,
      .help = "days until an invite expires, where the workspace does not say" },
    { "session_idle_minutes", KIND_INT, AT(session_idle_minutes), .initial = "1440", .min = 1,
      .max = 525600, .help = "minutes without a request until a session ends" },
    { "session_hours", KIND_INT, AT(session_hours), .initial = "336", .min = 1, .max = 8760,
      .help = "hours until a session ends in any case" },
    { "mail_from", KIND_TEXT, AT(mail_from), .check = check_mail_from,
      .help = "sender, \"Foyer <noreply@example.com>\"; unset: noreply@ the base URL's host" },
    { "smtp_url", KIND_TEXT, AT(smtp_url), .check = check_smtp_url,
      .help = "smtp://host:587 or smtps://host:465; unset: mails become files in the data folder" },
    { "smtp_user", KIND_TEXT, AT(smtp_user), .check = check_not_empty,
      .help = "user at the SMTP server" },
    { "smtp_password", KIND_TEXT, AT(smtp_password), .check = check_not_empty, .is_secret = true,
      .help = "password at the SMTP server" },
    { "smtp_tls", KIND_CHOICE, AT(smtp_tls), .initial = "required",
      .choices = "never|opportunistic|required",
      .help = "STARTTLS with smtp:// addresses; smtps:// is always encrypted" },
    { "password_cost", KIND_CHOICE, AT(password_cost), .initial = "moderate",
      .choices = "moderate|interactive|minimal", .test_choice = "minimal",
      .help = "cost of a password hash: 64 MiB with 3 passes, or with 2" },
    { "print_config", KIND_BOOL, AT(print_config), .initial = "no",
      .help = "print every setting and where it came from, then leave" },
};

_Static_assert(sizeof settings / sizeof settings[0] == CONFIG_SETTINGS, "count in config.h");

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
static bool set_named(struct load *load, struct str name, struct str value, const char *source);
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
static struct str read_small(const char *path, const char **problem);

bool config_load(struct config *config, const char *file, char *const *env,
                 const struct config_arg *args, size_t count, struct buf *error)
{
    struct load load = { .config = config, .error = error };

    if (texts.ceiling == 0)
        arena_init(&texts, MIB(64));
    memset(config, 0, sizeof *config);
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        config->sources[i] = "default";
        if (settings[i].initial != NULL)
            set(&load, i, str_from(settings[i].initial), "default");
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

void config_print(const struct config *config, struct buf *out)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        const char *at = (const char *)config + settings[i].offset;
        const char *text;
        size_t begin = out->len;

        buf_printf(out, "%s = ", settings[i].name);
        switch (settings[i].kind) {
        case KIND_INT:
            buf_int(out, *(const int64_t *)(const void *)at);
            break;
        case KIND_BOOL:
            buf_text(out, *(const bool *)at ? "yes" : "no");
            break;
        default:
            text = *(const char *const *)(const void *)at;
            buf_text(out, text == NULL ? "" : settings[i].is_secret ? "(set)" : text);
        }
        while (out->len - begin < 48 && !out->overflowed)
            buf_char(out, ' ');
        buf_printf(out, " # %s\n", config->sources[i]);
    }
}

void config_flag_help(struct buf *out)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        const struct setting *setting = &settings[i];

        buf_text(out, "  --");
        for (const char *c = setting->name; *c; c++)
            buf_char(out, *c == '_' ? '-' : *c);
        if (setting->kind == KIND_INT)
            buf_printf(out, "=%lld..%lld", (long long)setting->min, (long long)setting->max);
        else if (setting->kind == KIND_BOOL)
            buf_text(out, "[=yes|no]");
        else if (setting->kind == KIND_CHOICE)
            buf_printf(out, "=%.*s",
                       (int)(strlen(setting->choices) -
                             (setting->test_choice ? strlen(setting->test_choice) + 1 : 0)),
                       setting->choices);
        else
            buf_text(out, "=TEXT");
        if (setting->initial != NULL)
            buf_printf(out, "  (default %s)", setting->initial);
        buf_printf(out, "\n        %s\n", setting->help);
        if (setting->is_secret)
            buf_printf(out, "        better in a file of its own, named by %s_file\n",
                       setting->name);
    }
    buf_text(out,
             "\nEach may stand in the environment as FOYER_NAME and in a file as `name = value`;\n"
             "flags win over the environment, and that over the file.\n");
}

static void load_file(struct load *load, const char *path)
{
    const char *problem;
    struct str rest = read_small(path, &problem), line;
    uint64_t seen = 0;
    int number = 0;

    if (problem != NULL) {
        buf_printf(load->error, "configuration file %s: %s\n", path, problem);
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
        else if (index >= 0 && settings[index].kind == KIND_BOOL)
            set(load, index, STR("yes"), source);
        else if (index >= 0) {
            buf_printf(load->error, "%s needs a value: ", source);
            put_needed(load->error, &settings[index], load->is_test);
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
    if (config->session_idle_minutes > config->session_hours * 60) {
        buf_printf(load->error,
                   "session_idle_minutes = %lld is longer than session_hours = %lld: a session "
                   "would never idle out; set it to at most %lld\n",
                   (long long)config->session_idle_minutes, (long long)config->session_hours,
                   (long long)config->session_hours * 60);
        load->mistakes++;
    }
}

/* False: there is no such setting (and that has been said). */
static bool set_named(struct load *load, struct str name, struct str value, const char *source)
{
    int index = find(name);

    if (index < 0 && str_ends(name, STR("_file"))) {
        index = find(str_slice(name.at, name.len - 5));
        if (index >= 0 && settings[index].is_secret) {
            set_from_secret_file(load, index, value, source);
            return true;
        }
        index = -1;
    }
    if (index >= 0) {
        set(load, index, value, source);
        return true;
    }
    index = find_similar(name);
    buf_printf(load->error, "%s: there is no setting %.*s", source, STR_ARG(name));
    if (index >= 0)
        buf_printf(load->error, "; did you mean %s?\n", settings[index].name);
    else
        buf_text(load->error, "; `foyer help serve` lists all of them\n");
    load->mistakes++;
    return false;
}

/* An empty value unsets what has no default, so that a later source can take a text back. */
static void set(struct load *load, int index, struct str value, const char *source)
{
    const struct setting *setting = &settings[index];
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
    const char *name = str_copy(&texts, path).at, *problem;
    struct str text = read_small(name, &problem);

    if (problem != NULL) {
        buf_printf(load->error, "%s: file %s: %s\n", source, name, problem);
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
        if (str_is(name, settings[i].name))
            return i;
    return -1;
}

static int find_similar(struct str name)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++)
        if (check_is_typo(name, str_from(settings[i].name)))
            return i;
    return -1;
}

/* At most 64 KiB. What was wrong comes out as a text of errno. */
static struct str read_small(const char *path, const char **problem)
{
    enum { SMALL_MAX = 64 * 1024 };
    char *at = arena_alloc(&texts, SMALL_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t got = 1;

    *problem = NULL;
    while (fd >= 0 && len <= SMALL_MAX && got > 0) {
        got = read(fd, at + len, SMALL_MAX + 1 - len);
        if (got > 0)
            len += (size_t)got;
    }
    if (fd < 0 || got < 0)
        *problem = strerror(errno);
    else if (len > SMALL_MAX)
        *problem = "it is larger than 64 KiB";
    if (fd >= 0)
        close(fd);
    return str_slice(at, *problem ? 0 : len);
}
