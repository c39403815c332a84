/* Piece: operations, worked off by the writer a small piece at a time.
 *
 * A piece is a write: it takes items of one operation until 5 ms of running are used up, or somebody else
 * waits for the writer, who then comes into the same batch. Operations take turns, and so do workspaces.
 * What an item did and its verdict are committed together, so after a crash the next start
 * goes on where it was. On the writer's thread.
 */
#ifndef FOYER_EXEC_PIECE_H
#define FOYER_EXEC_PIECE_H

#include "exec/batch.h"

struct pieces;
struct server;

/* Never NULL. server: borrowed. */
struct pieces *pieces_new(struct server *server);
void pieces_free(struct pieces *pieces); /* takes NULL */
/* A commit has left an operation that waits. */
void pieces_wake(struct pieces *pieces);
/* When the next piece may run (clock_monotonic); UINT64_MAX: there is none. */
uint64_t pieces_due(const struct pieces *pieces);
/* The next piece, as a write; NULL: there is none that may run now. Give it back with pieces_ran when it
 * is over. */
struct write *pieces_next(struct pieces *pieces, uint64_t now);
void pieces_ran(struct pieces *pieces, struct write *write, uint64_t now);

#endif
