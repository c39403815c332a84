/* Deadline: until when a connection may stay as it is.
 *
 * All of one kind last equally long, so that each kind is a list in the order in which they end:
 * setting and clearing one costs a few pointers, and whoever looks sees at the heads alone. No timer
 * a connection: each loop has one tick. Belongs to one loop's thread.
 */
#ifndef FOYER_NET_DEADLINE_H
#define FOYER_NET_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

enum deadline_kind {
    DEADLINE_NONE,
    DEADLINE_IDLE,   /* nothing of a request has come */
    DEADLINE_HEADER, /* the header has begun */
    DEADLINE_BODY,   /* a window in which enough of the body must come */
    DEADLINE_WRITE,  /* a window in which some of the answer must go */
    DEADLINE_LINGER, /* the last answer is out; what the peer still sends is thrown away */
    DEADLINE_GONE,   /* the peer sends no more, and its answer is being made */
    DEADLINE_KINDS
};

struct deadline {
    struct deadline *previous, *next;
    uint64_t at; /* milliseconds of the loop's clock */
    enum deadline_kind kind;
};

struct deadlines {
    struct deadline heads[DEADLINE_KINDS]; /* rings */
    uint64_t milliseconds[DEADLINE_KINDS]; /* how long each kind lasts */
};

/* divisor makes all of them shorter (tests); 1 in earnest. */
void deadlines_init(struct deadlines *deadlines, unsigned divisor);
/* Takes the place of the one that was set. DEADLINE_NONE clears. */
void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum deadline_kind kind,
                  uint64_t now);
/* One that is over, cleared but for its kind; NULL: none is. */
struct deadline *deadline_due(struct deadlines *deadlines, uint64_t now);
/* The one of that kind that was set first; NULL: none. */
struct deadline *deadline_first(struct deadlines *deadlines, enum deadline_kind kind);
/* Milliseconds since it was set. */
uint64_t deadline_age(const struct deadlines *deadlines, const struct deadline *deadline,
                      uint64_t now);
/* How many bytes of a body must come in a DEADLINE_BODY window. */
uint64_t deadline_body_bytes(const struct deadlines *deadlines);

#endif
