/* Role: a set of named permissions that staff hold. Owners hold all, and one of them always stays. */
#ifndef FOYER_STORE_ROLE_H
#define FOYER_STORE_ROLE_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

struct role {
    int64_t seq;
    struct uuid id;
    struct str name, description;
    struct texts permissions; /* in the order of enum permission; of owners all */
    bool is_owner;            /* owns the workspace */
    bool is_preset;           /* came with the workspace */
    int64_t holders;          /* staff who have it */
    int64_t created_at, updated_at;
};

extern const struct list_columns role_columns;

/* The presets of a new workspace. */
void role_create_presets(struct tx *tx);
/* Takes permissions from the names. ST_CONFLICT name_taken. */
enum status role_create(struct tx *tx, struct role *role);
enum status role_load(struct tx *tx, struct uuid id, struct role *role);
/* The same without failing: by id, or by name (whatever its case). */
bool role_find(struct tx *tx, struct uuid id, struct role *role);
bool role_find_by_name(struct tx *tx, struct str name, struct role *role);
/* Writes name, description, permissions and is_owner. ST_CONFLICT name_taken; ST_UNPROCESSABLE last_owner,
 * owner_role_fixed. */
enum status role_update(struct tx *tx, struct role *role);
/* Keeps the row, frees the name. ST_CONFLICT role_in_use; ST_UNPROCESSABLE owner_role_fixed. */
enum status role_remove(struct tx *tx, const struct role *role);
enum status role_list(struct tx *tx, const struct list *list, struct role **roles, size_t *count);
size_t role_sort_values(const struct tx *tx, const struct list *list, const struct role *role,
                        struct arg values[3]);
/* The permissions as bits; sets *unknown to the first name that is none. */
uint64_t role_bits(struct texts names, struct str *unknown);
/* What the schema refused for the sake of owners is said so that one knows what to do. */
enum status role_explain(struct tx *tx);

#endif
