/* Native_view: what functions of plugins look at, and noting that they did. */
#include "base/limits.h"
#include "base/nearest.h"
#include "plugin/choices.h"
#include "plugin/native_inside.h"

#include <string.h>

/* A row as it is shown in this call. */
struct shown {
    const struct entity *entity;
    const void *row;    /* NULL: there is none */
    const void *over;   /* fields of `given` are taken from here; NULL: all from row */
    uint64_t given;     /* of over */
    bool is_given_only; /* others are nil, and not there in the whole */
    uint64_t *reads;    /* NULL: is not noted */
};

static const struct foyer_value nil;

static const struct {
    const char *name; /* as Lua has it */
    unsigned kinds;
} objects[] = {
    [FOYER_CALL] = { "the call", NATIVE_HOOK },
    [FOYER_ACTOR] = { "actor", NATIVE_QUESTION },
    [FOYER_TARGET] = { "target", NATIVE_RULE | NATIVE_FILTER },
    [FOYER_INPUT] = { "input", NATIVE_RULE | NATIVE_FILTER },
    [FOYER_CHANGE] = { "change", NATIVE_FILTER },
    [FOYER_WORKSPACE] = { "workspace", NATIVE_RULE | NATIVE_FILTER | NATIVE_TRANSACTION },
    [FOYER_SETTINGS] = { "settings", NATIVE_HOOK },
    [FOYER_DATA] = { "data", NATIVE_RENDER },
    [FOYER_EVENT] = { "event", NATIVE_EVENT },
    [FOYER_ARGS] = { "args", NATIVE_TRANSACTION },
};

static int look(struct foyer_call *call, enum foyer_object object, const char *name,
                struct value *value);
static int look_at_call(struct foyer_call *call, const char *name, struct value *value);
static int look_at_actor(struct foyer_call *call, const char *name, struct value *value);
static struct value actor_member(const struct actor *actor, enum actor_member member,
                                 struct arena *arena);
static struct value company_ids(const struct actor *actor, struct arena *arena);
static struct value company_roles(const struct actor *actor, struct arena *arena);
static bool show(struct foyer_call *call, enum foyer_object object, struct shown *shown);
static int look_at_row(struct foyer_call *call, enum foyer_object object, const char *name,
                       struct value *value);
static int read_field(struct foyer_call *call, const struct shown *shown, size_t i,
                      struct value *value);
static bool is_shown(const struct shown *shown, size_t i);
static int unknown_field(struct foyer_call *call, const char *what, const struct shown *shown,
                         const char *name);
static int look_at_settings(struct foyer_call *call, const char *name, struct value *value);
static int look_at_member(struct foyer_call *call, const char *what, const struct value *object,
                          const char *name, struct value *value);
static int unknown(struct foyer_call *call, const char *what, const char *name,
                   const struct nearest *nearest);

int native_get(struct foyer_call *call, enum foyer_object object, const char *name,
               const struct foyer_value **value)
{
    struct value found = value_nil();
    int status;

    if (!value)
        return native_fault(call, FOYER_INVALID, "get: value must not be NULL");
    *value = &nil;
    if (object < FOYER_CALL || object > FOYER_ARGS)
        return native_fault(call, FOYER_INVALID, "get: there is no object %d", (int)object);
    status = native_here(call, objects[object].kinds, objects[object].name);
    if (status != FOYER_OK)
        return status;
    if (name && native_text_refusal(name, LIMIT_FIELD_NAME, &(size_t){ 0 }))
        return native_fault(call, FOYER_INVALID, "get: the name is too long, or no UTF-8");
    if (arena_is_exhausted(call->arena))
        return native_fault(call, FOYER_TOO_MUCH, "it reads more than a request has memory for");
    status = look(call, object, name, &found);
    if (status == FOYER_OK)
        *value = native_value_give(call->arena, &found);
    return status;
}

