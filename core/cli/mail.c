/* foyer mail test: sends a test mail now, with the settings of the server, and prints what the mail
 * server says. Needs no running server, and minds none. */
#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "cli/options.h"
#include "exec/mailer.h"
#include "http/route.h"
#include "lua/engine.h"
#include "mail/builtin.h"
#include "mail/maildir.h"
#include "mail/message.h"
#include "mail/smtp_wait.h"
#include "plugin/host.h"
#include "store/fold.h"
#include "store/tx.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTINGS = 8 };

struct mail_test {
    const char *settings[SETTINGS]; /* as they were given; setting_names */
    const char *address, *file;
    bool as_json;

    struct arena arena;
    struct failure failure;
    struct config config;
    struct mailer mailer;
    struct str to;  /* its domain in ASCII */
    struct uuid id; /* of the mail */
    struct buf bytes;
    struct smtp_mail mail;
    bool is_done;
};

static int run(int argc, char **argv);
static int make(struct mail_test *test, const char *address);
static bool load_config(struct mail_test *test);
static bool check_folder(struct mail_test *test);
static bool build(struct mail_test *test);
static bool render(struct mail_test *test, struct message *message);
static bool send_by_smtp(struct mail_test *test);
static void on_done(struct smtp_mail *mail);
static bool put_into_maildir(struct mail_test *test);
static int tell(const struct mail_test *test);
static void tell_json(const struct mail_test *test);
static const char *advice(const struct mail_test *test);

#define SETTING(flag, number, value, help)                                                         \
    {                                                                                              \
        flag, OPTION_TEXT, offsetof(struct mail_test, settings[number]), false, value, help        \
    }

static const struct option mail_options[] = {
    { "ADDRESS", OPTION_OPERAND, offsetof(struct mail_test, address), OPTION_REQUIRED, NULL,
      "where it goes" },
    { "data", OPTION_TEXT, offsetof(struct mail_test, settings[0]), OPTION_REQUIRED, "DIR",
      "the data folder; a server may be running on it" },
    { "config", OPTION_TEXT, offsetof(struct mail_test, file), false, "FILE",
      "this and the rest as for `foyer serve`, from where it also takes FOYER_NAME of the "
      "environment" },
    SETTING("smtp-url", 1, "URL", "which server"),
    SETTING("smtp-user", 2, "NAME", "who signs in there"),
    SETTING("smtp-password", 6, "TEXT", "with which password"),
    SETTING("smtp-password-file", 7, "FILE", "the file that it stands in"),
    SETTING("smtp-tls", 3, "never|opportunistic|required", "whether smtp:// is encrypted"),
    SETTING("mail-from", 4, "SENDER", "who sends it"),
    SETTING("base-url", 5, "URL", "where the server is reached"),
    { "json", OPTION_FLAG, offsetof(struct mail_test, as_json), false, NULL,
      "print one JSON object" },
    { 0 },
};
static const char *const setting_names[SETTINGS] = {
    "data",      "smtp_url", "smtp_user",     "smtp_tls",
    "mail_from", "base_url", "smtp_password", "smtp_password_file",
};

const struct command command_mail_test = {
    .name = "mail test",
    .summary = "send a test mail and see what the mail server says",
    .options = mail_options,
    .notes = "Prints from, to, by which server, and its answer. Exit code 1: it was not taken, and "
             "the\nlast line says what to do.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    static struct mail_test test; /* settings live until the end */
    int code;

    code = options_read(&command_mail_test, argc, argv, &test);
    if (code != EXIT_DONE)
        return code;
    clock_start();
    crypto_start();
    fold_start();
    signal(SIGPIPE, SIG_IGN);
    arena_init(&test.arena, LIMIT_REQUEST_ARENA);
    buf_init(&test.bytes, LIMIT_MAIL_BYTES);
    code = make(&test, test.address);
    buf_fini(&test.bytes);
    arena_fini(&test.arena);
    return code;
}

