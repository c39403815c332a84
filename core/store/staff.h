/* Staff: internal users, the people who work for the firm. */
#ifndef FOYER_STORE_STAFF_H
#define FOYER_STORE_STAFF_H

#include "base/field.h"
#include "store/list.h"
#include "store/role.h"
#include "store/tx.h"

enum staff_status { STAFF_NOT_INVITED, STAFF_INVITED, STAFF_ACTIVE };

struct internal_user {
    int64_t seq;
    struct uuid id;
    int64_t login; /* 0: none */
    struct str given_name, family_name;
    struct str email;
    int status; /* enum staff_status */
    /* Its role: name, id, and what it gives. role_seq 0 at creation: is looked up by name. */
    int64_t role_seq;
    struct str role;
    struct uuid role_id;
    struct texts permissions;
    bool is_owner;
    struct str avatar_url;
    struct str fallback_color;
    bool is_limited;        /* isClientAccessLimited */
    struct ids limited_to;  /* companyAccessList */
    struct uuid link_token; /* of the link that colleagues may copy; none: no open invite */
    struct str invite_url;  /* filled in by api where the actor may know it */
    int64_t first_login_at, last_login_at, created_at, updated_at;
};

/* Makes the person, with a login when login is not 0. ST_INVALID: no address, or a company that is not
 * here; ST_CONFLICT email_taken: somebody of the staff has the address. */
enum status internal_user_create(struct tx *tx, struct internal_user *user);
/* Not removed ones only. ST_NOT_FOUND. */
enum status internal_user_load(struct tx *tx, struct uuid id, struct internal_user *user);
/* The same without failing. */
bool internal_user_find(struct tx *tx, struct uuid id, struct internal_user *user);
bool internal_user_find_by_seq(struct tx *tx, int64_t seq, struct internal_user *user);
enum status internal_user_find_by_email(struct tx *tx, struct str email,
                                        struct internal_user *user);
/* Writes names, address, role and limits back; a mailed link to another address dies. Beside those of
 * create, ST_UNPROCESSABLE: last_owner, role_gone. */
enum status internal_user_update(struct tx *tx, struct internal_user *user);
/* Removes: keeps the row and its history, frees the address, ends sessions, keys and invites; his clients
 * and companies go to the account manager `successor` (none: to nobody). ST_UNPROCESSABLE last_owner. */
enum status internal_user_remove(struct tx *tx, const struct internal_user *user,
                                 struct uuid successor);
/* notInvited → invited and back, never away from active. */
void internal_user_set_invited(struct tx *tx, int64_t seq, bool is_invited);
/* A sign-in: status active, first and last login. True: it was the first. */
bool internal_user_signed_in(struct tx *tx, int64_t seq, int64_t login);

enum status internal_user_list(struct tx *tx, const struct list *list, struct internal_user **users,
                               size_t *count);
/* One within the scope: ST_NOT_FOUND when he is outside of it. */
bool internal_user_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);

/* Places a row for list_token. */
size_t internal_user_sort_values(const struct tx *tx, const struct list *list,
                                 const struct internal_user *user, struct arg values[3]);

extern const struct list_columns internal_user_columns;

#endif
