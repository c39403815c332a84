/* Planted: the store knows nothing of the API. */
#include "api/clients.h"