static int make(struct mail_test *test, const char *address)
{
    if (!load_config(test) || !check_folder(test))
        return command_failed(&command_mail_test, &test->failure);
    mailer_read(&test->config,
                str_from(test->config.base_url ? test->config.base_url : "http://localhost"),
                &test->arena, &test->mailer);
    test->to = mailer_wire_address(&test->arena, str_from(address));
    if (str_is_absent(test->to))
        failure_set(&test->failure, &test->arena, ST_INVALID, NULL,
                    "`%s` is no address: give one such as ann@example.com.", address);
    if (test->failure.status != ST_OK || !build(test) ||
        !(test->config.smtp_url ? send_by_smtp(test) : put_into_maildir(test)))
        return command_failed(&command_mail_test, &test->failure);
    return tell(test);
}

static bool load_config(struct mail_test *test)
{
    struct config_arg given[SETTINGS];
    struct buf error;
    size_t count = 0;
    bool is_good;

    for (size_t i = 0; i < SETTINGS; i++)
        if (test->settings[i])
            given[count++] = (struct config_arg){ setting_names[i], test->settings[i] };
    buf_init(&error, KIB(64));
    is_good = config_load(&test->config, test->file, environ, given, count, &error);
    if (!is_good)
        failure_set(&test->failure, &test->arena, ST_INVALID, NULL, "%.*s",
                    STR_ARG(str_trim(buf_view(&error))));
    buf_fini(&error);
    return is_good;
}

static bool check_folder(struct mail_test *test)
{
    struct str database = str_printf(&test->arena, "%s/foyer.db", test->config.data);
    struct stat info;

    if (stat(database.at, &info) == 0)
        return true;
    failure_set(&test->failure, &test->arena, ST_NOT_FOUND, NULL,
                "%s is no data folder: make one by `foyer init`, or name another one.",
                test->config.data);
    return false;
}

static bool build(struct mail_test *test)
{
    struct message message = { .date = clock_wall(),
                               .from_name = str_is_absent(test->mailer.name) ? STR("Foyer")
                                                                             : test->mailer.name,
                               .from = test->mailer.from,
                               .to = test->to,
                               .language = STR("en") };
    struct builtin_facts facts = { .workspace = str_is_absent(test->mailer.name)
                                                    ? STR("Foyer")
                                                    : test->mailer.name };
    struct builtin made = builtin_make(STR("test"), &facts, &test->arena);
    const char *why = NULL;
    uint8_t random[10];

    crypto_random(random, sizeof(random));
    message.id = test->id = uuid_v7(message.date, random);
    if (render(test, &message) && message_build(&message, &test->bytes, &why) == ST_OK)
        return true;
    message.subject = made.subject;
    message.text = made.text;
    message.html = STR_NONE;
    buf_clear(&test->bytes);
    if (message_build(&message, &test->bytes, &why) == ST_OK)
        return true;
    failure_set(&test->failure, &test->arena, ST_INVALID, NULL, "The mail cannot be made: %s.",
                why);
    return false;
}

/* As the scripts of the data folder word it. False: they do not, or cannot, and the log says why. */
static bool render(struct mail_test *test, struct message *message)
{
    struct router *router = NULL;
    struct host_options options = {
        .config = &test->config, .data = test->config.data, .runtime = &lua_runtime, .slots = 1
    };
    struct rendered rendered = { .fallback = STR_NONE };
    struct failure failure = { 0 };
    struct host *host = NULL;
    struct buf error;
    struct tx tx = { .arena = &test->arena, .now = message->date };
    bool is_rendered = false;

    buf_init(&error, KIB(64));
    if (router_new(api_routes, &router, &error) == ST_OK) {
        options.router = router;
        if (host_open(&options, &host, &failure, &test->arena) == ST_OK) {
            tx.policy = host_acquire(host, 0);
            is_rendered = policy_render(&tx, "mail.test", STR("en"), STR("{\"locale\":\"en\"}"),
                                        &rendered) == ST_OK;
            message->subject = rendered.subject;
            message->text = rendered.text;
            message->html = rendered.html;
            host_release(tx.policy);
        }
        host_close(host);
    }
    router_free(router);
    buf_fini(&error);
    return is_rendered;
}

