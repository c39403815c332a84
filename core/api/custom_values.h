/* Custom values: the `customFields` of a client or company, checked by the workspace's definitions. */
#ifndef FOYER_API_CUSTOM_VALUES_H
#define FOYER_API_CUSTOM_VALUES_H

#include "http/json.h"
#include "store/tx.h"

/* Checks `given` (a JSON object's text) by the definitions of entity ("client") and merges it over
 * `before`: an empty string, empty array or null clears; with `replace` nothing of before stays.
 * Faulty values fail tx as customFields.KEY, all at once. Gives the JSON text to keep. */
struct str custom_values_merge(struct tx *tx, const char *entity, struct str before,
                               struct str given, bool replace);

#endif
