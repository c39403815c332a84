/* Courier_prepare: from the row of a mail to the bytes that are sent. */
#include "exec/courier_inside.h"

#include "api/site.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/json.h"
#include "lua/value.h"
#include "mail/builtin.h"
#include "mail/message.h"
#include "plugin/host.h"
#include "policy/policy.h"
#include "store/token.h"
#include "store/workspace.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What the built-in texts take from the data of a mail. */
struct facts {
    struct str workspace, kind, given_name, person, inviter, message, expires;
};

#define FACT(name, flags, member)                                                                  \
    {                                                                                              \
        name, FIELD_TEXT, FIELD_CREATE | (flags), offsetof(struct facts, member), 0, 0, NULL,      \
            NULL, NULL                                                                             \
    }
static const struct field fact_fields[] = {
    FACT("workspaceName", 0, workspace), FACT("kind", 0, kind),
    FACT("givenName", 0, given_name),    FACT("personName", 0, person),
    FACT("inviterName", 0, inviter),     FACT("message", FIELD_LINES, message),
    FACT("expiresAt", 0, expires),       { 0 },
};
static const struct entity fact_entity = { "mail_data", fact_fields, sizeof(struct facts) };

static bool may_go(struct delivery *delivery, struct tx *tx);
static enum prepared word_it(struct delivery *delivery, struct tx *tx,
                             const struct workspace *workspace);
static enum prepared take_words(struct delivery *delivery, struct message *message);
static struct str link_of(struct delivery *delivery, struct tx *tx);
static struct str data_with(struct delivery *delivery, struct tx *tx, struct str link);
static bool render(struct delivery *delivery, struct tx *tx, struct str link,
                   struct message *message);
static void use_builtin(struct delivery *delivery, struct str link, struct message *message);

enum prepared courier_prepare(struct delivery *delivery, int64_t seq)
{
    struct courier *courier = delivery->courier;
    struct mail *mail = &delivery->mail;
    enum prepared prepared = PREPARED_RESULT;
    struct workspace workspace;
    struct tx tx;

    delivery->result = (struct mail_result){ .state = MAIL_DEFERRED };
    tx_init(&tx, courier->db, &delivery->arena, clock_wall());
    tx.server_key = courier->options.server_key;
    tx.actor.kind = ACTOR_SYSTEM;
    tx.actor.road = "system";
    if (tx_begin_read(&tx) != ST_OK || !mail_find(&tx, seq, mail) || !mail->next_attempt_at) {
        tx_end_read(&tx);
        mail->seq = seq;
        return PREPARED_NOT;
    }
    tx.workspace = mail->workspace;
    tx.request_id = mail->request_id;
    if (workspace_load(&tx, &workspace) == ST_OK) {
        tx.workspace_id = delivery->workspace_id = workspace.id;
        if (may_go(delivery, &tx))
            prepared = word_it(delivery, &tx, &workspace);
    }
    tx_end_read(&tx);
    if (tx_status(&tx) != ST_OK) {
        courier_defer(delivery, str_printf(&delivery->arena, "it could not be prepared: %.*s",
                                           STR_ARG(str_is_empty(tx.failure.message)
                                                       ? str_from(status_text(tx.status))
                                                       : tx.failure.message)));
        return PREPARED_RESULT;
    }
    return prepared;
}

/* False: it may not, and result says why; or the transaction has failed. */
static bool may_go(struct delivery *delivery, struct tx *tx)
{
    struct str why = STR_NONE;
    enum mail_fate fate = mail_fate(tx, &delivery->mail, &why);

    if (tx_status(tx) != ST_OK || fate == MAIL_MAY_GO)
        return tx_status(tx) == ST_OK;
    delivery->result.state = fate == MAIL_TOO_LATE ? MAIL_REFUSED : MAIL_CANCELLED;
    /* Why it could not go in time is what the sender wants to know. */
    delivery->result.answer_code = delivery->mail.answer_code;
    delivery->result.answer_text = str_is_empty(delivery->mail.answer_text)
                                       ? why
                                       : str_printf(tx->arena, "%.*s; before: %.*s", STR_ARG(why),
                                                    STR_ARG(delivery->mail.answer_text));
    return false;
}

/* Scripts first; where they fail, or what they give cannot be a mail, the built-in text. */
static enum prepared word_it(struct delivery *delivery, struct tx *tx,
                             const struct workspace *workspace)
{
    struct courier *courier = delivery->courier;
    struct mail *mail = &delivery->mail;
    struct str to = mailer_wire_address(tx->arena, mail->recipient), link;
    struct message *message = &delivery->message;
    const char *why = NULL;

    *message = (struct message){ .id = mail->id,
                                 .date = mail->created_at,
                                 .from = courier->mailer.from,
                                 .to = to,
                                 .language = mail->locale,
                                 .request_id = mail->request_id };
    message->from_name = !str_is_empty(workspace->mail_from_name) ? workspace->mail_from_name
                         : !str_is_empty(workspace->name)         ? workspace->name
                                                                  : courier->mailer.name;
    if (str_is_absent(to)) {
        delivery->result.state = MAIL_REFUSED;
        delivery->result.answer_text = STR("this address cannot stand in a mail: correct it");
        return PREPARED_RESULT;
    }
    delivery->smtp.from = courier->mailer.from;
    delivery->smtp.to = to;
    if (str_is(mail->render, "plugin"))
        return take_words(delivery, message);
    link = link_of(delivery, tx);
    if (tx_status(tx) != ST_OK)
        return PREPARED_RESULT;
    if (render(delivery, tx, link, message)) {
        if (message_build(message, &delivery->bytes, &why) == ST_OK)
            return PREPARED;
        delivery->result.render_fallback = str_copy(tx->arena, str_from(why));
    }
    atomic_fetch_add(&courier->fallbacks, 1);
    log_warn(mail->request_id, "a mail gets the built-in text", LOG_N("mail", mail->seq),
             LOG_S("render", mail->render), LOG_S("reason", delivery->result.render_fallback));
    use_builtin(delivery, link, message);
    buf_clear(&delivery->bytes);
    if (message_build(message, &delivery->bytes, &why) == ST_OK)
        return PREPARED;
    message->from_name = STR_NONE; /* only the name of the workspace is left to blame */
    buf_clear(&delivery->bytes);
    if (message_build(message, &delivery->bytes, &why) == ST_OK)
        return PREPARED;
    delivery->result.state = MAIL_REFUSED;
    delivery->result.answer_text = str_from(why);
    return PREPARED_RESULT;
}

