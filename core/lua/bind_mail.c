/* Bind mail: foyer.mail.queue, a mail that the transaction owes. */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "mail/message.h"
#include "policy/reads.h"
#include "store/fold.h"
#include "store/kv.h"
#include "store/mail.h"
#include "store/workspace.h"

#include <lauxlib.h>

static struct str read_member(lua_State *L, const char *name, bool is_needed);
static void check_names(lua_State *L);
static void check_message(lua_State *L, const struct kept_mail *wanted);
static struct str to_json(const struct kept_mail *wanted, struct arena *arena);
static void keep(struct tx *tx, const struct kept_mail *wanted);
static int queue(lua_State *L, struct tx *tx, const struct kept_mail *wanted);

int bind_mail_queue(lua_State *L)
{
    struct call *call = call_of(L);
    struct kept_mail wanted = { .next = NULL };

    check_names(L);
    wanted.to = read_member(L, "to", true);
    wanted.subject = read_member(L, "subject", true);
    wanted.text = read_member(L, "text", true);
    wanted.html = read_member(L, "html", false);
    check_message(L, &wanted);
    if (++call->mails > LIMIT_SCRIPT_MAILS)
        return luaL_error(L, "foyer.mail.queue: more than %d mails in one call",
                          LIMIT_SCRIPT_MAILS);
    if (!call->tx->kept)
        return queue(L, call->tx, &wanted);
    keep(call->tx, &wanted);
    return 0;
}

/* "sujbect" is no mail without a subject. */
static void check_names(lua_State *L)
{
    static const char *const names[] = { "to", "subject", "text", "html" };

    lua_pushnil(L);
    while (lua_next(L, 1)) {
        size_t i = 0;

        while (i < 4 &&
               !(lua_type(L, -2) == LUA_TSTRING && str_eq(api_text(L, -2), str_from(names[i]))))
            i++;
        luaL_argcheck(L, i < 4, 1, "a mail has to, subject, text and html, nothing else");
        lua_pop(L, 1);
    }
}

static struct str read_member(lua_State *L, const char *name, bool is_needed)
{
    struct str text = STR_NONE;

    if (lua_getfield(L, 1, name) == LUA_TSTRING)
        text = api_copy_text(L, -1);
    else if (is_needed || !lua_isnil(L, -1))
        luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a text", name));
    lua_pop(L, 1);
    luaL_argcheck(L, text.len <= LIMIT_SCRIPT_MAIL, 1, "at most 128 KiB a text expected");
    return text;
}

/* By the same hands that will make it, so that nothing is found out when it is too late to say. */
static void check_message(lua_State *L, const struct kept_mail *wanted)
{
    struct message message = { .from = STR("x@localhost"),
                               .to = STR("x@localhost"),
                               .subject = wanted->subject,
                               .text = wanted->text,
                               .html = wanted->html };
    const char *why = NULL;
    enum status status;
    struct buf out;

    luaL_argcheck(L,
                  !str_is_absent(fold_email(script_scratch(L), wanted->to)) &&
                      message_address_is_good(wanted->to),
                  1, "to must be an address");
    script_charge(L, (wanted->text.len + wanted->html.len) / 4);
    buf_init(&out, LIMIT_MAIL_BYTES);
    status = message_build(&message, &out, &why);
    buf_fini(&out);
    luaL_argcheck(L, status == ST_OK, 1, why ? why : "it is too large for a mail");
}

static int queue(lua_State *L, struct tx *tx, const struct kept_mail *wanted)
{
    const struct workspace *workspace = tx->workspace_seen;
    struct mail mail = { .render = STR("plugin"), .recipient = wanted->to };

    if (call_of(L)->question)
        workspace = question_workspace(call_of(L)->question);
    mail.locale = workspace ? workspace->locale : STR("en");
    mail.data = to_json(wanted, tx->arena);
    if (mail_queue(tx, &mail) != ST_OK)
        return luaL_error(L, "foyer.mail.queue: the transaction has failed");
    return 0;
}

static struct str to_json(const struct kept_mail *wanted, struct arena *arena)
{
    struct str made;
    struct buf json;

    buf_init(&json, MIB(4)); /* escaped they may be six times as long */
    buf_text(&json, "{\"subject\":");
    buf_json(&json, wanted->subject);
    buf_text(&json, ",\"text\":");
    buf_json(&json, wanted->text);
    if (!str_is_absent(wanted->html)) {
        buf_text(&json, ",\"html\":");
        buf_json(&json, wanted->html);
    }
    buf_char(&json, '}');
    made = str_copy(arena, buf_view(&json));
    buf_fini(&json);
    return made;
}

/* A test looks at them: t.filter gives them. */
static void keep(struct tx *tx, const struct kept_mail *wanted)
{
    struct kept_mail *mail = arena_new(tx->arena, struct kept_mail);

    *mail = *wanted;
    mail->next = tx->kept->mails;
    tx->kept->mails = mail;
}
