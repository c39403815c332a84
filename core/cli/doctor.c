/* foyer doctor: looks at the whole installation, and says of each thing whether it is well, or what to do. */
#include "cli/doctor.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/version.h"
#include "http/json.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SETTINGS = 4 };

static int run(int argc, char **argv);
static bool load(struct doctor *doctor);
static void look(struct doctor *doctor);
static void look_at_server(struct doctor *doctor);
static bool ask_status(struct doctor *doctor);
static void print(const struct doctor *doctor);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct doctor, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may be running on it" },
    { "config", OPTION_TEXT, offsetof(struct doctor, file), false, "FILE",
      "this and the next three as for `foyer serve`, from where it also takes FOYER_NAME of the "
      "environment" },
    { "base-url", OPTION_TEXT, offsetof(struct doctor, base_url), false, "URL",
      "where the server is reached" },
    { "smtp-url", OPTION_TEXT, offsetof(struct doctor, smtp_url), false, "URL",
      "by which server mails go" },
    { "trusted-proxies", OPTION_TEXT, offsetof(struct doctor, proxies), false, "TEXT",
      "what stands before it" },
    { "backups", OPTION_TEXT, offsetof(struct doctor, backups), false, "DIR",
      "where backups are kept: says how old the newest is" },
    { "json", OPTION_FLAG, offsetof(struct doctor, as_json), false, NULL, "print one JSON object" },
    { 0 },
};

const struct command command_doctor = {
    .name = "doctor",
    .summary = "look at the whole installation, and say what to do",
    .options = options,
    .notes =
        "A line for each finding: ok, warn or fail, what it is about, and what to do. Changes "
        "nothing.\nExit code 1: something fails. `foyer check` reads every page of the database, "
        "`foyer mail test`\nsends a mail.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    static struct doctor doctor; /* settings live until the end */
    int code = options_read(&command_doctor, argc, argv, &doctor);

    if (code != EXIT_DONE)
        return code;
    clock_start();
    crypto_start();
    signal(SIGPIPE, SIG_IGN);
    buf_init(&doctor.out, MIB(4));
    if (!load(&doctor)) {
        buf_fini(&doctor.out);
        return EXIT_USAGE;
    }
    look(&doctor);
    print(&doctor);
    road_close(&doctor.road);
    buf_fini(&doctor.out);
    code = command_done(&command_doctor);
    return doctor.worst == FINDING_FAIL ? EXIT_FAILED : code;
}

static bool load(struct doctor *doctor)
{
    struct config_arg given[SETTINGS] = { { "data", doctor->data },
                                          { "base_url", doctor->base_url },
                                          { "smtp_url", doctor->smtp_url },
                                          { "trusted_proxies", doctor->proxies } };
    struct buf error;
    size_t count = 0;
    bool is_good;

    for (size_t i = 0; i < SETTINGS; i++)
        if (given[i].value)
            given[count++] = given[i];
    buf_init(&error, KIB(64));
    is_good = config_load(&doctor->config, doctor->file, environ, given, count, &error);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&error)));
    buf_fini(&error);
    return is_good;
}

static void look(struct doctor *doctor)
{
    doctor->has_folder = doctor_folder(doctor);
    if (doctor->has_folder) {
        look_at_server(doctor);
        doctor_disk(doctor);
        doctor_database(doctor);
        doctor_scripts(doctor);
    }
    doctor_address(doctor);
    doctor_mail(doctor);
    doctor_limits(doctor);
    doctor_versions(doctor);
    doctor_backups(doctor);
}

static void look_at_server(struct doctor *doctor)
{
    static const struct {
        const char *ready, *what;
        enum finding finding;
    } states[] = {
        { "disk_full", "refuses changes because the disk is full: free some space", FINDING_FAIL },
        { "read_only", "only reads since an fsync failed: look after the disk, then start it again",
          FINDING_FAIL },
        { "draining", "is ending", FINDING_WARN },
        { "rules_failing",
          "answers nothing because its scripts have faults: mend them, or move them "
          "out of DATA/scripts",
          FINDING_FAIL },
    };
    const struct server_status *status = &doctor->status;
    long long process = (long long)doctor->road.holder;

    if (doctor->road.holder == 0) {
        doctor_found(doctor, FINDING_OK, "server", "none runs on this folder");
        return;
    }
    if (doctor->road.fd < 0 || !ask_status(doctor)) {
        doctor_found(doctor, FINDING_FAIL, "server",
                     "process %lld has the folder and does not answer on %s/control: look at its "
                     "log and its load, and start it again if it hangs",
                     process, doctor->data);
        return;
    }
    doctor->is_served = true;
    if (!str_is(status->version, FOYER_VERSION))
        doctor_found(doctor, FINDING_WARN, "server",
                     "process %lld is version %.*s, this program " FOYER_VERSION
                     ": start it again with this one",
                     process, STR_ARG(status->version));
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (str_is(status->ready, states[i].ready)) {
            doctor_found(doctor, states[i].finding, "server", "process %lld %s", process,
                         states[i].what);
            return;
        }
    doctor_found(doctor, FINDING_OK, "server",
                 "process %lld is ready; %lld connections, %lld commits in %lld hours", process,
                 (long long)status->connections, (long long)status->commits,
                 (long long)((clock_wall() - status->started_at) / CLOCK_HOUR));
}

static bool ask_status(struct doctor *doctor)
{
    struct arena *arena = &doctor->road.arena;
    struct failure failure = { 0 };
    struct json_t *json = NULL;
    struct buf out;
    uint64_t given;
    bool is_done;

    buf_init(&out, MIB(1));
    is_done = road_ask(&doctor->road, "status", STR("{}"), true, &out, NULL) &&
              json_parse(buf_view(&out), arena, &json, &failure) == ST_OK &&
              json_read(&server_status_entity, json, JSON_CREATE, arena, &doctor->status, &given,
                        &failure) == ST_OK;
    json_free(json);
    buf_fini(&out);
    return is_done;
}

void doctor_found(struct doctor *doctor, enum finding finding, const char *about,
                  const char *format, ...)
{
    static const char *const levels[] = { "ok", "warn", "fail" };
    struct buf what;
    va_list args;

    buf_init(&what, KIB(64));
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    doctor->worst = finding > doctor->worst ? finding : doctor->worst;
    if (doctor->as_json) {
        buf_printf(&doctor->out,
                   "%s{\"level\":\"%s\",\"about\":\"%s\",\"message\":", doctor->out.len ? "," : "",
                   levels[finding], about);
        buf_json(&doctor->out, str_trim(buf_view(&what)));
        buf_char(&doctor->out, '}');
    } else {
        buf_printf(&doctor->out, "%-5s %-9s %.*s\n", levels[finding], about,
                   STR_ARG(str_trim(buf_view(&what))));
    }
    buf_fini(&what);
}

static void print(const struct doctor *doctor)
{
    static const char *const words[] = { "well", "well, with warnings", "not well" };
    static const char *const levels[] = { "ok", "warn", "fail" };

    if (doctor->as_json)
        printf("{\"worst\":\"%s\",\"findings\":[%.*s]}\n", levels[doctor->worst],
               STR_ARG(buf_view(&doctor->out)));
    else
        printf("%.*s%s: %s\n", STR_ARG(buf_view(&doctor->out)), doctor->data, words[doctor->worst]);
}
