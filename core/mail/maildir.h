/* Maildir: where mails go while no server is configured: DATA/mail/{tmp,new,cur}.
 *
 * A file is named after its mail, and ends in .eml so that any program of mail opens it. It appears
 * in new/ whole and durable, or not at all; writing the same mail again puts the same file in
 * the same place.
 */
#ifndef FOYER_MAIL_MAILDIR_H
#define FOYER_MAIL_MAILDIR_H

#include "base/failure.h"
#include "base/uuid.h"

struct arena;

/* folder: DATA/mail; made where it is missing. ST_OK, or what file_explain says. */
enum status maildir_put(const char *folder, struct uuid id, struct str bytes,
                        struct failure *failure, struct arena *arena);

#endif