static int look(struct foyer_call *call, enum foyer_object object, const char *name,
                struct value *value)
{
    switch (object) {
    case FOYER_CALL:
        return look_at_call(call, name, value);
    case FOYER_ACTOR:
        return look_at_actor(call, name, value);
    case FOYER_SETTINGS:
        return look_at_settings(call, name, value);
    case FOYER_DATA:
    case FOYER_EVENT:
    case FOYER_ARGS:
        return look_at_member(call, objects[object].name, call->data, name, value);
    case FOYER_TARGET:
    case FOYER_INPUT:
    case FOYER_CHANGE:
    case FOYER_WORKSPACE:
        break;
    }
    return look_at_row(call, object, name, value);
}

static int look_at_call(struct foyer_call *call, const char *name, struct value *value)
{
    const struct subject *subject = call->question ? call->question->subject : NULL;
    struct value_member *members = arena_array(call->arena, struct value_member, 5);
    struct value whole = value_object(members, 5);

    members[0].name = STR("action");
    members[0].value = value_string(str_from(call->question ? call->question->action : NULL));
    members[1].name = STR("entity");
    members[1].value =
        value_string(str_from(subject && subject->entity ? subject->entity->name : NULL));
    members[2].name = STR("name");
    members[2].value = value_string(str_from(call->name));
    members[3].name = STR("locale");
    members[3].value = value_string(call->locale);
    members[4].name = STR("attempt");
    members[4].value = call->attempt ? value_integer(call->attempt) : value_nil();
    return look_at_member(call, "the call", &whole, name, value);
}

/* ---- The actor --------------------------------------------------------------------------------- */

static int look_at_actor(struct foyer_call *call, const char *name, struct value *value)
{
    const struct actor *actor = &call->tx->actor;
    struct value_member *members;
    struct nearest nearest;

    for (int i = 0; name && i < ACTOR_MEMBERS; i++)
        if (strcmp(actor_member_names[i], name) == 0) {
            call->question->reads.actor |= 1u << i;
            *value = actor_member(actor, (enum actor_member)i, call->arena);
            return FOYER_OK;
        }
    if (name) {
        nearest_init(&nearest, str_from(name));
        for (int i = 0; i < ACTOR_MEMBERS; i++)
            nearest_offer(&nearest, actor_member_names[i]);
        return unknown(call, "actor", name, &nearest);
    }
    members = arena_array(call->arena, struct value_member, ACTOR_MEMBERS);
    for (int i = 0; i < ACTOR_MEMBERS; i++) {
        members[i].name = str_from(actor_member_names[i]);
        members[i].value = actor_member(actor, (enum actor_member)i, call->arena);
    }
    call->question->reads.actor |= (1u << ACTOR_MEMBERS) - 1;
    *value = value_object(members, ACTOR_MEMBERS);
    return FOYER_OK;
}

static struct value actor_member(const struct actor *actor, enum actor_member member,
                                 struct arena *arena)
{
    switch (member) {
    case ACTOR_MEMBER_KIND:
        return value_string(str_from(actor_kind_name(actor->kind)));
    case ACTOR_MEMBER_ID:
        return native_value_of_id(actor->id, arena);
    case ACTOR_MEMBER_NAME:
        return value_string(actor->name);
    case ACTOR_MEMBER_EMAIL:
        return value_string(actor->email);
    case ACTOR_MEMBER_ROLE:
        return value_string(actor->role);
    case ACTOR_MEMBER_IS_OWNER:
        return value_bool(actor->is_owner);
    case ACTOR_MEMBER_MAY_OPERATE:
        return value_bool(actor->may_operate);
    case ACTOR_MEMBER_LIMITED_TO:
        return actor->is_limited ? native_value_of_ids(actor->limited_to, arena) : value_nil();
    case ACTOR_MEMBER_ROAD:
        return value_string(str_from(actor->road));
    case ACTOR_MEMBER_OWNER_ID:
        return native_value_of_id(actor->behalf_id, arena);
    case ACTOR_MEMBER_COMPANY_IDS:
        return company_ids(actor, arena);
    case ACTOR_MEMBER_COMPANY_ROLES:
        return company_roles(actor, arena);
    case ACTOR_MEMBERS:
        break;
    }
    return value_nil();
}

static struct value company_ids(const struct actor *actor, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, actor->company_count);

    for (size_t i = 0; i < actor->company_count; i++)
        items[i] = native_value_of_id(actor->companies[i].company, arena);
    return value_array(items, actor->company_count);
}

