/* Mail: rows of `mails`. */
#include "store/mail.h"

#include "base/buf.h"
#include "base/limits.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/token.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT seq, workspace, id, render, recipient, locale, data, token, subject_kind, subject_id," \
    " state, attempts, next_attempt_at, answer_code, answer_text, render_fallback, request_id,"    \
    " created_at, sent_at, event_depth FROM mails "

const char *const mail_state_names[MAIL_STATES + 1] = { "queued",  "sent",    "deferred",
                                                        "refused", "bounced", "cancelled",
                                                        NULL };

static void read_row(struct query *q, struct mail *mail);
static bool read_one(struct query q, struct mail *mail);
static enum mail_fate fate_of_link(struct tx *tx, const struct mail *mail, struct str *why);
static bool is_for_nobody(struct tx *tx, const struct mail *mail);
static bool is_for_uninvited(struct tx *tx, const struct mail *mail);

enum status mail_queue(struct tx *tx, struct mail *mail)
{
    mail->id = tx_id(tx);
    mail->created_at = mail->next_attempt_at = tx_now(tx);
    mail->request_id = tx->request_id;
    query_run(
        tx,
        "INSERT INTO mails (workspace, id, render, recipient, locale, data, token, subject_kind,"
        " subject_id, next_attempt_at, request_id, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)",
        ARGS(arg_int(tx->workspace), arg_id(mail->id), arg_text(mail->render),
             arg_text(mail->recipient), arg_text(mail->locale), arg_text(mail->data),
             arg_id(mail->token), arg_text(mail->subject_kind), arg_id(mail->subject_id),
             arg_int(mail->next_attempt_at), arg_text(mail->request_id)));
    mail->seq = query_last_seq(tx);
    if (tx->event_depth > 0)
        query_run(tx, "UPDATE mails SET event_depth = $2 WHERE seq = $1",
                  ARGS(arg_int(mail->seq), arg_int(tx->event_depth)));
    tx->effects.mails = 1;
    return tx_status(tx);
}

struct str mail_data_of(struct tx *tx, const struct workspace *workspace, struct str given_name,
                        struct str person)
{
    struct buf json;
    struct str text;

    buf_init(&json, KIB(16));
    buf_text(&json, "{\"workspaceName\":");
    buf_json(&json, workspace->name);
    buf_text(&json, ",\"accent\":");
    buf_json(&json, workspace->color_accent);
    buf_text(&json, ",\"givenName\":");
    buf_json(&json, given_name);
    buf_text(&json, ",\"personName\":");
    buf_json(&json, person);
    buf_char(&json, '}');
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

enum status mail_owed(struct tx *tx, size_t most, struct mail **mails, size_t *count, int64_t *next)
{
    struct query q =
        query_open(tx, SELECT "WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, seq LIMIT $2",
                   ARGS(arg_int(tx_now(tx)), arg_int((int64_t)most)));

    *mails = arena_array(tx->arena, struct mail, most);
    for (*count = 0; *count < most && query_next(&q); (*count)++)
        read_row(&q, &(*mails)[*count]);
    query_close(&q);
    *next =
        query_one_int(tx, 0, "SELECT min(next_attempt_at) FROM mails WHERE next_attempt_at > $1",
                      ARGS(arg_int(tx_now(tx))));
    return tx_status(tx);
}

bool mail_find(struct tx *tx, int64_t seq, struct mail *mail)
{
    return read_one(query_open(tx, SELECT "WHERE seq = $1", ARGS(arg_int(seq))), mail);
}

bool mail_find_for(struct tx *tx, struct uuid subject, struct mail *mail)
{
    return read_one(
        query_open(tx, SELECT "WHERE workspace = $1 AND subject_id = $2 ORDER BY seq DESC LIMIT 1",
                   ARGS(arg_int(tx->workspace), arg_id(subject))),
        mail);
}

int64_t mail_sent_count(struct tx *tx, struct uuid subject)
{
    return query_one_int(tx, 0,
                         "SELECT count(*) FROM mails WHERE workspace = $1 AND subject_id = $2 AND "
                         "sent_at IS NOT NULL",
                         ARGS(arg_int(tx->workspace), arg_id(subject)));
}

bool mail_set_result(struct tx *tx, int64_t seq, int64_t attempts_before,
                     const struct mail_result *result)
{
    return query_run(tx,
                     "UPDATE mails SET state = $3, attempts = attempts + 1, next_attempt_at = $4,"
                     " answer_code = $5, answer_text = $6, render_fallback = $7, sent_at = $8"
                     " WHERE seq = $1 AND attempts = $2 AND (next_attempt_at IS NOT NULL"
                     " OR (state = 'cancelled' AND $3 = 'sent'))",
                     ARGS(arg_int(seq), arg_int(attempts_before),
                          arg_text(str_from(mail_state_names[result->state])),
                          arg_time(result->state == MAIL_DEFERRED ? result->next_attempt_at : 0),
                          arg_int(result->answer_code), arg_text(result->answer_text),
                          arg_text(result->render_fallback),
                          arg_time(result->state == MAIL_SENT ? tx_now(tx) : 0))) == 1;
}

void mail_cancel_for(struct tx *tx, struct uuid subject)
{
    query_run(tx,
              "UPDATE mails SET state = 'cancelled', next_attempt_at = NULL"
              " WHERE workspace = $1 AND subject_id = $2 AND next_attempt_at IS NOT NULL",
              ARGS(arg_int(tx->workspace), arg_id(subject)));
}

bool mail_is_owed_for(struct tx *tx, struct uuid subject)
{
    return query_one_int(tx, 0,
                         "SELECT EXISTS (SELECT 1 FROM mails WHERE workspace = $1 AND"
                         " subject_id = $2 AND next_attempt_at IS NOT NULL)",
                         ARGS(arg_int(tx->workspace), arg_id(subject)));
}

enum mail_fate mail_fate(struct tx *tx, const struct mail *mail, struct str *why)
{
    enum mail_fate fate = fate_of_link(tx, mail, why);

