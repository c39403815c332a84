/* Planted: a library that nobody decided on. */
#include <glib.h>
