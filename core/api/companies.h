/* Companies: their field table, and what a change of companies means for clients. */
#ifndef FOYER_API_COMPANIES_H
#define FOYER_API_COMPANIES_H

#include "base/field.h"
#include "http/route.h"
#include "store/company.h"
#include "store/membership.h"

extern const struct entity company_entity;
extern const struct entity membership_entity;
extern const struct route company_routes[];
extern const struct route membership_routes[];
extern const struct route company_bulk_routes[];

/* ST_NOT_FOUND companies_disabled where the workspace has none. */
enum status companies_are_on(struct tx *tx);
/* Loads a company that the actor may see at all. ST_NOT_FOUND. */
enum status company_visible(struct tx *tx, struct uuid id, struct company *company);

/* How many clients a step takes that runs in one request. */
enum { COMPANY_STEP = 500 };

/* One bounded step of deleting a company: its channels, then its clients, with message_channel.deleted, or
 * client.updated and an audit entry, for each (company_change.c). Gives how many it took; fewer than `most`:
 * the company is gone. What it made in the arena is given back, so that one transaction may take any number
 * of steps. */
size_t company_delete_step(struct tx *tx, const struct company *company, size_t most);
/* The same for clients without a company, where companies were switched on; *after begins at 0. */
size_t company_house_step(struct tx *tx, int64_t *after, size_t most);
/* Begins the operation that deletes a company of many clients, and answers 202 (company_bulk.c). */
enum status company_delete_many(struct tx *tx, const struct company *company, struct reply *rp);

/* Where companies were switched on by this change: gives placeholders to all who have none. */
enum status companies_switched(struct tx *tx, bool was_on, bool is_on);

#endif
