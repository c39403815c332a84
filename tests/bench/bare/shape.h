/* Shape: the JSON of a client, from a row that was selected with SHAPE_CLIENT. */
#ifndef BARE_SHAPE_H
#define BARE_SHAPE_H

#include "out.h"

#include <sqlite3.h>

#define SHAPE_CLIENT                                                                               \
    "seq, id, given_name, family_name, email, phone, position, status, creation_method, "          \
    "avatar_url, fallback_color, account_manager, tags, custom_fields, company_ids, "              \
    "first_login_at, last_login_at, last_activity_at, created_at, updated_at"

void shape_client(sqlite3_stmt *row, struct out *json);

#endif