    if (fate != MAIL_MAY_GO)
        return fate;
    if (is_for_nobody(tx, mail)) {
        *why = STR("whom it was for is no longer here");
        return MAIL_UNWANTED;
    }
    if (is_for_uninvited(tx, mail)) {
        *why = STR("whom it was for is not invited");
        return MAIL_UNWANTED;
    }
    return MAIL_MAY_GO;
}

static enum mail_fate fate_of_link(struct tx *tx, const struct mail *mail, struct str *why)
{
    struct token token;

    if (uuid_is_none(mail->token))
        return MAIL_MAY_GO;
    if (!token_load(tx, mail->token, &token) || token.cancelled_at) {
        *why = STR("its link was cancelled before it went out");
        return MAIL_UNWANTED;
    }
    if (token.used_at) {
        *why = STR("its link was used before it went out");
        return MAIL_UNWANTED;
    }
    if (token.expires_at <= tx_now(tx)) {
        *why = STR("its link expired before it could go out");
        return MAIL_TOO_LATE;
    }
    return MAIL_MAY_GO;
}

/* Of other subjects (a client, to his inviter) it is news also when they are gone. */
static bool is_for_nobody(struct tx *tx, const struct mail *mail)
{
    if (str_is(mail->subject_kind, "invite"))
        return !query_one_int(tx, 0,
                              "SELECT EXISTS (SELECT 1 FROM invites i LEFT JOIN clients c"
                              " ON c.seq = i.client LEFT JOIN internal_users u"
                              " ON u.seq = i.internal_user WHERE i.workspace = $1 AND i.id = $2"
                              " AND c.archived_at IS NULL AND u.removed_at IS NULL)",
                              ARGS(arg_int(mail->workspace), arg_id(mail->subject_id)));
    if (str_is(mail->subject_kind, "login"))
        return !query_one_int(tx, 0,
                              "SELECT EXISTS (SELECT 1 FROM clients WHERE workspace = $1"
                              " AND id = $2 AND archived_at IS NULL) OR EXISTS (SELECT 1 FROM"
                              " internal_users WHERE workspace = $1 AND id = $2"
                              " AND removed_at IS NULL)",
                              ARGS(arg_int(mail->workspace), arg_id(mail->subject_id)));
    return false;
}

/* Staff may have the address of a client, too. */
static bool is_for_uninvited(struct tx *tx, const struct mail *mail)
{
    return uuid_is_none(mail->token) &&
           query_one_int(
               tx, 0,
               "SELECT EXISTS (SELECT 1 FROM clients WHERE workspace = $1"
               " AND email_key = $2 AND archived_at IS NULL AND status = 0)"
               " AND NOT EXISTS (SELECT 1 FROM internal_users WHERE workspace = $1"
               " AND email_key = $2 AND removed_at IS NULL)",
               ARGS(arg_int(mail->workspace), arg_text(fold_email(tx->arena, mail->recipient))));
}

static bool read_one(struct query q, struct mail *mail)
{
    bool found = query_next(&q);

    if (found)
        read_row(&q, mail);
    query_close(&q);
    return found;
}

static void read_row(struct query *q, struct mail *mail)
{
    struct str state = query_text(q, 10);

    *mail = (struct mail){
        .seq = query_int(q, 0),
        .workspace = query_int(q, 1),
        .id = query_id(q, 2),
        .render = query_text(q, 3),
        .recipient = query_text(q, 4),
        .locale = query_text(q, 5),
        .data = query_text(q, 6),
        .token = query_id(q, 7),
        .subject_kind = query_text(q, 8),
        .subject_id = query_id(q, 9),
        .attempts = query_int(q, 11),
        .next_attempt_at = query_int(q, 12),
        .answer_code = query_int(q, 13),
        .answer_text = query_text(q, 14),
        .render_fallback = query_text(q, 15),
        .request_id = query_text(q, 16),
        .created_at = query_int(q, 17),
        .sent_at = query_int(q, 18),
        .event_depth = query_int(q, 19),
    };
    for (int i = 0; i < MAIL_STATES; i++)
        if (str_is(state, mail_state_names[i]))
            mail->state = (enum mail_state)i;
}
