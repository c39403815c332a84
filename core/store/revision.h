/* Revision: which text of a script was put when, and by whom. Of the server, not of a workspace. */
#ifndef FOYER_STORE_REVISION_H
#define FOYER_STORE_REVISION_H

#include "store/tx.h"

/* The text is in force from now on; the one that was is marked as replaced. */
enum status revision_insert(struct tx *tx, struct str name, struct str source);

#endif
