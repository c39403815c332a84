/* Doctor world: what stands around the folder: limits, versions, addresses, mail, scripts. */
#include "cli/doctor.h"

#include "base/clock.h"
#include "base/limits.h"
#include "cli/rules.h"
#include "lua/engine.h"
#include "store/db.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, SPARE_DESCRIPTORS = 256 };

static bool is_local(struct str url);
static void lend_pins(const struct config *config);
static const char *try_connect(const char *host, const char *port);
static const char *try_address(const struct addrinfo *address);

void doctor_limits(struct doctor *doctor)
{
    struct rlimit limit = { 0 };
    long long descriptors;

    getrlimit(RLIMIT_NOFILE, &limit);
    descriptors = limit.rlim_max > INT32_MAX ? INT32_MAX : (long long)limit.rlim_max;
    if (doctor->is_served)
        descriptors = (long long)doctor->status.descriptors;
    if (descriptors < LIMIT_CONNECTIONS + SPARE_DESCRIPTORS)
        doctor_found(doctor, FINDING_WARN, "limits",
                     "%lld open files are allowed, so not all of %d connections fit: raise the "
                     "limit (LimitNOFILE=16384 in systemd, ulimit -n)",
                     descriptors, LIMIT_CONNECTIONS);
    else
        doctor_found(doctor, FINDING_OK, "limits", "%lld open files are allowed", descriptors);
}

/* Faults that are known, and whether they can be met here. */
void doctor_versions(struct doctor *doctor)
{
    const char *sqlite = db_version(), *lua = lua_engine_version();
    bool is_patched = db_version_number() >= 3051003;

    doctor_found(doctor, FINDING_OK, "versions", "SQLite %s%s", sqlite,
                 is_patched ? ""
                            : ", which can lose commits when two programs checkpoint at once: the "
                              "server never does, so open foyer.db with no other program while it "
                              "runs");
    if (db_version_number() < 3040000)
        doctor_found(doctor, FINDING_WARN, "versions",
                     "SQLite %s is older than what Foyer is tested with (3.40): update the system",
                     sqlite);
    doctor_found(doctor, FINDING_OK, "versions", "%s%s", lua,
                 strcmp(lua, "Lua 5.4.7") >= 0 ? ""
                                               : ", whose known crashes the sandbox keeps scripts "
                                                 "from");
}

void doctor_address(struct doctor *doctor)
{
    struct str url = str_from(doctor->config.base_url);

    if (str_is_absent(url) && doctor->is_served)
        url = doctor->status.base_url;
    if (str_is_absent(url)) {
        doctor_found(
            doctor, FINDING_WARN, "address",
            "no base URL is set, so links in mails lead to the address that is listened on: "
            "set --base-url https://…");
        return;
    }
    if (is_local(url))
        doctor_found(doctor, FINDING_WARN, "address",
                     "%.*s is reached from this machine alone: set --base-url to what people use",
                     STR_ARG(url));
    else if (!str_starts(url, STR("https://")))
        doctor_found(
            doctor, FINDING_WARN, "address",
            "%.*s is not encrypted, and passwords can be read on the way: put a proxy with "
            "TLS before it and set --base-url https://…",
            STR_ARG(url));
    else if (!doctor->config.trusted_proxies && !doctor->status.has_proxies)
        doctor_found(
            doctor, FINDING_WARN, "address",
            "%.*s is served through a proxy, but none is trusted, so that all people share "
            "one address in limits and logs: set --trusted-proxies (here, too, or in "
            "--config)",
            STR_ARG(url));
    else
        doctor_found(doctor, FINDING_OK, "address", "%.*s", STR_ARG(url));
}

static bool is_local(struct str url)
{
    struct str rest = url, scheme;

    str_cut(&rest, '/', &scheme);
    rest = rest.len > 0 ? str_slice(rest.at + 1, rest.len - 1) : STR("");
    return str_starts(rest, STR("127.")) || str_starts(rest, STR("localhost")) ||
           str_starts(rest, STR("[::1]"));
}

