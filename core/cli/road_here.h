/* Road here: a row of api/command.h, run by the command itself under the folder's lock. */
#ifndef FOYER_CLI_ROAD_HERE_H
#define FOYER_CLI_ROAD_HERE_H

#include "cli/road.h"

/* False: why was said on stderr. */
bool road_here(struct road *road, struct str given, bool as_json, struct buf *out);

#endif
