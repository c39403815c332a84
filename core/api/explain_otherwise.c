/* Explain otherwise: what one thing otherwise would have changed. Of all that the rules read, one fact after
 * the other gets another value, and they are asked again. */
#include "api/explain.h"

#include "policy/reads.h"

#include <string.h>

static void try_actor(struct tx *tx, const struct subject *subject, struct explained *explained);
static void try_workspace(struct tx *tx, const struct subject *subject,
                          struct explained *explained);
static void try_input(struct tx *tx, const struct subject *subject, struct explained *explained);
static void try_target(struct tx *tx, const struct subject *subject, struct explained *explained);
static void try_one(struct tx *tx, const struct subject *subject, struct explained *explained,
                    struct str what);
static bool has_read(const struct explained *explained, const char *name);

void explain_otherwise(struct tx *tx, const struct subject *subject, struct explained *explained)
{
    struct actor actor = tx->actor;
    const struct workspace *workspace = tx->workspace_seen;

    try_actor(tx, subject, explained);
    tx->actor = actor;
    try_workspace(tx, subject, explained);
    tx->workspace_seen = workspace;
    try_input(tx, subject, explained);
    try_target(tx, subject, explained);
    tx->subject = subject;
}

static void try_actor(struct tx *tx, const struct subject *subject, struct explained *explained)
{
    const struct actor actor = tx->actor;

    for (int i = 0; i < PERMISSION_COUNT; i++) {
        struct str read = str_printf(tx->arena, "\"actor:can(%s)\":", permission_names[i]);

        if (!has_read(explained, read.at))
            continue;
        tx->actor.permissions ^= UINT64_C(1) << i;
        try_one(tx, subject, explained,
                str_printf(tx->arena, "actor:can(%s) = %s", permission_names[i],
                           actor_can(&tx->actor, (enum permission)i) ? "true" : "false"));
        tx->actor = actor;
    }
    if (has_read(explained, "\"actor.isOwner\":")) {
        tx->actor.is_owner = !actor.is_owner;
        try_one(tx, subject, explained,
                str_printf(tx->arena, "actor.isOwner = %s", tx->actor.is_owner ? "true" : "false"));
        tx->actor = actor;
    }
    if (has_read(explained, "\"actor.mayOperate\":")) {
        tx->actor.may_operate = !actor.may_operate;
        try_one(tx, subject, explained,
                str_printf(tx->arena, "actor.mayOperate = %s",
                           tx->actor.may_operate ? "true" : "false"));
        tx->actor = actor;
    }
    if (has_read(explained, "\"actor.limitedTo\":[")) {
        tx->actor.is_limited = false;
        try_one(tx, subject, explained, STR("actor.limitedTo = nil"));
        tx->actor = actor;
    }
    if (has_read(explained, "\"actor.companyRoles\":") && actor.company_count) {
        tx->actor.companies = arena_array(tx->arena, struct company_role, actor.company_count);
        for (size_t i = 0; i < actor.company_count; i++)
            tx->actor.companies[i] =
                (struct company_role){ actor.companies[i].company, STR("admin") };
        try_one(tx, subject, explained, STR("admin of his companies"));
        tx->actor = actor;
    }
}

static void try_workspace(struct tx *tx, const struct subject *subject, struct explained *explained)
{
    const struct workspace *workspace = tx->workspace_seen;

    for (const struct field *field = workspace_view.fields; workspace && field->name; field++) {
        struct workspace *other;
        struct str read = str_printf(tx->arena, "\"workspace.%s\":", field->name);

        if (field->type != FIELD_BOOL || !has_read(explained, read.at))
            continue;
        other = arena_new(tx->arena, struct workspace);
        *other = *workspace;
        *FIELD_AT(bool, other, field) = !*FIELD_AT(bool, other, field);
        tx->workspace_seen = other;
        try_one(tx, subject, explained,
                str_printf(tx->arena, "workspace.%s = %s", field->name,
                           *FIELD_AT(bool, other, field) ? "true" : "false"));
    }
}

/* Any that was given: a rule that walks through the input reads no single one. */
static void try_input(struct tx *tx, const struct subject *subject, struct explained *explained)
{
    for (int i = 0; subject->change && subject->entity->fields[i].name; i++) {
        struct subject other = *subject;

        if (!(subject->given >> i & 1u))
            continue;
        other.given &= ~(UINT64_C(1) << i);
        try_one(tx, &other, explained,
                str_printf(tx->arena, "without input.%s", subject->entity->fields[i].name));
    }
}

/* What has few values: the others, one after the other. */
static void try_target(struct tx *tx, const struct subject *subject, struct explained *explained)
{
    const struct field *field = subject->row ? subject->entity->fields : NULL;

    for (; field && field->name; field++) {
        struct subject other = *subject;
        struct str read = str_printf(tx->arena, "\"target.%s\":", field->name);
        void *row;

        if ((field->type != FIELD_BOOL && field->type != FIELD_ENUM) ||
            !has_read(explained, read.at))
            continue;
        row = arena_alloc(tx->arena, subject->entity->size);
        memcpy(row, subject->row, subject->entity->size);
        other.row = row;
        if (field->type == FIELD_BOOL) {
            *FIELD_AT(bool, row, field) = !*FIELD_AT(bool, row, field);
            try_one(tx, &other, explained,
                    str_printf(tx->arena, "target.%s = %s", field->name,
                               *FIELD_AT(bool, row, field) ? "true" : "false"));
            continue;
        }
        for (int i = 0; field->choices[i]; i++) {
            *FIELD_AT(int, row, field) = i;
            if (i != *FIELD_IN(int, subject->row, field))
                try_one(
                    tx, &other, explained,
                    str_printf(tx->arena, "target.%s = \"%s\"", field->name, field->choices[i]));
        }
    }
}

static void try_one(struct tx *tx, const struct subject *subject, struct explained *explained,
                    struct str what)
{
    struct tx beside = *tx;
    struct decision decision;
    enum verdict verdict;

    beside.subject = subject;
    verdict = policy_ask(&beside, explained->action.at, subject, false, &decision);
    if (verdict != explained->decision.verdict && explained->otherwise_count < EXPLAIN_OTHERWISE)
        explained->otherwise[explained->otherwise_count++] =
            (struct explain_otherwise){ what, verdict };
}

/* The reads are JSON of ours: a name in quotes with its colon is nowhere but where it was read. */
static bool has_read(const struct explained *explained, const char *name)
{
    struct str reads = explained->decision.reads;

    return reads.at && memmem(reads.at, reads.len, name, strlen(name)) != NULL;
}
