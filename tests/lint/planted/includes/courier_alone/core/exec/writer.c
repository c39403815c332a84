/* Planted: of exec/ only the courier knows libcurl. */
#include <curl/curl.h>
