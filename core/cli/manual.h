/* Manual: the page foyer(1), made from the tables of commands and settings. */
#ifndef FOYER_CLI_MANUAL_H
#define FOYER_CLI_MANUAL_H

/* Prints it as roff (man macros); gives the exit code. */
int manual_print(void);

#endif
