/* Script versions: routes of /v1/scripts/{name}/versions and of rollbacks, and what the commands
 * share. */
#ifndef FOYER_API_SCRIPT_VERSIONS_H
#define FOYER_API_SCRIPT_VERSIONS_H

#include "http/route.h"
#include "store/revision.h"

extern const struct route script_version_routes[];
extern const struct entity revision_entity;

/* What the phases of going back hand on. */
struct rolling {
    struct host *host;
    struct str name;
    struct str on_disk; /* what is left; absent: nothing of the admin's */
    struct str source;  /* what is gone back to; absent: what is shipped, or nothing */
    int64_t version;    /* 0: source is absent */
};

/* Finds the version (has_version false: the one before what is in force; name absent: the script that was
 * changed last) and sees that it would load; it becomes tx->scratch. 404, 409 nothing_before, 422
 * script_refused. */
enum status rolling_begin(struct tx *tx, struct str name, bool has_version, int64_t version);
/* In the write transaction, without the audit. */
enum status rolling_record(struct tx *tx, const struct rolling *rolling);
/* Writes the file and loads it. */
enum status rolling_finish(struct tx *tx, const struct rolling *rolling);
/* {"object":"rollback","name":…,"version":…} */
void rolling_json(const struct rolling *rolling, struct buf *out);

#endif
