/* Command who: who may do something now. */
#include "api/command.h"

#include "api/body.h"
#include "api/who_can.h"

#include <stddef.h>

static route_phase ask;

struct asking {
    struct str action, target, company, input, workspace;
};

#define TEXT(member, max, flags) COMMAND_TEXT(struct asking, member, max, flags)

static const struct field fields[] = { TEXT(action, 100, FIELD_REQUIRED),
                                       TEXT(target, 64, 0),
                                       TEXT(company, 64, 0),
                                       TEXT(input, 65536, 0),
                                       TEXT(workspace, 64, 0),
                                       { 0 } };
static const struct entity entity = { "who-can", fields, sizeof(struct asking) };

const struct route command_who_routes[] = {
    { POST, "who-can", .body = &entity, .read = ask, .flags = ROUTE_SLOW },
    { 0 },
};

static enum status ask(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct asking asking = { STR_NONE };
    struct explain_asked asked;
    struct who_can found;
    uint64_t which;

    if (body_read(tx, rq, &entity, JSON_CREATE, &asking, &which) != ST_OK ||
        command_choose(tx, asking.workspace) != ST_OK)
        return tx_status(tx);
    asked = (struct explain_asked){ .action = asking.action,
                                    .input = asking.input,
                                    .company = asking.company };
    if (command_target(tx, asking.target, &asked.target) != ST_OK)
        return tx_status(tx);
    if (who_can(tx, &asked, &found) != ST_OK)
        return tx_status(tx);
    if (command_wants_text(rq)) {
        who_can_text(&found, command_reply(rq, rp));
    } else {
        who_can_json(&found, command_reply(rq, rp));
        buf_char(&rp->body, '\n');
    }
    return tx_status(tx);
}
