/* Config: what wins, what is refused, what is shown. */
#include "harness.h"

#include "base/config.h"

#include <stdio.h>
#include <string.h>

static struct config config;
static struct buf text = { .ceiling = 100000 };

/* Without a NULL at the end of any list: the macros below add it. */
static bool load(const char *file, char *const *env, const struct config_arg *args)
{
    size_t count = 0;

    while (args != NULL && args[count].name != NULL)
        count++;
    buf_clear(&text);
    return config_load(&config, file, env, args, count, &text);
}

#define ENV(...)  ((char *const[]){ __VA_ARGS__, NULL })
#define ARGS(...) ((const struct config_arg[]){ __VA_ARGS__, { NULL, NULL } })

static const char *said(void)
{
    buf_char(&text, '\0');
    return text.at;
}

static const char *printed(void)
{
    buf_clear(&text);
    config_print(&config, &text);
    return said();
}

#define CHECK_SAID(part)                                                                           \
    (strstr(said(), (part))                                                                        \
         ? (void)0                                                                                 \
         : harness_failed(__FILE__, __LINE__, "not said: %s in: %s", part, text.at))

TEST(defaults_stand_where_nothing_is_said)
{
    CHECK(load(NULL, NULL, NULL));
    CHECK_STR(config.data, "data");
    CHECK_STR(config.listen, "127.0.0.1:8080");
    CHECK(config.base_url == NULL && config.smtp_url == NULL && config.scripts == NULL);
    CHECK_INT(config.loops, 0);
    CHECK_INT(config.rate_limit_per_key, 500);
    CHECK_INT(config.rate_limit_burst, 2000);
    CHECK(config.access_log && !config.print_config);
    CHECK_STR(config.log_level, "info");
    CHECK_STR(config.password_cost, "moderate");
    CHECK_STR(config.smtp_tls, "required");
    CHECK_INT(config.invite_days, 14);
}

TEST(flags_win_over_environment_and_that_over_the_file)
{
    const char *file = test_write_file("conf", STR("# comment\n\n  data = /file  \nloops=1\n"
                                                   "invite_days = 3\r\nlog_level = warn"));

    CHECK(load(file, ENV("FOYER_LOOPS=2", "FOYER_INVITE_DAYS=4", "OTHER=1"),
               ARGS({ "invite_days", "5" })));
    CHECK_STR(config.data, "/file");
    CHECK_INT(config.loops, 2);
    CHECK_INT(config.invite_days, 5);
    CHECK_STR(config.log_level, "warn");
    printed();
    CHECK_SAID("conf:3\n");
    CHECK_SAID("# FOYER_LOOPS\n");
    CHECK_SAID("# --invite-days\n");
    CHECK_SAID("# default\n");
    CHECK_SAID("data = /file ");
}

TEST(an_empty_value_takes_an_optional_text_back)
{
    const char *file = test_write_file("conf", STR("base_url = https://a.example\n"));

    CHECK(load(file, NULL, NULL));
    CHECK_STR(config.base_url, "https://a.example");
    CHECK(load(file, ENV("FOYER_BASE_URL="), NULL));
    CHECK(config.base_url == NULL);
    CHECK(!load(NULL, ENV("FOYER_DATA="), NULL));
    CHECK_SAID("data = \"\" from FOYER_DATA: it must be given");
}

