/* Login: who signs in. Belongs to one workspace until a mailed token has proved the address. */
#ifndef FOYER_STORE_LOGIN_H
#define FOYER_STORE_LOGIN_H

#include "base/uuid.h"
#include "store/tx.h"

struct login {
    int64_t seq;
    struct uuid id;
    int64_t workspace; /* 0: proven, shared */
    struct str email, email_key;
    struct str password_hash; /* absent: cannot sign in by password */
    bool may_operate;
};

/* workspace 0 makes a proven one. ST_CONFLICT: is there already. */
enum status login_create(struct tx *tx, struct login *login);
/* The login that this address signs in with here: the workspace's own before the proven one.
 * False: none. */
bool login_find(struct tx *tx, struct str email, struct login *login);
bool login_find_proven(struct tx *tx, struct str email, struct login *login);
/* The one that the address signs in with where no workspace is named: the proven one, else that of a
 * workspace whose password was set last. Only one that is somebody somewhere. */
bool login_find_anywhere(struct tx *tx, struct str email, struct login *login);
/* The workspaces in which the login is somebody, the one that it was in last first; how many. */
struct place {
    int64_t workspace;
    struct uuid id;
    struct str name;
};
enum { LOGIN_PLACES = 50 };
size_t login_places(struct tx *tx, int64_t seq, struct place places[LOGIN_PLACES]);
bool login_load(struct tx *tx, int64_t seq, struct login *login);
bool login_load_by_id(struct tx *tx, struct uuid id, struct login *login);
/* Sets the hash; every session of the login but `keep` (none: all) ends. */
enum status login_set_password(struct tx *tx, int64_t seq, const char *hash, struct uuid keep);
/* A mailed token proved the address. Merges into a proven login of the address if there is one;
 * gives the login that holds from now on. */
enum status login_prove(struct tx *tx, struct login *login);

#endif
