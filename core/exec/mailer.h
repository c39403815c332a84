/* Mailer: how this server sends mail, out of its settings: as whom, by which server or into which
 * folder. For the courier and for `foyer mail test`. */
#ifndef FOYER_EXEC_MAILER_H
#define FOYER_EXEC_MAILER_H

#include "base/config.h"
#include "mail/smtp.h"

struct mailer {
    struct str from;    /* address, its domain in ASCII */
    struct str name;    /* beside it, where a workspace gives none; absent: none */
    struct str hello;   /* the name that is said to servers */
    struct str maildir; /* DATA/mail */
};

/* base_url: where no mail_from is set, mail comes from noreply@ its host. Texts lie in the arena. */
void mailer_read(const struct config *config, struct str base_url, struct arena *arena,
                 struct mailer *mailer);
/* All but watch, set_timer and context. Borrows from config and mailer. config->smtp_url is set. With
 * FOYER_TEST=1, FOYER_TEST_SMTP_SECONDS shortens what is waited for. */
void mailer_smtp_options(const struct config *config, const struct mailer *mailer,
                         struct smtp_options *options);
/* The address with its domain as it travels: in ASCII. Absent: it cannot stand in a mail. */
struct str mailer_wire_address(struct arena *arena, struct str address);

#endif
