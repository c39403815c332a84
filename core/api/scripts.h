/* Scripts: the files of rules, mails and pages, as operators read and change them. */
#ifndef FOYER_API_SCRIPTS_H
#define FOYER_API_SCRIPTS_H

#include "base/field.h"
#include "http/route.h"

extern const struct entity script_entity;
extern const struct route script_routes[];

#endif
