/* Change: what a filter answered, whatever runs it: fields put into the change by the field table, or a
 * rejection.
 */
#ifndef FOYER_PLUGIN_CHANGE_H
#define FOYER_PLUGIN_CHANGE_H

#include "base/field.h"
#include "base/status.h"
#include "base/value.h"

struct tx;

/* is_new: what is being made; else only fields that may be changed may be given. False: *reason says
 * which field, and why; *change may be half done. */
bool change_apply(const struct value *fields, const struct entity *entity, bool is_new,
                  void *change, uint64_t *given, struct arena *arena, struct str *reason);
/* Fails the transaction with ST_UNPROCESSABLE, which is given, and the code, at the field unless that is
 * absent. Borrows the texts, which lie in the transaction's arena. */
enum status change_reject(struct tx *tx, struct str code, struct str message, struct str field);

#endif
