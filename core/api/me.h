/* Me: the answer about the person who is signed in, shared by whoever signs somebody in. */
#ifndef FOYER_API_ME_H
#define FOYER_API_ME_H

#include "http/route.h"
#include "store/tx.h"

extern const struct route me_routes[];

/* Writes GET /v1/me of tx->actor. */
enum status reply_me(struct tx *tx, struct reply *rp);

#endif
