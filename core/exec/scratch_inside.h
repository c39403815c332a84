/* Scratch_inside: a server by hand, as its files know it.
 *
 *   scratch.c        its folder, opening and closing it, what takes its mails and fetches
 *   scratch_run.c    requests, transactions, and running what is due
 *   scratch_look.c   what tests look at
 */
#ifndef FOYER_EXEC_SCRATCH_INSIDE_H
#define FOYER_EXEC_SCRATCH_INSIDE_H

#include "base/arena.h"
#include "base/log.h"
#include "exec/courier_fetch.h"
#include "exec/scratch.h"
#include "exec/server.h"
#include "lua/scratch.h"

struct mail;
struct message;

enum { COMPLAINTS_MOST = 5 };

/* Texts in the scratch's arena. */
struct scratch_kept_mail {
    struct scratch_kept_mail *next; /* newer */
    int64_t workspace;
    struct str to, from, render, locale, subject, text, html;
    int64_t at;
};
struct scratch_kept_line {
    struct scratch_kept_line *next; /* newer */
    struct str json;
};

struct scratch {
    struct server server;
    struct config config;
    bool is_open;
    struct arena arena;                    /* of what is kept below */
    char path[4200];                       /* of its data folder */
    struct fetch *fetches[LIMIT_HANDLERS]; /* that wait, oldest first */
    size_t fetch_count;
    struct scratch_kept_mail *mails, **last_mail;
    struct scratch_kept_line *lines, **last_line;
    size_t line_count;
    struct str complaints[COMPLAINTS_MOST]; /* warnings and errors of its log */
    size_t complaint_count;
    int64_t now;
    uint64_t began;  /* monotonic: of this run */
    uint64_t rounds; /* of it */
    uint64_t tried;  /* tries of handlers before it */
    struct job *job; /* the request that is under way; NULL: none is */
    bool is_answered;
    uint32_t workspaces; /* that were made */
};

/* ---- scratch.c: for those who would send ---- */
void scratch_fetch(struct scratch *scratch, struct fetch *fetch);
void scratch_mail(struct scratch *scratch, const struct mail *mail, const struct message *message);
void scratch_fix_chance(uint32_t workspace); /* 0: before there is one */
void scratch_set_sources(struct host_options *host);

/* ---- scratch_run.c ---- */
bool scratch_found(struct scratch *scratch, struct str name, struct scratch_place *place,
                   struct arena *arena, struct str *why);
bool scratch_hire(struct scratch *scratch, const struct scratch_place *place,
                  struct scratch_hired *hired, struct arena *arena, struct str *why);
bool scratch_sign_in(struct scratch *scratch, const struct scratch_place *place,
                     enum actor_kind kind, struct uuid id, struct arena *arena, struct str *why);
enum scratch_progress scratch_request(struct scratch *scratch, const struct scratch_asked *asked,
                                      struct arena *arena, struct scratch_reply *reply,
                                      struct scratch_fetch *fetch);
enum scratch_progress scratch_reply(struct scratch *scratch, struct arena *arena,
                                    struct scratch_reply *reply, struct scratch_fetch *fetch);
bool scratch_transaction(struct scratch *scratch, const struct scratch_place *place,
                         struct str plugin, struct str name, struct str args, struct arena *arena,
                         struct str *result, struct str *why);
enum scratch_progress scratch_run(struct scratch *scratch, int64_t until, bool goes_on,
                                  struct scratch_fetch *fetch);
void scratch_answer(struct scratch *scratch, const struct scratch_fetched *fetched);
/* Everything that was handed on comes back. */
void scratch_drain(struct scratch *scratch);

/* ---- scratch_look.c ---- */
void scratch_look(struct scratch *scratch, enum scratch_sight sight,
                  const struct scratch_place *place, struct buf *out);
void scratch_kept(struct scratch *scratch, const struct scratch_place *place, struct str plugin,
                  struct buf *out);
void scratch_trouble(struct scratch *scratch, struct buf *out);
/* log_taker; context is the scratch. */
void scratch_log(void *context, enum log_level level, const char *msg,
                 const struct log_field *fields, size_t count);

#endif
