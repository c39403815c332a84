/* Reads: tables of what rules see, and the JSON of what they looked at. */
#include "policy/reads.h"

#include "base/limits.h"
#include "http/json.h"

#include <stddef.h>
#include <string.h>

enum { VALUE_MOST = 256 }; /* bytes of one value: what is longer is told by its length */

static void write_members(const struct actor *actor, uint32_t which, struct buf *out);
static void write_member(const struct actor *actor, enum actor_member member, struct buf *out);
static void write_ids(struct ids ids, struct buf *out);
static void write_fields(const char *prefix, const struct entity *entity, const void *row,
                         uint64_t which, struct buf *out);
static void write_name(const char *prefix, const char *name, struct buf *out);

const char *const actor_member_names[ACTOR_MEMBERS + 1] = {
    [ACTOR_MEMBER_KIND] = "kind",
    [ACTOR_MEMBER_ID] = "id",
    [ACTOR_MEMBER_NAME] = "name",
    [ACTOR_MEMBER_EMAIL] = "email",
    [ACTOR_MEMBER_ROLE] = "role",
    [ACTOR_MEMBER_IS_OWNER] = "isOwner",
    [ACTOR_MEMBER_MAY_OPERATE] = "mayOperate",
    [ACTOR_MEMBER_LIMITED_TO] = "limitedTo",
    [ACTOR_MEMBER_COMPANY_IDS] = "companyIds",
    [ACTOR_MEMBER_ROAD] = "road",
    [ACTOR_MEMBER_OWNER_ID] = "ownerId",
    [ACTOR_MEMBER_COMPANY_ROLES] = "companyRoles",
};

#define SETTING(outside, kind, member, text)                                                       \
    {                                                                                              \
        .name = outside, .type = kind, .offset = offsetof(struct workspace, member), .help = text  \
    }

static const struct field workspace_fields[] = {
    SETTING("id", FIELD_ID, id, "Its id."),
    SETTING("name", FIELD_TEXT, name, "The firm's name."),
    SETTING("industry", FIELD_TEXT, industry, "What the firm does; nil where it was not said."),
    SETTING("locale", FIELD_TEXT, locale, "Language of mails and pages: \"en\"."),
    SETTING("timeZone", FIELD_TEXT, time_zone, "IANA name: \"Europe/Vienna\"."),
    SETTING("companiesEnabled", FIELD_BOOL, companies_enabled, "Companies exist here."),
    SETTING("companyRequired", FIELD_BOOL, company_required, "A client must have a company."),
    SETTING("oneCompany", FIELD_BOOL, one_company, "A client has at most one company."),
    SETTING("emailRequired", FIELD_BOOL, email_required, "A client must have an address."),
    SETTING("signUpEnabled", FIELD_BOOL, sign_up_enabled, "People may sign up by themselves."),
    SETTING("clientsMayInvite", FIELD_BOOL, clients_may_invite,
            "Clients may invite colleagues into their company."),
    SETTING("deletePermanently", FIELD_BOOL, delete_permanently,
            "Deleting a client destroys it instead of archiving it."),
    SETTING("inviteDays", FIELD_INT, invite_days,
            "Days until an invitation expires; 0: the server's default."),
    SETTING("clientLimit", FIELD_INT, client_limit, "Most clients of the plan; -1: no limit."),
    SETTING("clientCount", FIELD_INT, client_count, "Clients that are not archived."),
    { .name = NULL },
};

const struct entity workspace_view = { "workspace", workspace_fields, sizeof(struct workspace) };

struct str reads_json(const struct reads *reads, const struct actor *actor,
                      const struct workspace *workspace, const struct subject *subject,
                      struct arena *arena)
{
    struct buf out;
    struct str json;

    buf_init(&out, LIMIT_DECISION_READS - 2);
    buf_char(&out, '{');
    write_members(actor, reads->actor, &out);
    for (int i = 0; i < PERMISSION_COUNT; i++)
        if (reads->can >> i & 1u) {
            write_name("actor:can(", permission_names[i], &out);
            buf_text(&out, actor_can(actor, (enum permission)i) ? ")\":true" : ")\":false");
        }
    if (workspace)
        write_fields("workspace.", &workspace_view, workspace, reads->workspace, &out);
    if (subject && subject->entity) {
        const void *target = subject->row ? subject->row : subject->change;

        if (target)
            write_fields("target.", subject->entity, target, reads->target, &out);
        if (subject->change)
            write_fields("input.", subject->entity, subject->change, reads->input & subject->given,
                         &out);
    }
    out.ceiling++;
    buf_char(&out, '}');
    json = out.overflowed ? STR("{}") : str_copy(arena, buf_view(&out));
    buf_fini(&out);
    return json;
}

