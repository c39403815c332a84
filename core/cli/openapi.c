/* foyer openapi: prints the description of the API, as /openapi.json serves it. */
#include "api/openapi.h"
#include "api/routes.h"
#include "base/limits.h"
#include "cli/options.h"

#include <stdio.h>

static int run(int argc, char **argv);

const struct command command_openapi = {
    .name = "openapi",
    .summary = "print openapi.json, the description of the API",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct router *router = NULL;
    struct buf out, error;
    int code = options_read(&command_openapi, argc, argv, NULL);

    if (code != EXIT_DONE)
        return code;
    buf_init(&out, LIMIT_REPLY_BODY);
    buf_init(&error, KIB(64));
    if (router_new(api_routes, &router, &error) == ST_OK) {
        openapi_write(router, NULL, &out);
        buf_char(&out, '\n');
        command_print(buf_view(&out));
        code = command_done(&command_openapi);
    } else {
        fprintf(stderr, "foyer openapi: %.*s", STR_ARG(buf_view(&error)));
        code = EXIT_FAILED;
    }
    router_free(router);
    buf_fini(&error);
    buf_fini(&out);
    return code;
}
