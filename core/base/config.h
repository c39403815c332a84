/* Config: every setting of the program, from one table (config.c).
 *
 * A value comes from (later wins): default, file of `name = value`, FOYER_NAME in
 * the environment, --name on the command line. Secrets may also come from a file:
 * `name_file`. serve --print-config says where each value came from (secrets as
 * "(set)"). Read-only after config_load, so any thread may read it.
 */
#ifndef FOYER_BASE_CONFIG_H
#define FOYER_BASE_CONFIG_H

#include "base/buf.h"
#include "base/str.h"

enum { CONFIG_SETTINGS = 26 };

struct config {
    const char *data;     /* data folder */
    const char *listen;   /* "127.0.0.1:8080" */
    const char *base_url; /* NULL: the bound address */
    const char *scripts;  /* folder that takes the place of the built-in scripts; NULL: built in */
    const char *native_plugins;      /* "hello=SHA-256,…": which libraries may run; NULL: none */
    const char *native_plugins_file; /* the same, a line each, read with the scripts; NULL: none */
    int64_t script_trial_seconds;    /* how long a changed script is on trial; 0: not */
    int64_t loops;                   /* 0: one per core */
    int64_t readers;                 /* 0: one per core, 2 to 8 */
    int64_t password_workers;        /* 0: one per core */
    int64_t rate_limit_per_key;      /* requests a second; 0: off */
    int64_t rate_limit_burst;
    bool access_log;
    const char *log_level;       /* debug, info, warn, error */
    const char *trusted_proxies; /* comma-separated addresses whose X-Forwarded-For is believed */
    const char *outgoing_allow;  /* comma-separated private addresses that may be reached */
    int64_t invite_days;         /* server default of an invite's life */
    int64_t session_idle_minutes;
    int64_t session_hours;
    const char *mail_from; /* "Foyer <noreply@example.com>"; NULL: noreply@ the base URL's host */
    const char *smtp_url;  /* smtp://host:587, smtps://…; NULL: the maildir in the data folder */
    const char *smtp_user;
    const char *smtp_password; /* secret: also smtp_password_file */
    const char *smtp_tls;      /* never, opportunistic, required */
    const char *password_cost; /* moderate, interactive; minimal only with FOYER_TEST=1 */
    bool print_config;
    const char *sources[CONFIG_SETTINGS]; /* where each came from, in the order of the table */
};

struct config_arg {
    const char *name; /* "listen", with '-' as in the flag folded to '_' */
    const char *value;
};

/* Fills *config (strings live until exit). env is environ; file may be NULL. A flag's value may be
 * NULL for yes-or-no settings: it means yes. False: *error holds every mistake, one a line, each
 * saying which value, where from, and what may stand there. One thread, at start. */
bool config_load(struct config *config, const char *file, char *const *env,
                 const struct config_arg *args, size_t count, struct buf *error);
/* `name = value   # source` for every setting, or {"name":{"value":…,"source":…},…}. */
void config_print(const struct config *config, struct buf *out);
void config_print_json(const struct config *config, struct buf *out);
/* Every setting with its flag, values, default and meaning, for `foyer help serve`. */
void config_flag_help(struct buf *out);

#endif