TEST(every_mistake_is_said_at_once)
{
    const char *file = test_write_file("conf", STR("loops = many\nnonsense\n= 3\nlistn = x\n"
                                                   "loops = 1\nwhatever = 1\n"));

    CHECK(!load(file, ENV("FOYER_ACCESS_LOG=maybe", "FOYER_RATE_LIMIT_BURST=0"),
                ARGS({ "log_level", "loud" }, { "session_hours", "99999999999999999999" },
                     { "bogus", "1" }, { "data", NULL }, { "bogus2", NULL })));
    CHECK_SAID("loops = \"many\" from ");
    CHECK_SAID("conf:1: it must be a whole number from 0 to 256\n");
    CHECK_SAID("conf:2: a line must be `name = value`");
    CHECK_SAID("conf:3: a line must be `name = value`");
    CHECK_SAID("conf:4: there is no setting listn; did you mean listen?\n");
    CHECK_SAID("conf:5: loops is set a second time");
    CHECK_SAID("conf:6: there is no setting whatever; `foyer help serve` lists all");
    CHECK_SAID("access_log = \"maybe\" from FOYER_ACCESS_LOG: it must be yes or no\n");
    CHECK_SAID("rate_limit_burst = \"0\" from FOYER_RATE_LIMIT_BURST: it must be a whole number "
               "from 1 to");
    CHECK_SAID(
        "log_level = \"loud\" from --log-level: it must be debug or info or warn or error\n");
    CHECK_SAID("session_hours = \"99999999999999999999\" from --session-hours");
    CHECK_SAID("--bogus: there is no setting bogus;");
    CHECK_SAID("--bogus2: there is no setting bogus2;");
    CHECK_SAID("--data needs a value");
}

TEST(a_missing_or_huge_file_is_a_mistake)
{
    static char huge[70000];

    CHECK(!load("/does/not/exist", NULL, NULL));
    CHECK_SAID("configuration file /does/not/exist: No such file");
    CHECK(!load(test_folder(), NULL, NULL));
    CHECK_SAID("Is a directory");
    memset(huge, '\n', sizeof huge);
    CHECK(!load(test_write_file("huge", str_slice(huge, sizeof huge)), NULL, NULL));
    CHECK_SAID("File too large");
}

TEST(yes_and_no_have_several_words)
{
    CHECK(load(NULL, NULL, ARGS({ "print_config", NULL }, { "access_log", "no" })));
    CHECK(config.print_config && !config.access_log);
    CHECK(load(NULL, ENV("FOYER_ACCESS_LOG=0"), NULL));
    CHECK(!config.access_log);
    CHECK(load(NULL, ENV("FOYER_ACCESS_LOG=false", "FOYER_PRINT_CONFIG=true"), NULL));
    CHECK(!config.access_log && config.print_config);
    CHECK(!load(NULL, ENV("FOYER_ACCESS_LOG=YES"), NULL));
}

TEST(secrets_are_never_shown)
{
    CHECK(load(NULL,
               ENV("FOYER_SMTP_PASSWORD=hunter2", "FOYER_SMTP_USER=u",
                   "FOYER_SMTP_URL=smtp://mail.example"),
               NULL));
    CHECK_STR(config.smtp_password, "hunter2");
    CHECK(strstr(printed(), "hunter2") == NULL);
    CHECK_SAID("smtp_password = (set)");
    CHECK(!load(NULL, ENV("FOYER_SMTP_PASSWORD=hun\nter2"), NULL));
    CHECK(strstr(said(), "ter2") == NULL);
    CHECK_SAID("smtp_password = (secret) from FOYER_SMTP_PASSWORD: it must be text in UTF-8");
}

TEST(a_secret_comes_from_a_file_of_its_own)
{
    static char variable[4096];
    const char *path = test_write_file("secret", STR("hunter2 \r\n\n"));

    snprintf(variable, sizeof variable, "FOYER_SMTP_PASSWORD_FILE=%s", path);
    CHECK(load(NULL, ENV(variable, "FOYER_SMTP_USER=u", "FOYER_SMTP_URL=smtp://m"), NULL));
    CHECK_STR(config.smtp_password, "hunter2 ");
    CHECK(load(
        NULL, NULL,
        ARGS({ "smtp_password_file", path }, { "smtp_user", "u" }, { "smtp_url", "smtp://m" })));
    CHECK_STR(config.smtp_password, "hunter2 ");
    printed();
    CHECK_SAID("(set)");
    CHECK_SAID("--smtp-password-file, ");
    CHECK(!load(NULL, ENV("FOYER_SMTP_PASSWORD_FILE=/does/not/exist"), NULL));
    CHECK_SAID("FOYER_SMTP_PASSWORD_FILE: file /does/not/exist: No such file");
    CHECK(!load(NULL, ENV("FOYER_LISTEN_FILE=/x"), NULL));
    CHECK_SAID("there is no setting listen_file");
}

