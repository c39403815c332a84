/* Scratch: set by exec. */
#include "lua/scratch.h"

const struct scratch_calls *scratch_calls;
