/* Planted: the public header knows no library. */
#include <uv.h>
