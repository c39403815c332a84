/* Message: one mail as the bytes that travel (RFC 5322, MIME), made by hand and not by libcurl.
 *
 * By hand, because the same bytes go to a server and into the maildir, because a second try must send
 * the same bytes as the first (boundary and Message-ID come from the mail's id, the date is when
 * it was owed), and because every value that enters a header is looked at in one place. Bodies are
 * quoted-printable, so that any server takes them. Not here: who gets what (exec/courier), and how
 * it travels (smtp, maildir).
 */
#ifndef FOYER_MAIL_MESSAGE_H
#define FOYER_MAIL_MESSAGE_H

#include "base/buf.h"
#include "base/status.h"
#include "base/uuid.h"

struct arena;

struct message {
    struct uuid id;        /* of the mail: the same on every try */
    int64_t date;          /* when it was owed, microseconds UTC */
    struct str from_name;  /* the workspace's; absent: none */
    struct str from;       /* address, its domain in ASCII */
    struct str to;         /* address, its domain in ASCII */
    struct str language;   /* "de"; absent, or no word: not said */
    struct str request_id; /* X-Request-Id; absent, or no word: not said */
    struct str subject;
    struct str text;
    struct str html; /* absent: text alone */
};

/* Appends the message, lines ended by CRLF, to out. ST_OK; ST_INVALID: CR, LF, NUL or another control
 * character in a header, broken UTF-8, an empty subject or text; ST_TOO_LARGE: the ceiling of out.
 * *why is a literal that says which, else untouched. */
enum status message_build(const struct message *message, struct buf *out, const char **why);
/* "UUID@DOMAIN" of from; without the angle brackets. */
struct str message_id(struct arena *arena, struct uuid id, struct str from);

/* May it stand in an envelope and a header? local@domain, no blanks, controls, quotes or brackets (but
 * for an address literal as domain), at most LIMIT_EMAIL_BYTES. Its domain need not exist. */
bool message_address_is_good(struct str address);
/* Splits "Name <address>" or "address"; false: neither, or no good address. Borrows; name may become
 * absent. */
bool message_split_address(struct str text, struct str *name, struct str *address);

#endif
