/* Planned: GET /v1/jobs. They are begun by exec/planner.c; what became of a run is a delivery. */
#include "api/planned.h"

#include "http/json.h"
#include "store/planned.h"

#include <stddef.h>

static route_phase list;

static const char *const object[] = { "job", NULL };

#define AT(member) offsetof(struct planned_row, member)
static const struct field fields[] = {
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL,
      "Its name; its runs are the deliveries of that handler." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"job\"." },
    { "plugin", FIELD_TEXT, 0, AT(plugin), 0, 0, NULL, NULL,
      "The script that has it: house_rules.lua." },
    { "schedule", FIELD_TEXT, 0, AT(schedule), 0, 0, NULL, NULL,
      "Every so often, or minute, hour, day, month and day of the week." },
    { "timeZone", FIELD_TEXT, 0, AT(zone), 0, 0, NULL, NULL,
      "Of the workspace: where it is so late." },
    { "nextAt", FIELD_TIME, 0, AT(next_at), 0, 0, NULL, NULL, "When it is due next; null: never." },
    { "lastAt", FIELD_TIME, 0, AT(ran_at), 0, 0, NULL, NULL, "When it was due last." },
    { 0 },
};
const struct entity job_entity = { "job", fields, sizeof(struct planned_row) };

const struct route job_routes[] = {
    { GET, "/v1/jobs", .entity = &job_entity, .may = "job.list", .read = list, .flags = ROUTE_ALL,
      .summary = "Jobs of scripts, and when they are due" },
    { 0 },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct planned_row *rows;
    size_t count = planned_list(tx, &rows);
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].next_at == INT64_MAX)
            rows[i].next_at = 0;
        if (i)
            buf_char(out, ',');
        json_write(&job_entity, &rows[i], ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}
