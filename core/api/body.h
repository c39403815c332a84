/* Body: the body of a request as the struct that an entity's field table describes. */
#ifndef FOYER_API_BODY_H
#define FOYER_API_BODY_H

#include "http/json.h"
#include "http/request.h"
#include "policy/policy.h"
#include "store/tx.h"

struct reply;

/* JSON, or a form. All faulty fields fail tx at once. */
enum status body_read(struct tx *tx, const struct request *rq, const struct entity *entity,
                      enum json_mode mode, void *row, uint64_t *given);
/* Of a request that takes none: whatever field stands there fails tx. */
enum status body_none(struct tx *tx, const struct request *rq);
/* Copies the fields that were given from change to row. */
void body_apply(const struct entity *entity, const void *change, uint64_t given, void *row);
/* Whether the field at this offset was given. */
bool body_gave(const struct entity *entity, uint64_t given, const char *name);

/* {"after":…} or {"before":…,"after":…} for audit, the row and `before` for events. NULL: not there. */
struct str record_detail(struct tx *tx, const struct entity *entity, const void *before,
                         const void *after);
struct str record_payload(struct tx *tx, const struct entity *entity, const void *before,
                          const void *after);

/* The row as JSON. */
enum status reply_row(struct tx *tx, struct reply *rp, int status, const struct entity *entity,
                      const void *row);
/* {id, object, deleted: true} */
enum status reply_deleted(struct tx *tx, struct reply *rp, const char *object, struct uuid id);

/* Whether ?name=true. Anything but true, false, 0, 1 or nothing was refused before (route_check_query). */
bool query_flag(const struct request *rq, const char *name);

#endif
