/* Api keys: the field table of API keys. */
#ifndef FOYER_API_API_KEYS_H
#define FOYER_API_API_KEYS_H

#include "base/field.h"
#include "http/route.h"
#include "store/key.h"

extern const struct entity api_key_entity;
extern const struct route api_key_routes[];

#endif
