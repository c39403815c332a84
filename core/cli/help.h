/* Help: what is printed about commands, made from their tables. */
#ifndef FOYER_CLI_HELP_H
#define FOYER_CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* Prints the commands, or those of one subject; gives EXIT_DONE. */
int help_list(const char *subject);
int help_show(const struct command *command);
/* There is no such command: says on stderr what was probably meant. second may be NULL. EXIT_USAGE. */
int help_unknown(const char *first, const char *second);

/* "foyer key create --data DIR --name NAME [--json]", in lines of at most `width` columns. */
void help_synopsis(const struct command *command, size_t width, struct buf *out);

#endif
