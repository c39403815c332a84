/* Planted: an example that reaches into the server. */
#include "plugin/native.h"
