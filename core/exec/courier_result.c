/* Courier_result: what became of a try, and its write. */
#include "exec/courier_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/invite.h"
#include "store/record.h"

static int64_t pause_after(const struct mail *mail);
static struct arena *prepare(struct write *write);
static enum status run(struct write *write, struct tx *tx);
static void tell(struct delivery *delivery, struct tx *tx);
static void digest(struct write *write, uint8_t out[CRYPTO_HASH]);
static void done(struct write *write);

const struct write_calls courier_write_calls = {
    .name = "mail result",
    .prepare = prepare,
    .run = run,
    .digest = digest,
    .done = done,
};

static struct delivery *delivery_of(struct write *write)
{
    return (struct delivery *)(void *)((char *)write - offsetof(struct delivery, write));
}

void courier_judge(struct delivery *delivery)
{
    const struct smtp_mail *smtp = &delivery->smtp;

    if (smtp->verdict == SMTP_DEFERRED) {
        courier_defer(delivery, str_from(smtp->text));
    } else {
        delivery->result.state = smtp->verdict == SMTP_SENT ? MAIL_SENT : MAIL_REFUSED;
        delivery->result.answer_text = str_from(smtp->text);
    }
    delivery->result.answer_code = smtp->code;
}

void courier_defer(struct delivery *delivery, struct str why)
{
    struct mail_result *result = &delivery->result;

    result->answer_text = why;
    result->state = MAIL_DEFERRED;
    result->next_attempt_at = clock_wall() + pause_after(&delivery->mail);
    if (delivery->mail.attempts + 1 >= LIMIT_MAIL_ATTEMPTS) {
        result->state = MAIL_REFUSED;
        result->answer_text = str_printf(&delivery->arena, "given up after %d tries: %.*s",
                                         LIMIT_MAIL_ATTEMPTS, STR_ARG(why));
    }
}

/* A tenth more or less, by the mail's id: what failed together does not come back together. */
static int64_t pause_after(const struct mail *mail)
{
    static const int minutes[] = { 1, 5, 15, 60, 180, 360 };
    size_t last = sizeof(minutes) / sizeof(minutes[0]) - 1;
    size_t step = mail->attempts < (int64_t)last ? (size_t)mail->attempts : last;
    int64_t pause = minutes[step] * CLOCK_MINUTE;
    int64_t chance = (mail->id.bytes[15] + 37 * mail->attempts) % 256 - 128;

    return pause + pause / 10 * chance / 128;
}

/* ---- The write --------------------------------------------------------------------------------- */

static struct arena *prepare(struct write *write)
{
    struct delivery *delivery = delivery_of(write);

    arena_reset(&delivery->attempt);
    return &delivery->attempt;
}

static enum status run(struct write *write, struct tx *tx)
{
    struct delivery *delivery = delivery_of(write);
    const struct mail *mail = &delivery->mail;
    const struct mail_result *result = &delivery->result;
    bool is_final = result->state == MAIL_REFUSED || result->state == MAIL_CANCELLED;

    tx->actor.kind = ACTOR_SYSTEM;
    tx->actor.road = "system";
    tx->workspace = mail->workspace;
    tx->workspace_id = delivery->workspace_id;
    tx->request_id = mail->request_id;
    tx->event_depth = mail->event_depth;
    if (!mail_set_result(tx, mail->seq, mail->attempts, result))
        return tx_status(tx); /* it was cancelled meanwhile, and not sent: that stands */
    if (is_final && str_is(mail->subject_kind, "invite"))
        invite_mail_refused(tx, mail->subject_id);
    tell(delivery, tx);
    return tx_status(tx);
}

static void tell(struct delivery *delivery, struct tx *tx)
{
    static const char *const names[MAIL_STATES] = { [MAIL_SENT] = "mail.sent",
                                                    [MAIL_DEFERRED] = "mail.deferred",
                                                    [MAIL_REFUSED] = "mail.refused" };
    const struct mail *mail = &delivery->mail;
    const struct mail_result *result = &delivery->result;
    char id[UUID_TEXT], time[CLOCK_TEXT];
    struct buf json;

    if (!names[result->state])
        return;
    buf_init(&json, KIB(16));
    uuid_format(mail->id, id);
    buf_printf(&json, "{\"id\":\"%s\",\"object\":\"mail\",\"render\":", id);
    buf_json(&json, mail->render);
    buf_printf(&json, ",\"state\":\"%s\",\"attempts\":%lld,\"answerCode\":%lld,\"answerText\":",
               mail_state_names[result->state], (long long)mail->attempts + 1,
               (long long)result->answer_code);
    buf_json(&json, result->answer_text);
    buf_text(&json, ",\"nextAttemptAt\":");
    clock_format(result->next_attempt_at, time);
    buf_json(&json, result->state == MAIL_DEFERRED ? str_from(time) : STR_NONE);
    uuid_format(mail->subject_id, id);
    buf_text(&json, ",\"subjectKind\":");
    buf_json(&json, mail->subject_kind);
    buf_text(&json, ",\"subjectId\":");
    buf_json(&json, uuid_is_none(mail->subject_id) ? STR_NONE : str_from(id));
    buf_char(&json, '}');
    tx_event(tx, names[result->state], "mail", mail->id, buf_view(&json));
    buf_fini(&json);
}

/* It answers nobody. */
static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    (void)write;
    crypto_sha256(STR(""), out);
}

static void done(struct write *write)
{
    struct delivery *delivery = delivery_of(write);
    const struct mail_result *result = &delivery->result;

    if (write->status == ST_OK) {
        atomic_fetch_add(&delivery->courier->counts[result->state], 1);
        log_info(delivery->mail.request_id, "mail", LOG_N("mail", delivery->mail.seq),
                 LOG_S("render", delivery->mail.render),
                 LOG_C("state", mail_state_names[result->state]),
                 LOG_N("attempt", delivery->mail.attempts + 1), LOG_N("code", result->answer_code),
                 LOG_S("answer", result->answer_text));
    }
    courier_on_written(delivery);
}
