/* Planted: libcurl is called by the table of mail/libcurl.h, which loads it. */
#include <curl/curl.h>
