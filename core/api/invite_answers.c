/* Invite answers: what POST /v1/invites and /link answer beside invites: verdicts, and a link to copy. */
#include "api/invites.h"

#include "base/limits.h"
#include "http/json.h"

#include <stddef.h>

/* As it is answered. */
struct shown {
    struct uuid client_id, internal_user_id;
    bool ok;
    struct str invite, code, message;
};

static const char *const of_invite[] = { "invite", NULL };
static const char *const link_object[] = { "inviteLink", NULL };

#define AT(member) offsetof(struct shown, member)
static const struct field fields[] = {
    { "clientId", FIELD_ID, FIELD_OMIT_NULL, AT(client_id), 0, 0, NULL, NULL,
      "The client whom it is about." },
    { "internalUserId", FIELD_ID, FIELD_OMIT_NULL, AT(internal_user_id), 0, 0, NULL, NULL,
      "Or the member of staff." },
    { "ok", FIELD_BOOL, 0, AT(ok), 0, 0, NULL, NULL, "Whether the invitation was made." },
    { "invite", FIELD_JSON, FIELD_OMIT_NULL, AT(invite), 0, 0, of_invite, NULL,
      "It, where it was made." },
    { "code", FIELD_TEXT, FIELD_OMIT_NULL, AT(code), 0, 0, NULL, NULL,
      "Why it was refused, for programs." },
    { "message", FIELD_TEXT, FIELD_OMIT_NULL, AT(message), 0, 0, NULL, NULL,
      "The same for people." },
    { 0 },
};
const struct entity invite_verdict_entity = { "invite_verdict", fields, sizeof(struct shown) };

#define OF(member) offsetof(struct invite_copy, member)
static const struct field link_fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, link_object, NULL, "Always \"inviteLink\"." },
    { "url", FIELD_URL, 0, OF(url), 0, 0, NULL, NULL, "The link to copy." },
    { "expiresAt", FIELD_TIME, 0, OF(expires_at), 0, 0, NULL, NULL, "When it stops working." },
    { 0 },
};
const struct entity invite_link_entity = { "invite_link", link_fields, sizeof(struct invite_copy) };

static void write_one(const struct invite_verdict *row, struct buf *out);

void invite_verdicts_write(const struct invite_verdict *rows, size_t count, struct buf *out)
{
    buf_text(out, "{\"object\":\"inviteVerdicts\",\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(out, ',');
        write_one(&rows[i], out);
    }
    buf_text(out, "]}");
}

static void write_one(const struct invite_verdict *row, struct buf *out)
{
    const struct failure *failure = &row->failure;
    struct shown shown = { .ok = row->status == ST_OK };
    struct buf invite;

    *(row->is_staff ? &shown.internal_user_id : &shown.client_id) = row->person;
    buf_init(&invite, LIMIT_JSON_BODY);
    if (shown.ok) {
        json_write(&invite_entity, &row->invite, ~UINT64_C(0), &invite);
        shown.invite = buf_view(&invite);
    } else {
        shown.code =
            str_is_absent(failure->code) ? str_from(status_code(row->status)) : failure->code;
        shown.message = failure->errors                   ? failure->errors->message
                        : str_is_absent(failure->message) ? str_from(status_text(row->status))
                                                          : failure->message;
    }
    json_write(&invite_verdict_entity, &shown, ~UINT64_C(0), out);
    buf_fini(&invite);
}
