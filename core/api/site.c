/* Site: the one value. */
#include "api/site.h"

struct site site;

struct str site_link(struct arena *arena, const char *path, struct str last)
{
    return str_printf(arena, "%.*s%s%.*s", STR_ARG(site.base_url), path, STR_ARG(last));
}
