/* Exec_notes: routes and rules made to show what exec does with a route. They serve notes: a number
 * and a text, in the table of exec_folder.h. */
#ifndef FOYER_TESTS_EXEC_NOTES_H
#define FOYER_TESTS_EXEC_NOTES_H

#include "http/route.h"

extern const struct route *const exec_note_tables[];
/* The text of a permissions.lua: n = 7 exists for nobody, n = 8 may be read and not changed. */
extern const char exec_note_rules[];

/* How often .write of POST /v1/notes ran, and .work of POST /v1/work. */
int exec_note_writes(void);
int exec_note_works(void);

#endif
