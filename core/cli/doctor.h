/* Doctor: what its files share: the findings, and what each part of the installation is looked at with. */
#ifndef FOYER_CLI_DOCTOR_H
#define FOYER_CLI_DOCTOR_H

#include "base/config.h"
#include "cli/road.h"
#include "exec/control.h"

enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

struct doctor {
    const char *data, *file, *base_url, *smtp_url, *proxies, *backups;
    bool as_json;

    struct road road; /* its command, arena and folder; to the server where one runs */
    struct config config;
    struct server_status status; /* of the server, where one runs */
    bool is_served, has_folder;
    enum finding worst;
    struct buf out; /* lines, or JSON objects with commas between */
};

/* about: one word; what: what was found and, unless it is good, what to do. */
void doctor_found(struct doctor *doctor, enum finding finding, const char *about,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- doctor_folder.c ---- */
/* Whether there is a folder at all: without one nothing else is looked at. */
bool doctor_folder(struct doctor *doctor);
void doctor_disk(struct doctor *doctor);
void doctor_database(struct doctor *doctor);
void doctor_backups(struct doctor *doctor);

/* ---- doctor_world.c ---- */
void doctor_limits(struct doctor *doctor);
void doctor_versions(struct doctor *doctor);
void doctor_address(struct doctor *doctor);
void doctor_mail(struct doctor *doctor);
void doctor_scripts(struct doctor *doctor);

#endif