static bool send_by_smtp(struct mail_test *test)
{
    struct smtp_wait wait = { .count = 0 };
    struct smtp_options options;
    struct smtp *smtp;

    mailer_smtp_options(&test->config, &test->mailer, &options);
    smtp_wait_options(&wait, &options);
    if (smtp_open(&options, &smtp, &test->failure, &test->arena) != ST_OK)
        return false;
    test->mail.from = test->mailer.from;
    test->mail.to = test->to;
    test->mail.bytes = buf_view(&test->bytes);
    test->mail.done = on_done;
    smtp_submit(smtp, &test->mail);
    while (!test->is_done && smtp_wait_once(&wait, smtp))
        continue;
    smtp_close(smtp);
    return true;
}

static void on_done(struct smtp_mail *mail)
{
    LIST_ITEM(mail, struct mail_test, mail)->is_done = true;
}

static bool put_into_maildir(struct mail_test *test)
{
    if (maildir_put(test->mailer.maildir.at, test->id, buf_view(&test->bytes), &test->failure,
                    &test->arena) != ST_OK)
        return false;
    test->mail.verdict = SMTP_SENT;
    test->mail.code = 250;
    snprintf(test->mail.text, sizeof(test->mail.text), "written to maildir");
    return true;
}

static int tell(const struct mail_test *test)
{
    bool is_sent = test->mail.verdict == SMTP_SENT;

    if (test->as_json) {
        tell_json(test);
    } else {
        printf("from: %.*s\nto: %.*s\nby: %s%.*s\n", STR_ARG(test->mailer.from), STR_ARG(test->to),
               test->config.smtp_url ? test->config.smtp_url : "the maildir ",
               STR_ARG(test->config.smtp_url ? STR("") : test->mailer.maildir));
        if (test->mail.code)
            printf("answer: %d %s\n", test->mail.code, test->mail.text);
        else
            printf("answer: none; %s\n", test->mail.text);
        printf("%s\n", is_sent ? "sent" : "not sent");
    }
    fflush(stdout);
    if (!is_sent)
        fprintf(stderr, "foyer mail test: %s\n", advice(test));
    return command_done(&command_mail_test) == EXIT_DONE && is_sent ? EXIT_DONE : EXIT_FAILED;
}

static void tell_json(const struct mail_test *test)
{
    struct buf out;

    buf_init(&out, KIB(64));
    buf_printf(&out, "{\"sent\":%s,\"code\":%d,\"text\":",
               test->mail.verdict == SMTP_SENT ? "true" : "false", test->mail.code);
    buf_json(&out, str_from(test->mail.text));
    buf_text(&out, ",\"from\":");
    buf_json(&out, test->mailer.from);
    buf_text(&out, ",\"to\":");
    buf_json(&out, test->to);
    buf_text(&out, ",\"server\":");
    buf_json(&out, str_from(test->config.smtp_url));
    buf_text(&out, ",\"advice\":");
    buf_json(&out, test->mail.verdict == SMTP_SENT ? STR_NONE : str_from(advice(test)));
    buf_text(&out, "}\n");
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
}

static const char *advice(const struct mail_test *test)
{
    switch (test->mail.about) {
    case SMTP_ABOUT_CONNECTION:
        return "look whether smtp_url names the server and its port, and whether this machine may "
               "reach it.";
    case SMTP_ABOUT_ENCRYPTION:
        return "use smtps:// where the server encrypts from the start; SSL_CERT_FILE names the "
               "authorities of a certificate of your own; smtp_tls=opportunistic does without "
               "encryption where there is none.";
    case SMTP_ABOUT_SIGN_IN:
        return "set smtp_user and smtp_password (or smtp_password_file) as the server knows them.";
    case SMTP_ABOUT_MAIL:
        break;
    }
    return test->mail.verdict == SMTP_REFUSED
               ? "the server will not take this mail: look whether it may send as mail_from, and "
                 "whether the address is right."
               : "the server asks to try again later: do so in a few minutes.";
}
