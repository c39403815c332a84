/* Company: organizations that group clients, and the memberships in them. */
#ifndef FOYER_STORE_COMPANY_H
#define FOYER_STORE_COMPANY_H

#include "base/field.h"
#include "store/tx.h"

struct company {
    int64_t seq;
    struct uuid id;
    struct str name;
    bool is_placeholder;
    struct str fallback_color;
    int64_t created_at, updated_at;
};

/* Makes it; placeholder names are exempt from uniqueness. ST_CONFLICT: the name is taken. */
enum status company_create(struct tx *tx, struct company *company);
/* False: none of that id in this workspace. */
bool company_find(struct tx *tx, struct uuid id, struct company *company);
/* The only company that is no placeholder; false: there are none or several. */
bool company_find_only(struct tx *tx, struct company *company);

/* Makes the client's companies exactly these (in their order), with role member for new ones; keeps
 * clients.company_ids. A company that is not here: tx_fail_field on companyIds, ST_INVALID. */
enum status membership_set(struct tx *tx, int64_t client, struct ids companies);

#endif
