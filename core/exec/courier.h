/* Courier: the one thread that speaks with other servers: it takes mails out of the outbox and hands them on,
 * and fetches for scripts.
 *
 * Woken when a commit owes a mail, when one is due, and at start where one was owed before. It reads what is owed on a connection
 * of its own, has it worded by the scripts (its own slot of the host), and gives it to the mail server
 * (mail/smtp) or puts it into the maildir. What became of it is written by the writer.
 *
 * A mail counts as owed until its result is committed. So a crash loses none; those that the server
 * had taken already, at most LIMIT_MAIL_IN_FLIGHT, go out once more with the same Message-ID.
 */
#ifndef FOYER_EXEC_COURIER_H
#define FOYER_EXEC_COURIER_H

#include "base/config.h"
#include "base/failure.h"

#include <stddef.h>

struct courier;
struct fetch;
struct host;
struct scratch;
struct writer;

/* All borrowed until courier_close. */
struct courier_options {
    const struct config *config;
    const char *database;      /* its file */
    const uint8_t *server_key; /* of links */
    struct host *host;
    size_t slot;
    struct writer *writer;
    bool is_owed;            /* something was, before the start; else it looks when it is woken */
    struct scratch *scratch; /* takes the mails; NULL: they are sent */
};

/* No thread runs yet. ST_UNAVAILABLE: failure says what is wrong. */
enum status courier_open(const struct courier_options *options, struct courier **courier,
                         struct failure *failure, struct arena *arena);
/* Once the base URL (api/site.h) is known, and while the writer takes writes. ST_UNAVAILABLE: no thread,
 * or no libcurl; it was logged. */
enum status courier_start(struct courier *courier);
/* There may be new mails; any thread, from courier_open to courier_close. Takes NULL. */
void courier_wake(struct courier *courier);
/* Takes nothing new, gives what is on its way five seconds, and ends the thread. The writer must still
 * take writes. Takes NULL, and one that never started. */
void courier_stop(struct courier *courier);
void courier_close(struct courier *courier); /* takes NULL; stopped */

/* Instead of courier_start and its thread, by the caller: the first before all else, the second hands over what is
 * due. *next: when a mail will be due; 0: not known. False: nothing was done. (courier_scratch.c) */
void courier_begin(struct courier *courier);
bool courier_work(struct courier *courier, int64_t *next);

/* Any thread, between courier_start and courier_stop: takes a request (exec/courier_fetch.h) until its done,
 * on the courier's thread. */
void courier_fetch(struct courier *courier, struct fetch *fetch);
/* It is done soon, with an error; it may be done already, and must be there still. */
void courier_give_up(struct courier *courier, struct fetch *fetch);

/* For /metrics; any thread. */
struct courier_figures {
    uint64_t sent, deferred, refused, cancelled; /* tries that ended so since the start */
    uint64_t fallbacks;                          /* mails that got the built-in text */
    uint64_t in_flight;
};
void courier_figures(const struct courier *courier, struct courier_figures *figures);
struct fetch_figures;
void courier_fetch_figures(const struct courier *courier, struct fetch_figures *figures);

#endif
