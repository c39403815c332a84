/* Reads: what the rules of one question looked at, and how that is shown.
 *
 * A bit a name: noting costs nothing, and the JSON is written only when somebody wants it (a denial,
 * an error, a sampled allow, explain). Also what rules see of actor and workspace, as tables.
 */
#ifndef FOYER_POLICY_READS_H
#define FOYER_POLICY_READS_H

#include "policy/policy.h"
#include "store/workspace.h"

/* ctx.actor.NAME */
enum actor_member {
    ACTOR_MEMBER_KIND,
    ACTOR_MEMBER_ID,
    ACTOR_MEMBER_NAME,
    ACTOR_MEMBER_EMAIL,
    ACTOR_MEMBER_ROLE,
    ACTOR_MEMBER_IS_OWNER,
    ACTOR_MEMBER_MAY_OPERATE,
    ACTOR_MEMBER_LIMITED_TO,
    ACTOR_MEMBER_COMPANY_IDS,
    ACTOR_MEMBER_ROAD,
    ACTOR_MEMBER_OWNER_ID,
    ACTOR_MEMBER_COMPANY_ROLES, /* has_company_role */
    ACTOR_MEMBERS
};
extern const char *const actor_member_names[ACTOR_MEMBERS + 1];

/* ctx.workspace: settings of the workspace under the names that rules use. */
extern const struct entity workspace_view;

struct reads {
    uint32_t actor;     /* 1 << ACTOR_MEMBER_… */
    uint64_t can;       /* 1 << PERMISSION_…: actor:can() */
    uint64_t target;    /* 1 << index of the field */
    uint64_t input;     /* same */
    uint64_t workspace; /* 1 << index in workspace_view */
};

/* A JSON object of names and values: {"actor:can(view_clients)":true,"target.companyId":"…"}.
 * workspace may be NULL: nothing of it was read. At most LIMIT_DECISION_READS bytes, in the arena. */
struct str reads_json(const struct reads *reads, const struct actor *actor,
                      const struct workspace *workspace, const struct subject *subject,
                      struct arena *arena);

#endif
