/* Libcurl: finding the library and its functions. */
#include "mail/libcurl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct libcurl libcurl;

const char *libcurl_load(void)
{
    static const char *const names[] = {
#define LIBCURL_NAME(name) "curl_" #name,
        LIBCURL_FUNCTIONS(LIBCURL_NAME)
    };
    static bool is_loaded;
    static char fault[512];
    void *functions[sizeof(names) / sizeof(names[0])];
    void *library;

    _Static_assert(sizeof(functions) == sizeof(libcurl), "a table of functions, and nothing else");
    if (is_loaded)
        return NULL;
    /* The name of its ABI since 2006. */
    library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(fault, sizeof(fault), "libcurl cannot be loaded, install it (libcurl4): %s",
                 dlerror());
        return fault;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        functions[i] = dlsym(library, names[i]);
        if (functions[i])
            continue;
        snprintf(fault, sizeof(fault), "libcurl is too old, it has no %s", names[i]);
        dlclose(library);
        return fault;
    }
    /* POSIX: what dlsym gives may be a function. */
    memcpy(&libcurl, functions, sizeof(libcurl));
    if (libcurl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return "libcurl cannot be started";
    is_loaded = true;
    return NULL;
}
