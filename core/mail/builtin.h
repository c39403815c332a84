/* Builtin: plain English texts of the mails that Foyer itself owes, for when their render (scripts/)
 * fails: an invitation must go out even while somebody is breaking the script that words it.
 *
 * They never fail: whatever the facts hold, subject and text are fit for message_build.
 */
#ifndef FOYER_MAIL_BUILTIN_H
#define FOYER_MAIL_BUILTIN_H

#include "base/str.h"

struct arena;

struct builtin_facts {
    struct str workspace; /* its name */
    struct str given_name;
    struct str person;  /* who accepted */
    struct str inviter; /* absent: the workspace itself */
    struct str message; /* the inviter's own words */
    struct str expires; /* the day, "2026-12-07"; absent: not said */
    struct str link;    /* absent: none */
};

struct builtin {
    struct str subject, text;
};

/* render: "invite", "reset", "sign_in", "password_changed", "invite_accepted", "test"; for others it says
 * that there is news. Texts lie in the arena. */
struct builtin builtin_make(struct str render, const struct builtin_facts *facts,
                            struct arena *arena);

#endif
