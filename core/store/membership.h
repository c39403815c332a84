/* Membership: one client's place in one company, with its role there.
 *
 * Which companies a client is in is membership_set (company.h); here are the roles.
 */
#ifndef FOYER_STORE_MEMBERSHIP_H
#define FOYER_STORE_MEMBERSHIP_H

#include "base/field.h"
#include "store/tx.h"

struct membership {
    struct uuid client_id, company_id;
    struct str company_name;
    bool is_placeholder; /* the company is one */
    struct str role;     /* admin, member, billing, viewer or an own one */
    int64_t created_at;
};

/* False: the client is not in the company. */
bool membership_find(struct tx *tx, struct uuid client, struct uuid company,
                     struct membership *membership);
/* All of a client that is not archived, in the order of its companyIds; at most COMPANIES_OF_CLIENT. */
enum status membership_list(struct tx *tx, struct uuid client, struct membership **memberships,
                            size_t *count);
/* Writes the role of a membership that is there. ST_NOT_FOUND. */
enum status membership_set_role(struct tx *tx, const struct membership *membership);
/* Lower-case letters, digits, '_' and '-': so that "Admin" is told, and is no role of its own. */
bool membership_is_role(struct str role);

#endif