/* What a script queued is worded already, and was looked at when it was queued. */
static enum prepared take_words(struct delivery *delivery, struct message *message)
{
    const char *why = "what was queued cannot be read";
    struct value words;

    if (str_is_absent(value_from_json(delivery->mail.data, &delivery->arena, &words))) {
        message->subject = value_get_string(&words, STR("subject"));
        message->text = value_get_string(&words, STR("text"));
        message->html = value_get_string(&words, STR("html"));
        if (message_build(message, &delivery->bytes, &why) == ST_OK)
            return PREPARED;
    }
    delivery->result.state = MAIL_REFUSED;
    delivery->result.answer_text = str_from(why);
    return PREPARED_RESULT;
}

/* Absent: none. */
static struct str link_of(struct delivery *delivery, struct tx *tx)
{
    struct token token;

    if (uuid_is_none(delivery->mail.token) || !token_load(tx, delivery->mail.token, &token))
        return STR_NONE;
    return site_link(tx->arena, token_path(token.purpose), token_text(tx, &token));
}

/* The data of the mail with link and locale among them. */
static struct str data_with(struct delivery *delivery, struct tx *tx, struct str link)
{
    struct str data = str_trim(delivery->mail.data), made;
    struct buf json;

    buf_init(&json, MIB(1));
    if (data.len < 2 || data.at[0] != '{' || data.at[data.len - 1] != '}')
        data = STR("{}");
    buf_put(&json, data.at, data.len - 1);
    if (!str_is_empty(str_trim(str_slice(data.at + 1, data.len - 2))))
        buf_char(&json, ',');
    buf_text(&json, "\"link\":");
    buf_json(&json, link);
    buf_text(&json, ",\"locale\":");
    buf_json(&json, delivery->mail.locale);
    buf_char(&json, '}');
    made = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return made;
}

/* False: result.render_fallback says why. */
static bool render(struct delivery *delivery, struct tx *tx, struct str link,
                   struct message *message)
{
    const struct courier_options *options = &delivery->courier->options;
    struct str name = str_printf(tx->arena, "mail.%.*s", STR_ARG(delivery->mail.render));
    struct rendered rendered = { .fallback = STR_NONE };
    struct str *why = &delivery->result.render_fallback;
    enum status status;

    tx->policy = host_acquire(options->host, options->slot);
    status =
        policy_render(tx, name.at, delivery->mail.locale, data_with(delivery, tx, link), &rendered);
    host_release(tx->policy);
    tx->policy = NULL;
    *why = STR_NONE;
    if (status != ST_OK)
        *why = str_is_empty(rendered.fallback) ? STR("it failed") : rendered.fallback;
    else if (str_is_empty(rendered.subject) || str_is_empty(rendered.text))
        *why = str_printf(tx->arena, "%.*s gave no %s", STR_ARG(name),
                          str_is_empty(rendered.subject) ? "subject" : "text");
    else if (link.len && !memmem(rendered.text.at, rendered.text.len, link.at, link.len))
        *why = str_printf(tx->arena, "%.*s left data.link out of its text", STR_ARG(name));
    message->subject = rendered.subject;
    message->text = rendered.text;
    message->html = rendered.html;
    return str_is_absent(*why);
}

static void use_builtin(struct delivery *delivery, struct str link, struct message *message)
{
    struct failure failure = { 0 };
    struct facts facts = { 0 };
    struct json_t *json = NULL;
    uint64_t given = 0;
    struct builtin made;
    bool is_staff;

    /* What it does not know it names in failure, and goes on. */
    if (json_parse(delivery->mail.data, &delivery->arena, &json, &failure) == ST_OK)
        json_read(&fact_entity, json, JSON_CREATE, &delivery->arena, &facts, &given, &failure);
    json_free(json);
    is_staff = str_is(delivery->mail.render, "invite") && str_is(facts.kind, "internalUser");
    made = builtin_make(is_staff ? STR("invite_staff") : delivery->mail.render,
                        &(struct builtin_facts){
                            .workspace = facts.workspace,
                            .given_name = facts.given_name,
                            .person = facts.person,
                            .inviter = facts.inviter,
                            .message = facts.message,
                            .expires = str_slice(facts.expires.at, facts.expires.len < 10 ? 0 : 10),
                            .link = link },
                        &delivery->arena);
    message->subject = made.subject;
    message->text = made.text;
    message->html = STR_NONE;
    message->language = STR("en");
}