static struct value company_roles(const struct actor *actor, struct arena *arena)
{
    struct value_member *members = arena_array(arena, struct value_member, actor->company_count);

    for (size_t i = 0; i < actor->company_count; i++) {
        members[i].name = native_value_of_id(actor->companies[i].company, arena).string;
        members[i].value = value_string(actor->companies[i].role);
    }
    return value_object(members, actor->company_count);
}

int native_can(struct foyer_call *call, const char *permission, int *answer)
{
    int status = native_here(call, NATIVE_QUESTION, "can"), number;
    struct str name = STR_NONE;
    struct nearest nearest;

    if (answer)
        *answer = 0;
    if (status != FOYER_OK)
        return status;
    if (!answer)
        return native_fault(call, FOYER_INVALID, "can: answer must not be NULL");
    status = native_take_text(call, permission, LIMIT_FIELD_NAME, NATIVE_NULL_IS_WRONG,
                              "can: permission", &name);
    if (status != FOYER_OK)
        return status;
    number = permission_find(name);
    if (number < 0) {
        nearest_init(&nearest, name);
        for (int i = 0; i < PERMISSION_COUNT; i++)
            nearest_offer(&nearest, permission_names[i]);
        return unknown(call, "the list of permissions", name.at, &nearest);
    }
    call->question->reads.can |= UINT64_C(1) << number;
    *answer = actor_can(&call->tx->actor, (enum permission)number);
    return FOYER_OK;
}

int native_has_company_role(struct foyer_call *call, const char *company, const char *role,
                            int *answer)
{
    int status = native_here(call, NATIVE_QUESTION, "has_company_role");
    struct str id_name = STR_NONE, wanted = STR_NONE;
    const struct actor *actor;
    struct uuid id;

    if (answer)
        *answer = 0;
    if (status != FOYER_OK)
        return status;
    if (!answer)
        return native_fault(call, FOYER_INVALID, "has_company_role: answer must not be NULL");
    if (native_take_text(call, company, UUID_TEXT, NATIVE_NULL_IS_ABSENT,
                         "has_company_role: company", &id_name) != FOYER_OK ||
        native_take_text(call, role, LIMIT_FIELD_NAME, NATIVE_NULL_IS_WRONG,
                         "has_company_role: role", &wanted) != FOYER_OK)
        return FOYER_INVALID;
    call->question->reads.actor |= 1u << ACTOR_MEMBER_COMPANY_ROLES;
    if (str_is_absent(id_name))
        return FOYER_OK;
    if (!uuid_parse(id_name, &id))
        return native_fault(call, FOYER_INVALID, "has_company_role: company must be an id");
    actor = &call->tx->actor;
    for (size_t i = 0; i < actor->company_count; i++)
        if (uuid_eq(actor->companies[i].company, id) && str_eq(actor->companies[i].role, wanted))
            *answer = 1;
    return FOYER_OK;
}

/* ---- Rows -------------------------------------------------------------------------------------- */

/* False: the transaction has failed. What is being made is its own target. */
static bool show(struct foyer_call *call, enum foyer_object object, struct shown *shown)
{
    struct question *question = call->question;
    const struct subject *subject = question->subject;

    *shown = (struct shown){ .entity = subject ? subject->entity : NULL };
    switch (object) {
    case FOYER_WORKSPACE:
        shown->entity = &workspace_view;
        shown->row = question_workspace(question);
        shown->reads = &question->reads.workspace;
        return shown->row != NULL;
    case FOYER_CHANGE:
        shown->entity = call->entity;
        shown->row = call->row ? call->row : call->change;
        shown->over = call->change;
        shown->given = call->given;
        return true;
    case FOYER_TARGET:
        shown->reads = &question->reads.target;
        if (shown->entity)
            shown->row = subject->row ? subject->row : subject->change;
        return true;
    default:
        shown->reads = &question->reads.input;
        shown->is_given_only = true;
        if (shown->entity) {
            shown->row = subject->change;
            shown->given = subject->given;
        }
        return true;
    }
}

static int look_at_row(struct foyer_call *call, enum foyer_object object, const char *name,
                       struct value *value)
{
    struct value_member *members;
    struct shown shown;
    size_t count = 0;
    int status = FOYER_OK;

