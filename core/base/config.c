/* Config: the table of settings, and what is printed from it. Loading is in config_load.c.
 *
 * A new setting is one member in config.h (and its count) and one row here. What a text must look
 * like is a check function of config_check.c.
 */
#include "base/config.h"

#include "base/config_check.h"
#include "base/config_setting.h"

#include <string.h>

#define AT(member) offsetof(struct config, member)

static void put_flag(struct buf *out, const struct setting *setting);

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
    { "native_plugins", KIND_TEXT, AT(native_plugins), .check = check_native_plugins,
      .help = "native plugins that may run, by commas: ID=SHA-256 of the library" },
    { "native_plugins_file", KIND_TEXT, AT(native_plugins_file), .check = check_not_empty,
      .help = "file of more such pins, a line each; it is read anew with the scripts" },
    { "script_trial_seconds", KIND_INT, AT(script_trial_seconds), .initial = "600", .max = 86400,
      .help = "how long a changed script that keeps failing is left by itself again; 0: never" },
    { "loops", KIND_INT, AT(loops), .initial = "0", .max = 256,
      .help = "event loop threads; 0: one per core" },
    { "readers", KIND_INT, AT(readers), .initial = "0", .max = 64,
      .help = "threads for searches, counts and exports; 0: one per core, 2 to 8" },
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
    { "outgoing_allow", KIND_TEXT, AT(outgoing_allow), .check = check_targets,
      .help = "private addresses, by commas, with a port or without, that scripts may reach" },
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

const struct setting *const config_settings = settings;

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

void config_print_json(const struct config *config, struct buf *out)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        const char *at = (const char *)config + settings[i].offset;
        const char *text;

        buf_printf(out, "%s\"%s\":{\"value\":", i ? ",\n " : "{", settings[i].name);
        switch (settings[i].kind) {
        case KIND_INT:
            buf_int(out, *(const int64_t *)(const void *)at);
            break;
        case KIND_BOOL:
            buf_text(out, *(const bool *)at ? "true" : "false");
            break;
        default:
            text = *(const char *const *)(const void *)at;
            buf_json(out, str_from(text && settings[i].is_secret ? "(set)" : text));
        }
        buf_text(out, ",\"source\":");
        buf_json(out, str_from(config->sources[i]));
        buf_char(out, '}');
    }
    buf_text(out, "}\n");
}

void config_flag_help(struct buf *out)
{
    for (int i = 0; i < CONFIG_SETTINGS; i++) {
        const struct setting *setting = &settings[i];

        put_flag(out, setting);
        if (setting->initial != NULL)
            buf_printf(out, "  (default %s)", setting->initial);
        buf_printf(out, "\n        %s\n", setting->help);
        if (setting->is_secret)
            buf_printf(out, "        better from a file of its own, named by %s_file\n",
                       setting->name);
    }
    buf_text(out, "\nEach may stand in the environment as FOYER_NAME and in a file as "
                  "`name = value`;\nflags win over the environment, and that over the file.\n");
}

static void put_flag(struct buf *out, const struct setting *setting)
{
    size_t shown = setting->choices ? strlen(setting->choices) : 0;

    buf_text(out, "  --");
    for (const char *c = setting->name; *c; c++)
        buf_char(out, *c == '_' ? '-' : *c);
    switch (setting->kind) {
    case KIND_INT:
        buf_printf(out, "=%lld..%lld", (long long)setting->min, (long long)setting->max);
        break;
    case KIND_BOOL:
        buf_text(out, "[=yes|no]");
        break;
    case KIND_CHOICE:
        /* what is for tests alone stands last, and is not shown */
        if (setting->test_choice != NULL)
            shown -= strlen(setting->test_choice) + 1;
        buf_printf(out, "=%.*s", (int)shown, setting->choices);
        break;
    case KIND_TEXT:
        buf_text(out, "=TEXT");
        break;
    }
}
