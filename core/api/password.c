/* Password: checks and work. */
#include "api/password.h"

#include "api/site.h"
#include "base/limits.h"
#include "store/fold.h"
#include "store/workspace.h"

/* Common ones that are long enough to pass otherwise; compared folded, without blanks. */
static const char *const common[] = {
    "password1234",
    "passwordpassword",
    "123456789012",
    "1234567890123",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "iloveyou1234",
    "letmeinletmein",
    "administrator",
    "changemechangeme",
    "welcome12345",
    "adminadminadmin",
    "qwerty123456",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "zaq12wsxcde3",
    "abcdefghijkl",
    "abcd1234abcd",
    "correcthorsebatterystaple",
    "password12345",
    "123412341234",
    "passw0rdpassw0rd",
    "mypassword123",
    "football1234",
    "superman1234",
    "princess1234",
    "dragon123456",
    "sunshine1234",
    "trustno1trustno1",
    NULL,
};

static bool is_common(struct str folded);
static bool is_monotonous(struct str password);
static struct str without_blanks(struct arena *arena, struct str text);

enum status password_check(struct tx *tx, const char *field, struct str password, struct str email)
{
    struct workspace workspace;
    struct str folded, local = email, rest = email;

    if (str_is_empty(password)) {
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "required", "Choose a password.");
        return tx_status(tx);
    }
    if (str_utf8_length(password) < LIMIT_PASSWORD_MIN)
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "too_short",
                      "Use at least %d characters: a few words are easiest.", LIMIT_PASSWORD_MIN);
    if (password.len > LIMIT_PASSWORD_MAX)
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "too_long", "Use at most %d bytes.",
                      LIMIT_PASSWORD_MAX);
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);

    folded = without_blanks(tx->arena, fold_text(tx->arena, password));
    str_cut(&rest, '@', &local);
    if (is_common(folded) || is_monotonous(folded))
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "too_common",
                      "Many people use this password: choose another one.");
    else if (!str_is_empty(email) && (str_eq(folded, fold_email(tx->arena, email)) ||
                                      str_eq(folded, fold_text(tx->arena, local))))
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "is_address",
                      "This is your address: choose something else.");
    else if (tx->workspace && workspace_load(tx, &workspace) == ST_OK &&
             str_eq(folded, without_blanks(tx->arena, fold_text(tx->arena, workspace.name))))
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "too_common",
                      "This is the portal's name: choose something else.");
    return tx_status(tx);
}

struct password_work *password_work_new(struct tx *tx)
{
    struct password_work *work = arena_new(tx->arena, struct password_work);

    tx->scratch = work;
    return work;
}

enum status password_work_run(struct work *work)
{
    struct password_work *password = work->scratch;

    if (password->verifies) {
        const char *known = str_is_absent(password->known)
                                ? crypto_password_dummy(site.password_cost)
                                : password->known.at;

        password->fits =
            crypto_password_verify(password->given, known) && !str_is_absent(password->known);
    }
    if (password->hashes &&
        !crypto_password_hash(password->fresh, site.password_cost, password->hash)) {
        failure_set(work->failure, work->arena, ST_BUSY, NULL, "%s", status_text(ST_BUSY));
        return ST_BUSY;
    }
    return ST_OK;
}

static bool is_common(struct str folded)
{
    for (size_t i = 0; common[i]; i++)
        if (str_is(folded, common[i]))
            return true;
    return false;
}

/* Fewer than four different bytes in all. */
static bool is_monotonous(struct str password)
{
    bool seen[256] = { false };
    int different = 0;

    for (size_t i = 0; i < password.len; i++) {
        different += !seen[(unsigned char)password.at[i]];
        seen[(unsigned char)password.at[i]] = true;
    }
    return different < 4;
}

static struct str without_blanks(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != ' ')
            out[len++] = text.at[i];
    return str_slice(out, len);
}
