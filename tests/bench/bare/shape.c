/* Shape: Foyer's bytes for a client, member by member, in the order of its field table. */
#include "shape.h"

static void put_column(sqlite3_stmt *row, int column, struct out *json)
{
    out_json(json, (const char *)sqlite3_column_text(row, column),
             (size_t)sqlite3_column_bytes(row, column));
}

static void put_companies(sqlite3_stmt *row, struct out *json)
{
    const unsigned char *ids = sqlite3_column_blob(row, 14);
    int i, len = sqlite3_column_bytes(row, 14);

    out_lit(json, ",\"companyId\":\"");
    if (len)
        out_uuid(json, ids);
    out_lit(json, "\",\"companyIds\":[");
    for (i = 0; i < len; i += 16) {
        out_put(json, ",\"", i ? 2 : 0);
        if (!i)
            out_lit(json, "\"");
        out_uuid(json, ids + i);
        out_lit(json, "\"");
    }
    out_lit(json, "]");
}

void shape_client(sqlite3_stmt *row, struct out *json)
{
    static const char *const statuses[] = { "notInvited", "invited", "active" };
    static const char *const methods[] = { "internalUser", "client", "directSignUp", "import" };

    out_lit(json, "{\"id\":\"");
    out_uuid(json, sqlite3_column_blob(row, 1));
    out_lit(json, "\",\"object\":\"client\",\"createdAt\":");
    out_time(json, sqlite3_column_int64(row, 18));
    out_lit(json, ",\"updatedAt\":");
    out_time(json, sqlite3_column_int64(row, 19));
    out_lit(json, ",\"givenName\":");
    put_column(row, 2, json);
    out_lit(json, ",\"familyName\":");
    put_column(row, 3, json);
    out_lit(json, ",\"email\":");
    put_column(row, 4, json);
    put_companies(row, json);
    out_lit(json, ",\"status\":");
    out_json(json, statuses[sqlite3_column_int(row, 7)],
             strlen(statuses[sqlite3_column_int(row, 7)]));
    out_lit(json, ",\"fallbackColor\":");
    put_column(row, 10, json);
    out_lit(json, ",\"inviteUrl\":null,\"avatarImageUrl\":");
    put_column(row, 9, json);
    out_lit(json, ",\"firstLoginDate\":");
    out_time(json, sqlite3_column_int64(row, 15));
    out_lit(json, ",\"lastLoginDate\":");
    out_time(json, sqlite3_column_int64(row, 16));
    out_lit(json, ",\"customFields\":");
    out_put(json, sqlite3_column_text(row, 13), (size_t)sqlite3_column_bytes(row, 13));
    out_lit(json, ",\"tags\":");
    out_put(json, sqlite3_column_text(row, 12), (size_t)sqlite3_column_bytes(row, 12));
    out_lit(json, ",\"creationMethod\":");
    out_json(json, methods[sqlite3_column_int(row, 8)],
             strlen(methods[sqlite3_column_int(row, 8)]));
    out_lit(json, "}");
}
