/* Planted: a plugin that reaches into the server. */
#include "store/tx.h"
