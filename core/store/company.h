/* Company: organizations that group clients, and the memberships in them.
 *
 * A placeholder stands for "no company": it is made for one client, of its name, and goes by itself
 * once nobody is in it, unless somebody has changed it. Memberships one by one are membership.h.
 */
#ifndef FOYER_STORE_COMPANY_H
#define FOYER_STORE_COMPANY_H

#include "base/field.h"
#include "store/client.h"
#include "store/list.h"
#include "store/tx.h"

enum { COMPANIES_OF_CLIENT = 50 }; /* most that one client is in */

struct company {
    int64_t seq;
    struct uuid id;
    struct str name;
    bool is_placeholder;
    struct str icon_url, fallback_color;
    struct str description, website, address;
    struct uuid account_manager;
    struct texts tags;
    struct str custom_fields; /* JSON object */
    int64_t created_at, updated_at;
};

extern const struct list_columns company_columns;

/* Makes it; placeholder names are exempt from uniqueness. ST_CONFLICT name_taken, at `name`. */
enum status company_create(struct tx *tx, struct company *company);
/* False: none of that id in this workspace. */
bool company_find(struct tx *tx, struct uuid id, struct company *company);
enum status company_load(struct tx *tx, struct uuid id, struct company *company); /* ST_NOT_FOUND */
/* The only company that is no placeholder; false: there are none or several. */
bool company_find_only(struct tx *tx, struct company *company);
/* Writes every column of *company back. ST_CONFLICT name_taken, at `name`. */
enum status company_update(struct tx *tx, struct company *company);
/* Whether a client that is not archived has this company and no other. */
bool company_is_only_one(struct tx *tx, const struct company *company);
/* Whether so many clients are in it, archived ones too. */
bool company_has_more_than(struct tx *tx, const struct company *company, int64_t clients);

/* One page; up to limit + 1 rows. A search looks for each word of list->search in the name, newest
 * first: an index is walked, so it takes longer with the number of companies (0007_companies.sql). */
enum status company_list(struct tx *tx, const struct list *list, struct company **companies,
                         size_t *count);
int64_t company_count(struct tx *tx, const struct list *list);
bool company_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* Places a row for list_token. */
size_t company_sort_values(const struct tx *tx, const struct list *list,
                           const struct company *company, struct arg values[3]);

/* Puts a client that is being made into these, which its row names. A company that is not here fails as in
 * membership_set. */
enum status membership_begin(struct tx *tx, int64_t client, struct ids companies);
/* Makes the client's companies exactly these (in their order), with role member for new ones; keeps
 * clients.company_ids. Placeholders that it leaves go, as company_prune says. A company that is not
 * here: tx_fail_field on companyIds, ST_INVALID. */
enum status membership_set(struct tx *tx, int64_t client, struct ids companies);
/* Deletes the placeholder of this number if it is one, nobody ever changed it, and no client that is not
 * archived is in it. Archived ones lose it: who restores them gives them another. */
void company_prune(struct tx *tx, int64_t seq);
/* The same for every company of a client that was just archived. */
void company_prune_of(struct tx *tx, int64_t client);

/* Clients as they were, and as they are after a step of company_move.c. */
struct client_moves {
    struct client *before, *after;
    size_t count;
};

/* One bounded step of deleting a company, for whoever does it all in one transaction or in many: takes
 * at most `most` clients out of it; each that has no other gets a placeholder where is_housing. The row
 * itself goes with the last step. Gives how many were taken out: fewer than `most`, it is done. *moves
 * has those that are not archived. */
size_t company_delete_some(struct tx *tx, const struct company *company, bool is_housing,
                           size_t most, struct client_moves *moves);
/* One bounded step of giving a placeholder to each client that has no company: looks at `most` clients
 * above *after, and moves *after on. Gives how many it looked at: fewer than `most`, it is done. */
size_t company_house_some(struct tx *tx, int64_t *after, size_t most, struct client_moves *moves);

#endif
