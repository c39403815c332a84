/* Founder: what `init` and `workspace create` are told of a new workspace. */
#ifndef FOYER_CLI_FOUNDER_H
#define FOYER_CLI_FOUNDER_H

#include "base/arena.h"
#include "base/config.h"
#include "base/crypto.h"
#include "cli/options.h"

struct founder {
    /* From the options. */
    const char *data, *workspace, *email, *password_file, *base_url;
    bool has_demo, as_json;

    struct arena arena;
    struct failure failure;
    struct config config;
    char password_hash[CRYPTO_PASSWORD_TEXT]; /* empty: by link */
};

/* The options that both take, but for `--data`; in the middle of a table of `struct founder`. */
/* clang-format off */
#define FOUNDER_OPTIONS \
    { "workspace", OPTION_TEXT, offsetof(struct founder, workspace), OPTION_REQUIRED, "NAME", \
      "the firm's name" }, \
    { "email", OPTION_TEXT, offsetof(struct founder, email), OPTION_REQUIRED, "OWNER", \
      "the address that its owner signs in with" }, \
    { "password-file", OPTION_TEXT, offsetof(struct founder, password_file), false, "FILE", \
      "the owner's password; without it a one-time link is printed" }, \
    { "demo", OPTION_FLAG, offsetof(struct founder, has_demo), false, NULL, \
      "with the example clients John Doe and Jane Doe" }, \
    { "base-url", OPTION_TEXT, offsetof(struct founder, base_url), false, "URL", \
      "where the server will be reached, for the link" }, \
    { "json", OPTION_FLAG, offsetof(struct founder, as_json), false, NULL, \
      "print one JSON object instead of lines" }
/* clang-format on */

/* Starts what the whole program needs; founder_fini even if the rest fails. */
void founder_init(struct founder *founder);
void founder_fini(struct founder *founder);
/* Checks name and address, loads the configuration as serve takes it, hashes the password. False:
 * founder->failure says why. */
bool founder_read(struct founder *founder);

#endif