TEST(what_belongs_together_stands_together)
{
    CHECK(!load(NULL, ENV("FOYER_SMTP_USER=u"), NULL));
    CHECK_SAID("smtp_user is set and smtp_url is not");
    CHECK_SAID("smtp_user and smtp_password belong together");
    CHECK(!load(NULL, ENV("FOYER_SMTP_PASSWORD=p"), NULL));
    CHECK_SAID("smtp_user and smtp_password belong together");
}

TEST(the_minimal_cost_is_for_tests_alone)
{
    CHECK(!load(NULL, ENV("FOYER_PASSWORD_COST=minimal"), NULL));
    CHECK_SAID("it must be moderate or interactive\n");
    CHECK(load(NULL, ENV("FOYER_PASSWORD_COST=minimal", "FOYER_TEST=1"), NULL));
    CHECK_STR(config.password_cost, "minimal");
    CHECK(!load(NULL, ENV("FOYER_PASSWORD_COST=minimal", "FOYER_TEST=0"), NULL));
    CHECK(!load(NULL, ENV("FOYER_TEST=11"), ARGS({ "password_cost", "minimal" })));
}

/* A platform makes FOYER_PORT and the like for a service of that name; a slip is still noticed. */
TEST(foreign_variables_are_left_alone_and_slips_are_not)
{
    CHECK(load(NULL,
               ENV("FOYER_PORT=tcp://10.0.0.1:80", "FOYER_SERVICE_HOST=10.0.0.1",
                   "FOYER_TEST_CLOCK=/x", "FOYER_STUTTER=1", "FOYER_", "FOYER"),
               NULL));
    CHECK(!load(NULL, ENV("FOYER_BASEURL=https://x.example"), NULL));
    CHECK_SAID("FOYER_BASEURL: there is no setting baseurl; did you mean base_url?");
    CHECK(!load(NULL, ENV("FOYER_DTA=x"), NULL));
    CHECK_SAID("did you mean data?");
    CHECK(!load(NULL, ENV("FOYER_SESION_OURS=x"), NULL));
    CHECK_SAID("did you mean session_hours?");
    CHECK(!load(NULL, ENV("FOYER_ILSTEN=x"), NULL));
    CHECK_SAID("did you mean listen?");
}

static bool takes(const char *name, const char *value)
{
    harness_note("%s = %s", name, value);
    return load(NULL, NULL, ARGS({ name, value }));
}

TEST(addresses_to_listen_on_have_a_port)
{
    CHECK(takes("listen", "0.0.0.0:80"));
    CHECK(takes("listen", "[::1]:8080"));
    CHECK(takes("listen", "localhost:0"));
    CHECK(!takes("listen", "8080"));
    CHECK(!takes("listen", ":8080"));
    CHECK(!takes("listen", "127.0.0.1"));
    CHECK(!takes("listen", "127.0.0.1:"));
    CHECK(!takes("listen", "127.0.0.1:65536"));
    CHECK(!takes("listen", "127.0.0.1:-1"));
    CHECK(!takes("listen", "::1:8080"));
    CHECK(!takes("listen", "[::1]"));
    CHECK(!takes("listen", "[127.0.0.1]:1"));
    CHECK(!takes("listen", "a b:80"));
}

