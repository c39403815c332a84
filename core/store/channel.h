/* Channel: where staff and clients write to each other; rows of `message_channels`.
 *
 * The members of a group are rows; who is in a company channel is said by the memberships, and is read
 * with it. Whoever leaves the company or is archived leaves its groups: the schema sees to it.
 */
#ifndef FOYER_STORE_CHANNEL_H
#define FOYER_STORE_CHANNEL_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

enum channel_kind { CHANNEL_INDIVIDUAL, CHANNEL_GROUP, CHANNEL_COMPANY };

struct channel {
    int64_t seq;
    struct uuid id;
    int kind;                /* enum channel_kind */
    int64_t client, company; /* seqs; of an individual channel, of the others */
    struct uuid client_id, company_id;
    struct uuid entity_id; /* client_id or company_id */
    struct ids
        member_ids; /* sorted; of a company as they were made, the first LIMIT_CHANNEL_SHOWN */
    int64_t member_count;
    int64_t last_message_at; /* 0: none yet */
    int64_t created_at, updated_at;
};

extern const struct list_columns channel_columns;

/* Makes it. Needs kind, client or company (both seq and id), of a group member_ids and, in the same
 * order, their seqs. ST_CONFLICT: it is there (channel_find_same looks first); ST_UNPROCESSABLE
 * too_many_groups. */
enum status channel_create(struct tx *tx, struct channel *channel, const int64_t *members);
/* Makes the client of an individual channel its member. */
void channel_set_one(struct tx *tx, struct channel *channel);
/* The one that is the same: of this client, of this company, of these members in this company. */
bool channel_find_same(struct tx *tx, const struct channel *wish, struct channel *same);
/* With its members. Individual ones of archived clients are not there, nor any but individual ones
 * where companies are off. ST_NOT_FOUND. */
enum status channel_load(struct tx *tx, struct uuid id, struct channel *channel);
bool channel_find_by_seq(struct tx *tx, int64_t seq, struct channel *channel); /* without failing */
/* Makes the members of a group exactly these. ST_CONFLICT: another group has them;
 * ST_UNPROCESSABLE too_many_groups. */
enum status channel_set_members(struct tx *tx, struct channel *channel, struct ids ids,
                                const int64_t *members);
/* Notes that its members changed by themselves. False: it is gone. */
bool channel_touch(struct tx *tx, struct channel *channel);
/* Of a group. ST_NOT_FOUND. */
enum status channel_delete(struct tx *tx, const struct channel *channel);

/* One page: at most limit rows, and fewer where they have more than LIMIT_PAGE_MEMBERS together; *more:
 * others follow. Without with_members company channels come without theirs. */
enum status channel_list(struct tx *tx, const struct list *list, bool with_members,
                         struct channel **channels, size_t *count, bool *more);
bool channel_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* Places a row for list_token. */
size_t channel_sort_values(const struct list *list, const struct channel *channel,
                           struct arg values[2]);
/* What may change or go with a client: its individual channel, its groups, the channels of its companies
 * (those without their members), and all groups of a placeholder, which may go with it. */
enum status channel_list_of(struct tx *tx, int64_t client, struct channel **channels,
                            size_t *count);
/* The channel of a whole company, without its members. False: it has none. */
bool channel_find_of_company(struct tx *tx, struct uuid company, struct channel *channel);
/* Deletes channels of a company, whatever their kind, the oldest first, and gives them as they were.
 * Fewer than `most`: it has none left. */
enum status channel_delete_some(struct tx *tx, int64_t company, size_t most,
                                struct channel **channels, size_t *count);

/* seqs[i] of each of `ids` that is a client of the scope, and not archived; 0 of others. */
enum status channel_clients(struct tx *tx, struct ids ids, const struct scope *scope,
                            int64_t *seqs);
/* Whether somebody is in the channel, or in the company that one is wished for, who is not in the scope. */
bool channel_has_others(struct tx *tx, const struct channel *channel, const struct scope *scope);
/* How many of the clients are in the company. */
size_t channel_count_in(struct tx *tx, const int64_t *clients, size_t count, int64_t company);
/* A company of the scope that all clients share. Gives how many there are, 2 for several. */
int channel_shared_company(struct tx *tx, const int64_t *clients, size_t count,
                           const struct scope *scope, int64_t *company, struct uuid *id);
/* False: there is none of that id in the scope; *company is 0 where there is none at all. */
bool channel_company(struct tx *tx, struct uuid id, const struct scope *scope, int64_t *company);

#endif
