/* Message channels: the field table, and what clients need of them. */
#ifndef FOYER_API_MESSAGE_CHANNELS_H
#define FOYER_API_MESSAGE_CHANNELS_H

#include "base/field.h"
#include "http/route.h"
#include "store/channel.h"
#include "store/client.h"
#include "store/workspace.h"

extern const struct entity message_channel_entity;
extern const struct route message_channel_routes[];

/* What a body means (channel_change.c): finds client, company and members, among those that the actor
 * sees, and leaves in *wish what channel_create and channel_find_same need. members: seqs of a group's,
 * in the order of its sorted member_ids. Faults fail tx. */
enum status channel_settle(struct tx *tx, struct channel *wish, int64_t **members);
/* ST_DENIED members_not_yours: somebody is in it, or would be, whom the actor does not see. */
enum status channel_own_members(struct tx *tx, const struct channel *channel);
/* What channel_settle does, for the new members of a group; ST_DENIED as above. */
enum status channel_settle_members(struct tx *tx, const struct channel *before,
                                   struct channel *wish, int64_t **members);

/* Event and audit entry of a channel that was made. */
void channel_record_new(struct tx *tx, const struct channel *channel);

/* Makes the channel that the workspace wants for a new client, whose companies are set (channel_follow.c).
 * Who may make the client need not be asked for it; where a filter rejects it, there is none. */
enum status channel_make_for(struct tx *tx, const struct workspace *workspace,
                             const struct client *client);

/* The channels of a client before it comes, moves or goes, and what became of them after it: an event for
 * each that changed or went. Whoever was not there (is made, was archived) has an empty watch; whoever is
 * there no more has no `after`. Of a company channel the event says who joined or left, not who is in it:
 * those may be ten thousand. */
struct channel_watch {
    struct channel *at;
    size_t count;
    struct uuid client;
    struct ids companies;
};
enum status channel_watch(struct tx *tx, const struct client *client, struct channel_watch *watch);
enum status channel_tell(struct tx *tx, const struct channel_watch *watch,
                         const struct client *after);
/* Deletes channels of a company that is being deleted, with an event for each. Gives how many; fewer than
 * `most`: it has none left. */
size_t channel_end_some(struct tx *tx, int64_t company, size_t most);

#endif
