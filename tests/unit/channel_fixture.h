/* Channel fixture: clients 1 … 6 of workspace 1: 1 to 5 are in company 1, 4 to 6 in company 2; 1 is managed by
 * staff 9, 2 is tagged "gold". Client 7 and company 3 are of workspace 2, with the ids of client 1 and
 * company 1.
 */
#ifndef FOYER_TESTS_CHANNEL_FIXTURE_H
#define FOYER_TESTS_CHANNEL_FIXTURE_H

#include "store/channel.h"
#include "store_fixture.h"

struct channels {
    struct store store;
    struct tx tx;
};
extern struct channels channels;

/* 'p': of a client, 'c': company, 's': staff. */
struct uuid channels_id(char kind, int number);
/* Opens the store and begins a job of workspace 1, as client 1. */
void channels_begin(void);
/* The rows must hold together; keeps the job and closes the store. */
void channels_end(void);
/* Begins another job; ends it. */
void channels_job(void);
void channels_keep(void);

/* What is wished for: the clients of "1 2 3", whose seqs it writes. Good until the next. */
struct channel channels_group(int64_t company, const char *numbers, int64_t *members);
struct channel channels_make(int64_t company, const char *numbers); /* a group */
struct channel channels_make_of(enum channel_kind kind, int64_t of);
/* "1 2": who is in the channel now; "none": it is gone. */
const char *channels_members(const struct channel *channel);
int64_t channels_rows(const char *sql);

#endif
