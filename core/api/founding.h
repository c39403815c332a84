/* Founding: a workspace with its owner, an API key and a way in: for `foyer init` and `workspace create`. */
#ifndef FOYER_API_FOUNDING_H
#define FOYER_API_FOUNDING_H

#include "base/buf.h"
#include "store/staff.h"
#include "store/tx.h"
#include "store/workspace.h"

struct founding {
    struct str name, email;
    struct str password_hash; /* absent: by link */
    struct str base_url;      /* what the link begins with, without a slash at its end */
    bool has_demo;
    bool may_operate; /* the owner runs the server */

    /* Filled in by founding_make. */
    struct workspace workspace;
    struct internal_user owner;
    struct str api_key; /* told this once */
    struct str link;    /* where the owner comes in; absent: by the password that was given */
};

/* ST_INVALID, with all faulty fields: "workspace", "email". */
enum status founding_check(const struct founding *founding, struct arena *arena,
                           struct failure *failure);
/* Writing: all of it, in one transaction, whose workspace it becomes. An owner whose address was proved
 * elsewhere on this server keeps that login: his link is the sign-in page, and a password is refused
 * (ST_CONFLICT). */
enum status founding_make(struct tx *tx, struct founding *founding);
/* `workspace: ID`, `owner: EMAIL`, `api_key: KEY`, `sign_in: LINK`; or one JSON object. */
void founding_put(const struct founding *founding, bool as_text, struct buf *out);

#endif
