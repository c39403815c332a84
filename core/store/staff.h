/* Staff: internal users, the people who work for the firm. */
#ifndef FOYER_STORE_STAFF_H
#define FOYER_STORE_STAFF_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

struct internal_user {
    int64_t seq;
    struct uuid id;
    int64_t login; /* 0: none */
    struct str given_name, family_name;
    struct str email;
    struct str role; /* its role's name */
    struct str avatar_url;
    struct str fallback_color;
    bool is_limited;       /* isClientAccessLimited */
    struct ids limited_to; /* companyAccessList */
    int64_t first_login_at, last_login_at, created_at, updated_at;
};

/* Makes the person, with a login when login is not 0. email is checked by fold_email: ST_INVALID.
 * ST_CONFLICT: the address is taken by somebody of the staff. */
enum status internal_user_create(struct tx *tx, struct internal_user *user);
enum status internal_user_load(struct tx *tx, struct uuid id, struct internal_user *user);
bool internal_user_find(struct tx *tx, struct uuid id,
                        struct internal_user *user); /* the same, without failing */
enum status internal_user_find_by_email(struct tx *tx, struct str email,
                                        struct internal_user *user);
enum status internal_user_rename(struct tx *tx,
                                 struct internal_user *user); /* writes the two names */
enum status internal_user_list(struct tx *tx, const struct list *list, struct internal_user **users,
                               size_t *count);
/* One within the scope: ST_NOT_FOUND when he is outside of it. */
bool internal_user_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);

/* Places a row for list_token. */
size_t internal_user_sort_values(const struct tx *tx, const struct list *list,
                                 const struct internal_user *user, struct arg values[3]);

extern const struct list_columns internal_user_columns;

#endif
