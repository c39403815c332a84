/* Internal users: the field table of staff, shared by whoever answers a member of staff. */
#ifndef FOYER_API_INTERNAL_USERS_H
#define FOYER_API_INTERNAL_USERS_H

#include "base/field.h"
#include "http/route.h"
#include "store/staff.h"

extern const struct entity internal_user_entity;
extern const struct route internal_user_routes[];

/* Fills inviteUrl in where the actor may internal_user.invite and there is an open invite. */
void staff_show_link(struct tx *tx, struct internal_user *user);

/* staff_change.c: what a change means. Faults fail tx. */

/* Finds the role that wish names by role or roleId, and fills in what it gives; *given gets the bits of all
 * that follows from it, so that rules see it. */
enum status staff_take_role(struct tx *tx, struct internal_user *wish, uint64_t *given);
/* Runs the filters of a hook; they may choose another role. */
enum status staff_filter(struct tx *tx, const char *hook, const struct internal_user *before,
                         struct internal_user *wish, uint64_t *given);
/* Limits and role must fit each other. */
enum status staff_settle(struct tx *tx, struct internal_user *user, uint64_t given);
/* Whether what he may, or where, differs. */
bool staff_has_other_rights(const struct internal_user *before, const struct internal_user *after);
/* Asks internal_user.invite, runs the filters of invite.create and mails the invitation. */
enum status staff_invite(struct tx *tx, const struct internal_user *user);
/* Is it the actor himself, or whom the key that asks acts for? */
bool staff_is_actor(const struct tx *tx, struct uuid id);
/* Event and audit entry. before NULL: is new; after NULL: is gone. */
enum status staff_record(struct tx *tx, const char *event, const char *action,
                         const struct internal_user *before, const struct internal_user *after);

#endif