TEST(urls_have_a_scheme_a_host_and_no_path)
{
    CHECK(takes("base_url", "https://portal.example.com"));
    CHECK(takes("base_url", "http://127.0.0.1:8080"));
    CHECK(takes("base_url", "http://[::1]:8080"));
    CHECK(takes("base_url", "http://[::1]"));
    CHECK(!takes("base_url", "portal.example.com"));
    CHECK(!takes("base_url", "https://"));
    CHECK(!takes("base_url", "https://x/"));
    CHECK(!takes("base_url", "https://x/path"));
    CHECK(!takes("base_url", "https://user@x"));
    CHECK(!takes("base_url", "https://x:0"));
    CHECK(!takes("base_url", "https://x?y"));
    CHECK(!takes("base_url", "ftp://x"));
    CHECK(takes("smtp_url", "smtp://mail.example:587"));
    CHECK(takes("smtp_url", "smtps://mail.example"));
    CHECK(!takes("smtp_url", "mail.example:587"));
    CHECK(!takes("smtp_url", "smtp://u:p@mail.example"));
}

TEST(lists_of_addresses_hold_literals)
{
    CHECK(takes("trusted_proxies", "10.0.0.1"));
    CHECK(takes("trusted_proxies", "10.0.0.0/8, ::1,fe80::/10"));
    CHECK(!takes("trusted_proxies", "proxy.example"));
    CHECK(!takes("trusted_proxies", "10.0.0.1,"));
    CHECK(!takes("trusted_proxies", "10.0.0.0/33"));
    CHECK(!takes("trusted_proxies", "::1/129"));
    CHECK(!takes("trusted_proxies", "10.0.0.0/"));
}

TEST(addresses_that_may_be_reached_may_have_a_port)
{
    CHECK(takes("outgoing_allow", "10.0.0.0/8, ::1,127.0.0.1:8080, [::1]:8080, [fd00::/8]:443"));
    CHECK(!takes("outgoing_allow", "256.0.0.1"));
    CHECK(!takes("outgoing_allow", "intranet.example"));
    CHECK(!takes("outgoing_allow", "127.0.0.1:"));
    CHECK(!takes("outgoing_allow", "127.0.0.1:65536"));
    CHECK(!takes("outgoing_allow", "[::1"));
    CHECK(!takes("outgoing_allow", "[::1]8080"));
    CHECK(!takes("outgoing_allow", "[10.0.0.1]:80"));
    CHECK(!takes("outgoing_allow", "10.0.0.0/33"));
}

TEST(senders_are_addresses)
{
    CHECK(takes("mail_from", "noreply@example.com"));
    CHECK(takes("mail_from", "Foyer <noreply@example.com>"));
    CHECK(!takes("mail_from", "noreply"));
    CHECK(!takes("mail_from", "@example.com"));
    CHECK(!takes("mail_from", "a@b@c"));
    CHECK(!takes("mail_from", "Foyer <noreply@example.com"));
    CHECK(!takes("mail_from", "Foyer <noreply@example.com>, x@y"));
    CHECK(!takes("mail_from", "a@example.com\r\nBcc: x@y"));
}

TEST(help_names_every_setting_once)
{
    struct buf out;

    CHECK(load(NULL, NULL, NULL));
    buf_init(&out, 100000);
    config_flag_help(&out);
    CHECK(!out.overflowed);
    buf_char(&out, '\0');
    CHECK(strstr(out.at, "  --base-url=TEXT\n") != NULL);
    CHECK(strstr(out.at, "  --loops=0..256  (default 0)\n") != NULL);
    CHECK(strstr(out.at, "  --access-log[=yes|no]  (default yes)\n") != NULL);
    CHECK(strstr(out.at, "  --password-cost=moderate|interactive  (default moderate)") != NULL);
    CHECK(strstr(out.at, "minimal") == NULL);
    CHECK(strstr(out.at, "smtp_password_file") != NULL);
    buf_fini(&out);
    printed();
    for (int i = 0, lines = 0; i < (int)text.len; i++) {
        lines += text.at[i] == '\n';
        if (i + 1 == (int)text.len)
            CHECK_INT(lines, CONFIG_SETTINGS);
    }
}
