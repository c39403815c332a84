/* Pages: the addresses that people open in a browser. */
#ifndef FOYER_API_PAGES_H
#define FOYER_API_PAGES_H

#include "http/route.h"

extern const struct route page_routes[];
extern const struct route sign_in_page_routes[];
extern const struct route account_page_routes[];
extern const struct route workspace_page_routes[];
extern const struct route asset_routes[];

#endif
