/* Custom field: the definitions of the fields that a workspace adds to clients and companies. */
#ifndef FOYER_STORE_CUSTOMFIELD_H
#define FOYER_STORE_CUSTOMFIELD_H

#include "base/field.h"
#include "store/tx.h"

enum custom_type {
    CUSTOM_TEXT,
    CUSTOM_EMAIL,
    CUSTOM_URL,
    CUSTOM_NUMBER,
    CUSTOM_PHONE,
    CUSTOM_ADDRESS,
    CUSTOM_MULTI_SELECT
};
extern const char *const custom_type_names[]; /* ends with NULL */

struct custom_field {
    int64_t seq;
    struct uuid id;
    int entity;     /* index into custom_entity_names */
    struct str key; /* name in customFields */
    struct str name;
    int type; /* enum custom_type */
    int64_t place;
    struct str options; /* JSON array [{id, key, label, color}] */
    int64_t created_at, updated_at;
};
extern const char *const custom_entity_names[]; /* "client", "company", NULL */

enum { CUSTOM_FIELDS_MOST = 100, CUSTOM_OPTIONS_MOST = 200 };

/* Every definition of the entity ("client"), or of all with NULL, in the order of display. */
enum status custom_field_all(struct tx *tx, const char *entity, struct custom_field **fields,
                             size_t *count);
enum status custom_field_load(struct tx *tx, struct uuid id, struct custom_field *field);
/* ST_CONFLICT key_taken; ST_UNPROCESSABLE too_many (100 of an entity). */
enum status custom_field_create(struct tx *tx, struct custom_field *field);
enum status custom_field_update(struct tx *tx, const struct custom_field *field);
/* Its values go from every client and company as well. */
enum status custom_field_delete(struct tx *tx, const struct custom_field *field);
bool custom_field_has_option(struct arena *arena, const struct custom_field *field, struct str key);

#endif
