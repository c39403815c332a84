/* Builtin: the texts. */
#include "mail/builtin.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

#include <string.h>

struct words {
    const char *render;
    const char *subject; /* {workspace}, {person}, {inviter} */
    const char *text;    /* these, and {link} */
};

static const struct words all[] = {
    { "invite", "{inviter} invites you to {workspace}",
      "{inviter} invites you to the client portal of {workspace}.\n\n"
      "Open this link and choose a password:\n\n{link}\n\n"
      "If you did not expect this, do nothing: without the link nobody gets in.\n" },
    { "invite_staff", "{inviter} invites you to the team of {workspace}",
      "{inviter} invites you to join the team of {workspace}.\n\n"
      "Open this link and choose a password:\n\n{link}\n\n"
      "If you did not expect this, do nothing: without the link nobody gets in.\n" },
    { "reset", "Choose a new password for {workspace}",
      "Somebody, probably you, asked for a new password for {workspace}.\n\n"
      "Open this link within an hour and choose one:\n\n{link}\n\n"
      "If it was not you, do nothing: your password stays as it is.\n" },
    { "sign_in", "Your sign-in to {workspace}",
      "Open this link to sign in to {workspace}. It works once:\n\n{link}\n\n"
      "If you did not ask for it, do nothing.\n" },
    { "password_changed", "Your password for {workspace} was changed",
      "The password with which you sign in to {workspace} was changed, and all other sessions were "
      "ended.\n\nIf it was not you, ask for a new password on the sign-in page at once, and tell "
      "{workspace}.\n" },
    { "invite_accepted", "{person} has accepted your invitation",
      "{person} has accepted your invitation to {workspace} and signed in for the first time.\n" },
    { "test", "A test mail from {workspace}",
      "This is a test mail from {workspace}. That you read it means that mail gets through.\n" },
};

static const struct words news = { "", "News from {workspace}",
                                   "There is news for you at {workspace}.\n\n{link}\n" };

static void fill(struct buf *out, const char *text, const struct builtin_facts *facts,
                 bool is_line);
static void put(struct buf *out, struct str value, bool is_line);
static struct str finish(struct buf *out, struct arena *arena);

struct builtin builtin_make(struct str render, const struct builtin_facts *facts,
                            struct arena *arena)
{
    const struct words *words = &news;
    struct builtin made;
    struct buf out;
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (str_is(render, all[i].render))
            words = &all[i];
    buf_init(&out, KIB(128));
    fill(&out, words->subject, facts, true);
    made.subject = finish(&out, arena);
    if (!str_is_empty(facts->given_name)) {
        buf_text(&out, "Hello ");
        put(&out, facts->given_name, true);
        buf_text(&out, ",\n\n");
    }
    fill(&out, words->text, facts, false);
    if (!str_is_empty(facts->message)) {
        buf_text(&out, "\n");
        fill(&out, "{inviter} writes:\n\n", facts, false);
        put(&out, facts->message, false);
        buf_text(&out, "\n");
    }
    if (!str_is_empty(facts->expires)) {
        buf_text(&out, "\nThe link is good until ");
        put(&out, facts->expires, true);
        buf_text(&out, ".\n");
    }
    made.text = finish(&out, arena);
    buf_fini(&out);
    return made;
}

static struct str value_of(const char *name, size_t len, const struct builtin_facts *facts)
{
    struct str workspace =
        str_is_empty(facts->workspace) ? STR("your client portal") : facts->workspace;

    if (!strncmp(name, "link", len))
        return facts->link;
    if (!strncmp(name, "person", len))
        return str_is_empty(facts->person) ? STR("Somebody") : facts->person;
    if (!strncmp(name, "inviter", len) && !str_is_empty(facts->inviter))
        return facts->inviter;
    return workspace;
}

static void fill(struct buf *out, const char *text, const struct builtin_facts *facts, bool is_line)
{
    const char *hole, *end;

    while ((hole = strchr(text, '{')) && (end = strchr(hole, '}'))) {
        buf_put(out, text, (size_t)(hole - text));
        put(out, value_of(hole + 1, (size_t)(end - hole - 1), facts), is_line);
        text = end + 1;
    }
    buf_text(out, text);
}

/* A subject holds at most so much of any one value. */
static void put(struct buf *out, struct str value, bool is_line)
{
    enum { MOST = 200 };
    size_t i, most = is_line && value.len > MOST ? MOST : value.len;

    if (!str_is_utf8(value))
        return;
    while (most < value.len && most > 0 && ((unsigned char)value.at[most] & 0xc0) == 0x80)
        most--;
    for (i = 0; i < most; i++) {
        unsigned char c = (unsigned char)value.at[i];
        bool is_second = i > 0 && (unsigned char)value.at[i - 1] == 0xc2;

        if (is_line && (c < 0x20 || c == 0x7f))
            buf_char(out, ' ');
        else if (is_line && c == 0xe2 && i + 2 < most && value.at[i + 1] == '\x80' &&
                 (value.at[i + 2] == '\xa8' || value.at[i + 2] == '\xa9')) {
            buf_char(out, ' ');
            i += 2;
        } else if (is_line && is_second && c < 0xa0) {
            out->len--; /* a C1 control: its first byte goes too */
            buf_char(out, ' ');
        } else if (c) {
            buf_char(out, (char)c);
        }
    }
}

static struct str finish(struct buf *out, struct arena *arena)
{
    struct str made = str_copy(arena, buf_view(out));

    buf_clear(out);
    return made;
}
