/* Policies: GET /v1/decisions and POST /v1/policies/explain. */
#include "api/policies.h"

#include "api/body.h"
#include "api/explain.h"
#include "api/list.h"
#include "api/who_can.h"
#include "base/limits.h"
#include "store/decisions.h"

#include <stddef.h>

static route_phase list, explain_one, who;

static const char *const object[] = { "decision", NULL };

#define AT(member) offsetof(struct decision_row, member)
static const struct field fields[] = {
    { "number", FIELD_INT, 0, AT(seq), 0, 0, NULL, NULL, "Grows with time; has gaps." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"decision\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(at), 0, 0, NULL, NULL, "When it was decided." },
    { "action", FIELD_TEXT, FIELD_FILTER, AT(action), 0, 0, NULL, NULL,
      "What was asked: client.create." },
    { "entityId", FIELD_ID, FIELD_FILTER, AT(entity_id), 0, 0, NULL, NULL, "What it was about." },
    { "actorType", FIELD_TEXT, 0, AT(actor_kind), 0, 0, NULL, NULL, "Kind of who asked." },
    { "actorId", FIELD_ID, FIELD_FILTER, AT(actor_id), 0, 0, NULL, NULL, "Who asked." },
    { "verdict", FIELD_TEXT, FIELD_FILTER, AT(verdict), 0, 0, NULL, NULL,
      "allow (a sample), deny or error (all)." },
    { "code", FIELD_TEXT, 0, AT(code), 0, 0, NULL, NULL, "Of a denial." },
    { "reason", FIELD_TEXT, 0, AT(reason), 0, 0, NULL, NULL, "Why; of an error its text." },
    { "rule", FIELD_TEXT, 0, AT(rule), 0, 0, NULL, NULL, "File and line of what decided." },
    { "reads", FIELD_JSON, 0, AT(reads), 0, 0, NULL, NULL, "What the rules looked at." },
    { "nanoseconds", FIELD_INT, 0, AT(nanoseconds), 0, 0, NULL, NULL, "How long it took." },
    { "requestId", FIELD_TEXT, FIELD_FILTER, AT(request_id), 0, 0, NULL, NULL,
      "As in the answer and the log." },
    { 0 },
};
const struct entity decision_entity = { "decision", fields, sizeof(struct decision_row) };

struct question_body {
    struct str as, action, input;
    struct uuid target, company;
};
#define ASKED(member) offsetof(struct question_body, member)
static const struct field question_fields[] = {
    { "as", FIELD_TEXT, FIELD_CREATE, ASKED(as), 1, 254, NULL, NULL,
      "Address or id of a member of staff or client; without: oneself." },
    { "action", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED, ASKED(action), 1, 100, NULL, NULL,
      "What would be done: client.create." },
    { "targetId", FIELD_ID, FIELD_CREATE, ASKED(target), 0, 0, NULL, NULL,
      "What it would be done to." },
    { "companyId", FIELD_ID, FIELD_CREATE, ASKED(company), 0, 0, NULL, NULL,
      "The same as companyId in input." },
    { "input", FIELD_JSON, FIELD_CREATE, ASKED(input), 0, 0, NULL, NULL,
      "The body that would be sent." },
    { 0 },
};
static const struct entity question_entity = { "question", question_fields,
                                               sizeof(struct question_body) };
/* The same without `as`: all are asked. */
static const struct entity who_entity = { "question", &question_fields[1],
                                          sizeof(struct question_body) };

static enum status read_question(struct tx *tx, const struct request *rq,
                                 const struct entity *entity, struct explain_asked *asked);

const struct route policy_routes[] = {
    { GET, "/v1/decisions", .entity = &decision_entity, .may = "decision.list", .read = list,
      .flags = ROUTE_LIST, .summary = "What rules decided, newest first with sort=-createdAt" },
    { POST, "/v1/policies/explain", .body = &question_entity, .may = "policy.explain",
      .read = explain_one, .flags = ROUTE_SLOW,
      .summary = "Who decides, by which line, what it reads, and what would change it" },
    { POST, "/v1/policies/who-can", .body = &who_entity, .may = "policy.explain", .read = who,
      .flags = ROUTE_SLOW, .summary = "Which roles, people and keys may do something now" },
    { 0 },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &decision_entity, .columns = &decision_columns };
    struct list wanted;
    struct decision_row *rows;

    if (list_read(tx, rq, &decision_entity, &decision_columns, &wanted) != ST_OK ||
        decision_list(tx, &wanted, &rows, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = rows;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(rows[wanted.limit - 1].seq)));
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_question(struct tx *tx, const struct request *rq,
                                 const struct entity *entity, struct explain_asked *asked)
{
    struct question_body body = { .as = STR_NONE };
    char company[UUID_TEXT];
    uint64_t given;

    if (body_read(tx, rq, entity, JSON_CREATE, &body, &given) != ST_OK)
        return tx_status(tx);
    uuid_format(body.company, company);
    *asked = (struct explain_asked){
        .as = body.as,
        .action = body.action,
        .target = body.target,
        .input = body.input,
        .company = uuid_is_none(body.company) ? STR_NONE : str_copy(tx->arena, str_from(company)),
    };
    return tx_status(tx);
}

static enum status explain_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct explain_asked asked;
    struct explained explained;

    if (read_question(tx, rq, &question_entity, &asked) != ST_OK ||
        explain(tx, &asked, &explained) != ST_OK)
        return tx_status(tx);
    explain_json(&explained, reply_json(rp, 200));
    return ST_OK;
}

static enum status who(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct explain_asked asked;
    struct who_can found;

    if (read_question(tx, rq, &who_entity, &asked) == ST_OK && who_can(tx, &asked, &found) == ST_OK)
        who_can_json(&found, reply_json(rp, 200));
    return tx_status(tx);
}
