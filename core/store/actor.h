/* Actor: who asks, as rules, scopes, audit and events see him.
 *
 * Loaded once a request from a key, a session or nothing; immutable afterwards.
 * Lives in the request's arena.
 */
#ifndef FOYER_STORE_ACTOR_H
#define FOYER_STORE_ACTOR_H

#include "base/field.h"
#include "base/status.h"

enum actor_kind { ACTOR_NOBODY, ACTOR_STAFF, ACTOR_CLIENT, ACTOR_KEY, ACTOR_PLUGIN, ACTOR_SYSTEM };

/* Permissions by name are a bit each; the names are the table permission_names (actor.c). */
enum permission {
    PERMISSION_VIEW_CLIENTS,
    PERMISSION_CREATE_CLIENTS,
    PERMISSION_EDIT_CLIENTS,
    PERMISSION_DELETE_CLIENTS,
    PERMISSION_INVITE_CLIENTS,
    PERMISSION_MANAGE_CLIENT_ORGANIZATIONS,
    PERMISSION_VIEW_STAFF,
    PERMISSION_MANAGE_STAFF,
    PERMISSION_VIEW_SETTINGS,
    PERMISSION_EDIT_SETTINGS,
    PERMISSION_VIEW_AUDIT,
    PERMISSION_VIEW_BILLING,
    PERMISSION_EDIT_BILLING,
    PERMISSION_VIEW_REQUESTS,
    PERMISSION_EDIT_REQUESTS,
    PERMISSION_VIEW_SERVICES,
    PERMISSION_EDIT_SERVICES,
    PERMISSION_VIEW_ASSIGNED_CLIENTS,
    PERMISSION_MANAGE_API_KEYS,
    PERMISSION_MANAGE_PLUGINS,
    PERMISSION_MANAGE_WEBHOOKS,
    PERMISSION_COUNT
};
extern const char *const permission_names[PERMISSION_COUNT + 1];
#define PERMISSIONS_ALL ((UINT64_C(1) << PERMISSION_COUNT) - 1)

struct company_role {
    struct uuid company;
    struct str role; /* admin, member, billing, viewer or an own one */
};

struct actor {
    enum actor_kind kind;
    struct uuid id;   /* of the internal user, client or key */
    struct str name;  /* for people: given and family name; keys: the key's name */
    struct str email; /* absent for keys */
    struct str role;  /* staff: the role's name; keys: their owner's, or "key" */
    uint64_t
        permissions; /* 1 << PERMISSION_… ; keys: scopes, at most what the owner has; owners: all */
    bool is_owner;
    bool is_limited; /* staff: only limited_to companies exist for him */
    struct ids limited_to;
    struct company_role *companies; /* client: memberships */
    size_t company_count;
    enum actor_kind behalf_kind; /* a key's owner; ACTOR_NOBODY: nobody */
    struct uuid behalf_id;
    struct uuid session; /* none: not by a session */
    const char *road;    /* "api", "session", "command", "link", "system" */
    bool may_operate;    /* operate_server: an operator flag on the login */
};

struct arena;
struct tx;

bool actor_can(const struct actor *actor, enum permission permission);
/* -1: no such permission */
int permission_find(struct str name);
/* The JSON array of names that columns keep, as bits and back; unknown names (of a newer program) are
 * passed over. */
uint64_t permissions_read(struct str json);
struct str permissions_json(struct arena *arena, uint64_t bits);
struct texts permissions_texts(struct arena *arena, uint64_t bits);
/* "internalUser", "client", "apiKey", "plugin", "nobody", "system" */
const char *actor_kind_name(enum actor_kind kind);

/* Finds who holds the key (its hash is looked up) or session and sets tx->workspace,
 * tx->workspace_id, tx->actor. ST_UNAUTHENTICATED: unknown, revoked, expired. Key text:
 * KEY, workspaceId/KEY or workspaceId/KEY/tokenId (the workspace must be the key's). */
enum status actor_load_by_key(struct tx *tx, struct str key_text);
enum status actor_load_by_session(struct tx *tx, struct str session_text);
/* As they will be seen at the next sign-in; for explain, renders and plugin calls. */
enum status actor_load_staff(struct tx *tx, struct uuid internal_user);
enum status actor_load_client(struct tx *tx, struct uuid client);
/* The same without failing: false when there is no such person, or no such good key, any more. */
bool actor_find_staff(struct tx *tx, struct uuid internal_user);
bool actor_find_client(struct tx *tx, struct uuid client);
bool actor_find_key(struct tx *tx, struct uuid key);

#endif