    if (!show(call, object, &shown))
        return native_fault(call, FOYER_FAILED, "the workspace cannot be read now");
    if (!shown.row || !shown.entity)
        return FOYER_OK;
    if (name) {
        int i = field_find(shown.entity, str_from(name));

        if (i < 0 || !is_shown(&shown, (size_t)i))
            return unknown_field(call, objects[object].name, &shown, name);
        return read_field(call, &shown, (size_t)i, value);
    }
    members = arena_array(call->arena, struct value_member, field_count(shown.entity));
    for (size_t i = 0; status == FOYER_OK && shown.entity->fields[i].name; i++) {
        if (!is_shown(&shown, i) || (shown.is_given_only && !(shown.given >> i & 1u)))
            continue;
        members[count].name = str_from(shown.entity->fields[i].name);
        status = read_field(call, &shown, i, &members[count++].value);
    }
    *value = value_object(members, count);
    return status;
}

static int read_field(struct foyer_call *call, const struct shown *shown, size_t i,
                      struct value *value)
{
    bool is_given = shown->given >> i & 1u;
    struct str reason = STR_NONE;

    if (shown->reads)
        *shown->reads |= UINT64_C(1) << i;
    if (!shown->is_given_only || is_given)
        reason = native_value_of_field(&shown->entity->fields[i],
                                       shown->over && is_given ? shown->over : shown->row,
                                       call->arena, value);
    if (str_is_absent(reason))
        return FOYER_OK;
    return native_fault(call, FOYER_FAILED, "%s cannot be read: %.*s",
                        shown->entity->fields[i].name, STR_ARG(reason));
}

static bool is_shown(const struct shown *shown, size_t i)
{
    return !(shown->entity->fields[i].flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT));
}

static int unknown_field(struct foyer_call *call, const char *what, const struct shown *shown,
                         const char *name)
{
    struct nearest nearest;

    nearest_init(&nearest, str_from(name));
    for (size_t i = 0; shown->entity->fields[i].name; i++)
        if (is_shown(shown, i))
            nearest_offer(&nearest, shown->entity->fields[i].name);
    return unknown(call, what, name, &nearest);
}

/* ---- Settings and data ------------------------------------------------------------------------- */

/* What plugin.json declares, as the workspace has set it. */
static int look_at_settings(struct foyer_call *call, const char *name, struct value *value)
{
    const struct plugin *plugin = call->instance->plugin;
    const struct manifest *manifest = plugin->manifest;
    size_t count = manifest ? manifest->declared_count : 0;
    struct value_member *members = arena_array(call->arena, struct value_member, count);
    struct value whole;

    for (size_t i = 0; i < count; i++) {
        const struct plugin_setting *setting = &manifest->declared[i];
        const struct value *chosen =
            call->tx ? choices_value(call->tx, plugin, setting->name) : NULL;

        members[i].name = setting->name;
        members[i].value = value_copy(call->arena, chosen ? chosen : &setting->otherwise);
    }
    whole = value_object(members, count);
    return look_at_member(call, "settings", &whole, name, value);
}

/* name NULL: the whole. A member that is not there is a mistake, but of data, whose members differ. */
static int look_at_member(struct foyer_call *call, const char *what, const struct value *object,
                          const char *name, struct value *value)
{
    const struct value *member = name ? value_get(object, str_from(name)) : object;
    struct nearest nearest;

    if (member) {
        *value = *member;
        return FOYER_OK;
    }
    if (object == call->data)
        return FOYER_OK;
    nearest_init(&nearest, str_from(name));
    for (size_t i = 0; i < object->object.count; i++)
        nearest_offer(&nearest, str_copy(call->arena, object->object.members[i].name).at);
    return unknown(call, what, name, &nearest);
}

static int unknown(struct foyer_call *call, const char *what, const char *name,
                   const struct nearest *nearest)
{
    if (nearest->word)
        return native_fault(call, FOYER_INVALID, "%s has no \"%s\": did you mean \"%s\"?", what,
                            name, nearest->word);
    return native_fault(call, FOYER_INVALID, "%s has no \"%s\"", what, name);
}