static void write_members(const struct actor *actor, uint32_t which, struct buf *out)
{
    for (int i = 0; i < ACTOR_MEMBERS; i++)
        if (which >> i & 1u) {
            write_name("actor.", actor_member_names[i], out);
            buf_text(out, "\":");
            write_member(actor, (enum actor_member)i, out);
        }
}

static void write_member(const struct actor *actor, enum actor_member member, struct buf *out)
{
    char id[UUID_TEXT];

    switch (member) {
    case ACTOR_MEMBER_KIND:
        buf_json(out, str_from(actor_kind_name(actor->kind)));
        break;
    case ACTOR_MEMBER_ID:
        uuid_format(actor->id, id);
        buf_json(out, uuid_is_none(actor->id) ? STR_NONE : str_from(id));
        break;
    case ACTOR_MEMBER_NAME:
        buf_json(out, actor->name);
        break;
    case ACTOR_MEMBER_EMAIL:
        buf_json(out, actor->email);
        break;
    case ACTOR_MEMBER_ROLE:
        buf_json(out, actor->role);
        break;
    case ACTOR_MEMBER_IS_OWNER:
        buf_text(out, actor->is_owner ? "true" : "false");
        break;
    case ACTOR_MEMBER_MAY_OPERATE:
        buf_text(out, actor->may_operate ? "true" : "false");
        break;
    case ACTOR_MEMBER_LIMITED_TO:
        if (actor->is_limited)
            write_ids(actor->limited_to, out);
        else
            buf_text(out, "null");
        break;
    case ACTOR_MEMBER_ROAD:
        buf_json(out, str_from(actor->road));
        break;
    case ACTOR_MEMBER_OWNER_ID:
        uuid_format(actor->behalf_id, id);
        buf_json(out, uuid_is_none(actor->behalf_id) ? STR_NONE : str_from(id));
        break;
    case ACTOR_MEMBER_COMPANY_IDS:
    case ACTOR_MEMBER_COMPANY_ROLES:
        buf_char(out, '{');
        for (size_t i = 0; i < actor->company_count; i++) {
            uuid_format(actor->companies[i].company, id);
            buf_printf(out, "%s\"%s\":", i ? "," : "", id);
            buf_json(out, actor->companies[i].role);
        }
        buf_char(out, '}');
        break;
    case ACTOR_MEMBERS:
        break;
    }
}

static void write_ids(struct ids ids, struct buf *out)
{
    char id[UUID_TEXT];

    buf_char(out, '[');
    for (size_t i = 0; i < ids.count; i++) {
        uuid_format(ids.at[i], id);
        buf_printf(out, "%s\"%s\"", i ? "," : "", id);
    }
    buf_char(out, ']');
}

static void write_fields(const char *prefix, const struct entity *entity, const void *row,
                         uint64_t which, struct buf *out)
{
    for (size_t i = 0; entity->fields[i].name; i++) {
        const struct field *field = &entity->fields[i];
        struct buf member;

        if (!(which >> i & 1u))
            continue;
        buf_init(&member, LIMIT_JSON_BODY);
        buf_char(&member, '{');
        if (!(field->flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)))
            json_write_field(field, row, &member); /* {"name":value */
        write_name(prefix, field->name, out);
        buf_text(out, "\":");
        size_t before = sizeof("{\"\":") - 1 + strlen(field->name);

        if (member.len <= before)
            buf_text(out, "null");
        else if (member.len - before > VALUE_MOST)
            buf_printf(out, "\"(%zu bytes)\"", member.len - before);
        else
            buf_put(out, member.at + before, member.len - before);
        buf_fini(&member);
    }
}

/* Without the closing quote: the caller may have more to add to the name. */
static void write_name(const char *prefix, const char *name, struct buf *out)
{
    buf_text(out, out->len > 1 ? ",\"" : "\"");
    buf_text(out, prefix);
    buf_text(out, name);
}
