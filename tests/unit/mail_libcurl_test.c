/* Libcurl: it is not there before somebody needs it. */
#include "mail/libcurl.h"

#include "harness.h"

#include <dlfcn.h>

static bool is_loaded(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOLOAD | RTLD_LAZY);

    if (library)
        dlclose(library);
    return library != NULL;
}

TEST(libcurl_is_loaded_by_whoever_first_needs_it)
{
    CURL *easy;
    long status = -1;

    CHECK(!is_loaded());
    CHECK(!libcurl_load());
    CHECK(is_loaded());
    CHECK(!libcurl_load());
    easy = libcurl.easy_init();
    CHECK(easy != NULL);
    CHECK_INT(libcurl.easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1/"), CURLE_OK);
    CHECK_INT(libcurl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status), CURLE_OK);
    CHECK_INT(status, 0);
    libcurl.easy_cleanup(easy);
}
