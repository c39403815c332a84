/* Shape: members of a client in the order of Foyer's field table, without a table. */
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>

static void put_text(sqlite3_stmt *row, int column, struct out *json);
static void put_raw(sqlite3_stmt *row, int column, struct out *json);
static void put_id(sqlite3_stmt *row, int column, struct out *json);
static void put_companies(sqlite3_stmt *row, struct out *json);

#define member(json, name) out_lit((json), ",\"" name "\":")

void shape_client(sqlite3_stmt *row, struct out *json)
{
    static const char *const statuses[] = { "\"notInvited\"", "\"invited\"", "\"active\"" };
    static const char *const methods[] = { "\"internalUser\"", "\"client\"", "\"directSignUp\"",
                                           "\"import\"" };
    const char *status = statuses[sqlite3_column_int(row, 6)];
    const char *method = methods[sqlite3_column_int(row, 14)];

    out_lit(json, "{\"id\":");
    put_id(row, 1, json);
    out_lit(json, ",\"object\":\"client\",\"createdAt\":");
    out_time(json, sqlite3_column_int64(row, 18));
    member(json, "updatedAt");
    out_time(json, sqlite3_column_int64(row, 19));
    member(json, "givenName");
    put_text(row, 2, json);
    member(json, "familyName");
    put_text(row, 3, json);
    member(json, "email");
    put_text(row, 4, json);
    put_companies(row, json);
    member(json, "status");
    out_put(json, status, strlen(status));
    member(json, "phone");
    put_text(row, 7, json);
    member(json, "position");
    put_text(row, 8, json);
    member(json, "tags");
    put_raw(row, 9, json);
    member(json, "accountManagerId");
    put_id(row, 10, json);
    member(json, "customFields");
    put_raw(row, 11, json);
    member(json, "avatarImageUrl");
    put_text(row, 12, json);
    member(json, "fallbackColor");
    put_text(row, 13, json);
    if (sqlite3_column_type(row, 20) != SQLITE_NULL) {
        fprintf(stderr, "bare: a client has an open invite: its data has none\n");
        exit(1);
    }
    out_lit(json, ",\"inviteUrl\":null,\"creationMethod\":");
    out_put(json, method, strlen(method));
    member(json, "firstLoginDate");
    out_time(json, sqlite3_column_int64(row, 15));
    member(json, "lastLoginDate");
    out_time(json, sqlite3_column_int64(row, 16));
    member(json, "lastActivityDate");
    out_time(json, sqlite3_column_int64(row, 17));
    out_lit(json, "}");
}

static void put_text(sqlite3_stmt *row, int column, struct out *json)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    out_json(json, text, (size_t)sqlite3_column_bytes(row, column));
}

/* Is JSON as it stands. */
static void put_raw(sqlite3_stmt *row, int column, struct out *json)
{
    const void *text = sqlite3_column_text(row, column);

    out_put(json, text, (size_t)sqlite3_column_bytes(row, column));
}

static void put_id(sqlite3_stmt *row, int column, struct out *json)
{
    const unsigned char *id = sqlite3_column_blob(row, column);

    if (!id) {
        out_lit(json, "null");
        return;
    }
    out_lit(json, "\"");
    out_uuid(json, id);
    out_lit(json, "\"");
}

static void put_companies(sqlite3_stmt *row, struct out *json)
{
    const unsigned char *ids = sqlite3_column_blob(row, 5);
    int i, len = sqlite3_column_bytes(row, 5);

    out_lit(json, ",\"companyId\":");
    if (len) {
        out_lit(json, "\"");
        out_uuid(json, ids);
        out_lit(json, "\"");
    } else {
        out_lit(json, "null");
    }
    out_lit(json, ",\"companyIds\":[");
    for (i = 0; i < len; i += 16) {
        out_put(json, ",\"" + (i == 0), 2 - (size_t)(i == 0));
        out_uuid(json, ids + i);
        out_lit(json, "\"");
    }
    out_lit(json, "]");
}

/* Direction, sort, NUL, then kind, length and bytes of the value. */
void shape_next_token(const char *sort, int64_t value, struct out *json)
{
    unsigned char bytes[48] = "-client";
    size_t begin = sizeof("-client"), len = begin + strlen(sort) + 1, i;

    memcpy(bytes + begin, sort, len - begin);
    memcpy(bytes + len, "i\0\0\0\10", 5);
    len += 5;
    for (i = 0; i < 8; i++)
        bytes[len++] = (unsigned char)((uint64_t)value >> (56 - 8 * i));
    out_lit(json, ",\"nextToken\":\"");
    out_base64url(json, bytes, len);
    out_lit(json, "\"");
}