void doctor_mail(struct doctor *doctor)
{
    const char *url = doctor->config.smtp_url, *wrong;
    struct str rest = str_from(url), host;
    const char *port = str_starts(rest, STR("smtps://")) ? "465" : "587";
    struct arena *arena = &doctor->road.arena;

    if (!url && doctor->is_served && str_is(doctor->status.smtp, "set")) {
        doctor_found(doctor, FINDING_OK, "mail",
                     "the server has an SMTP server; `foyer mail test ADDRESS` tries it");
        return;
    }
    if (!url) {
        doctor_found(
            doctor, FINDING_WARN, "mail",
            "no SMTP server is set: mails become files in %s/mail/new, and nobody gets them; "
            "set --smtp-url",
            doctor->data);
        return;
    }
    rest = str_from(strstr(url, "://") + 3);
    str_cut(&rest, '/', &host);
    if (host.len > 0 && host.at[0] == '[') {
        rest = str_slice(host.at + 1, host.len - 1);
        str_cut(&rest, ']', &host);
        if (rest.len > 1)
            port = str_copy(arena, str_slice(rest.at + 1, rest.len - 1)).at;
    } else {
        rest = host;
        str_cut(&rest, ':', &host);
        if (!str_is_empty(rest))
            port = str_copy(arena, rest).at;
    }
    host = str_copy(arena, host);
    wrong = try_connect(host.at, port);
    if (wrong)
        doctor_found(doctor, FINDING_FAIL, "mail",
                     "%s port %s cannot be reached: %s; look whether smtp_url is right and a "
                     "firewall lets it through",
                     host.at, port, wrong);
    else
        doctor_found(
            doctor, FINDING_OK, "mail",
            "%s port %s is reached; `foyer mail test ADDRESS` says whether mail gets through",
            host.at, port);
}

/* NULL: it can be reached. */
static const char *try_connect(const char *host, const char *port)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    const char *wrong = "it has no address";
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);

    if (error != 0)
        return gai_strerror(error);
    for (const struct addrinfo *at = found; at && wrong; at = at->ai_next)
        wrong = try_address(at);
    freeaddrinfo(found);
    return wrong;
}

static const char *try_address(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    socklen_t len = sizeof(int);
    int error = 0;

    if (fd < 0)
        return strerror(errno);
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS)
        error = errno;
    else if (poll(&ready, 1, CONNECT_MS) <= 0)
        error = ETIMEDOUT;
    else
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    close(fd);
    return error ? strerror(error) : NULL;
}

/* Scripts are loaded by the settings of the environment; libraries may be pinned in --config. */
static void lend_pins(const struct config *config)
{
    if (config->native_plugins)
        setenv("FOYER_NATIVE_PLUGINS", config->native_plugins, 1);
    if (config->native_plugins_file)
        setenv("FOYER_NATIVE_PLUGINS_FILE", config->native_plugins_file, 1);
}

void doctor_scripts(struct doctor *doctor)
{
    struct script_info *scripts;
    struct rules rules;
    size_t count = 0, faulty = 0;

    lend_pins(&doctor->config);
    if (rules_open(&rules, &command_doctor, doctor->road.folder.path)) {
        count = host_scripts(rules.host, &rules.arena, &scripts);
        for (size_t i = 0; i < count; i++) {
            const struct script_info *script = &scripts[i];

            if (!str_is_empty(script->report)) {
                faulty++;
                doctor_found(doctor, FINDING_FAIL, "scripts", "%.*s is not in force: %.*s",
                             STR_ARG(script->name), STR_ARG(script->report));
            } else if (script->origin == SCRIPT_CHANGED) {
                doctor_found(
                    doctor, FINDING_OK, "scripts",
                    "%.*s takes the place of the shipped one; after an update compare them: "
                    "`foyer script diff %.*s --data %s`",
                    STR_ARG(script->name), STR_ARG(script->name), doctor->data);
            }
        }
        if (faulty == 0)
            doctor_found(doctor, FINDING_OK, "scripts", "%zu scripts and plugins load", count);
    }
    rules_close(&rules);
    if (faulty == 0 && doctor->is_served && doctor->status.has_rule_faults)
        doctor_found(
            doctor, FINDING_WARN, "scripts",
            "the server has not loaded what lies there now: `foyer script reload --data %s` "
            "says why",
            doctor->data);
}
