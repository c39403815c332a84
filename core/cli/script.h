/* Script: what the files of `foyer script` share. */
#ifndef FOYER_CLI_SCRIPT_H
#define FOYER_CLI_SCRIPT_H

#include "base/buf.h"

/* A unified diff; nothing where both are the same. */
void script_diff(struct str shipped, struct str copy, const char *name, struct buf *out);

#endif
