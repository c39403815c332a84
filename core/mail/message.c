/* Message: headers, and the parts of the body in quoted-printable. */
#include "mail/message.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

enum {
    LINE = 76,       /* RFC 2045, 6.7 and RFC 2047, 2 */
    WORD_BYTES = 45, /* of UTF-8 in one encoded word: 60 letters of base64 */
};

static const char *fault_of(const struct message *message);
static bool is_one_line(struct str text);
static bool is_token(struct str text);
static void put_address_header(struct buf *out, const char *name, struct str person,
                               struct str address);
static void put_text_header(struct buf *out, const char *name, struct str text);
static void put_phrase(struct buf *out, size_t column, struct str text);
static void put_encoded(struct buf *out, size_t column, struct str text);
static void put_base64(struct buf *out, struct str bytes);
static void put_date(struct buf *out, int64_t wall);
static void put_boundary(struct buf *out, struct uuid id);
static void put_part(struct buf *out, const char *type, struct str text);
static void put_quoted(struct buf *out, struct str text);

enum status message_build(const struct message *message, struct buf *out, const char **why)
{
    const char *fault = fault_of(message);
    struct str domain = message->from;
    char id[UUID_TEXT];

    if (fault) {
        *why = fault;
        return ST_INVALID;
    }
    str_cut(&domain, '@', &(struct str){ 0 });
    uuid_format(message->id, id);
    put_address_header(out, "From", message->from_name, message->from);
    put_address_header(out, "To", STR_NONE, message->to);
    put_text_header(out, "Subject", message->subject);
    put_date(out, message->date);
    buf_printf(out, "Message-ID: <%s@%.*s>\r\n", id, STR_ARG(domain));
    buf_text(out, "Auto-Submitted: auto-generated\r\n");
    if (is_token(message->language))
        buf_printf(out, "Content-Language: %.*s\r\n", STR_ARG(message->language));
    if (is_token(message->request_id))
        buf_printf(out, "X-Request-Id: %.*s\r\n", STR_ARG(message->request_id));
    buf_text(out, "MIME-Version: 1.0\r\n");
    if (str_is_empty(message->html)) {
        put_part(out, "text/plain", message->text);
    } else {
        buf_text(out, "Content-Type: multipart/alternative;\r\n boundary=\"");
        put_boundary(out, message->id);
        buf_text(out, "\"\r\n\r\n--");
        put_boundary(out, message->id);
        buf_text(out, "\r\n");
        put_part(out, "text/plain", message->text);
        buf_text(out, "--");
        put_boundary(out, message->id);
        buf_text(out, "\r\n");
        put_part(out, "text/html", message->html);
        buf_text(out, "--");
        put_boundary(out, message->id);
        buf_text(out, "--\r\n");
    }
    if (out->overflowed)
        *why = "the mail is larger than mails may be";
    return out->overflowed ? ST_TOO_LARGE : ST_OK;
}

struct str message_id(struct arena *arena, struct uuid id, struct str from)
{
    struct str domain = from, local;
    char text[UUID_TEXT];

    str_cut(&domain, '@', &local);
    uuid_format(id, text);
    return str_printf(arena, "%s@%.*s", text, STR_ARG(domain));
}

bool message_address_is_good(struct str address)
{
    struct str domain = address, local;
    bool is_literal;
    size_t i;

    if (address.len > LIMIT_EMAIL_BYTES || !str_is_utf8(address) || str_has_control(address) ||
        !str_cut(&domain, '@', &local) || local.len == 0 || str_is_empty(domain))
        return false;
    for (i = 0; i < local.len; i++)
        if (strchr(" \"(),:;<>@[\\]", local.at[i]))
            return false;
    is_literal = domain.len > 2 && domain.at[0] == '[' && domain.at[domain.len - 1] == ']';
    if (is_literal)
        domain = str_slice(domain.at + 1, domain.len - 2);
    for (i = 0; i < domain.len; i++)
        if (strchr(is_literal ? " \"(),;<>@[\\]" : " \"(),:;<>@[\\]", domain.at[i]))
            return false;
    return true;
}

bool message_split_address(struct str text, struct str *name, struct str *address)
{
    const char *open = text.len ? memchr(text.at, '<', text.len) : NULL;

    *name = STR_NONE;
    *address = str_trim(text);
    if (open) {
        struct str rest = str_trim(str_slice(open, text.len - (size_t)(open - text.at)));

        if (rest.len < 3 || rest.at[rest.len - 1] != '>')
            return false;
        *address = str_slice(rest.at + 1, rest.len - 2);
        *name = str_trim(str_slice(text.at, (size_t)(open - text.at)));
        if (name->len >= 2 && name->at[0] == '"' && name->at[name->len - 1] == '"')
            *name = str_slice(name->at + 1, name->len - 2);
        if (str_is_empty(*name))
            *name = STR_NONE;
    }
    return message_address_is_good(*address);
}

/* NULL: none. */
static const char *fault_of(const struct message *message)
{
    if (!message_address_is_good(message->from))
        return "the sender's address cannot stand in a mail: look at mail_from";
    if (!message_address_is_good(message->to))
        return "the recipient's address cannot stand in a mail: correct it";
    if (!is_one_line(message->from_name))
        return "the sender's name has a line break or another control character";
    if (!is_one_line(message->subject))
        return "the subject has a line break or another control character";
    if (str_is_empty(str_trim(message->subject)))
        return "there is no subject";
    if (str_is_empty(str_trim(message->text)))
        return "there is no text";
    if (!str_is_utf8(message->text) || !str_is_utf8(message->html))
        return "the text is not UTF-8";
    if (memchr(message->text.at, 0, message->text.len) ||
        (message->html.len && memchr(message->html.at, 0, message->html.len)))
        return "the text has a NUL";
    return NULL;
}

/* Line ends as Unicode knows them count too: some programs of mail take them for such. */
static bool is_one_line(struct str text)
{
    size_t i;

    if (str_has_control(text) || !str_is_utf8(text) || text.len > KIB(4))
        return false;
    for (i = 0; i + 2 < text.len; i++)
        if (!memcmp(text.at + i, "\xe2\x80\xa8", 3) || !memcmp(text.at + i, "\xe2\x80\xa9", 3))
            return false;
    for (i = 0; i + 1 < text.len; i++)
        if ((unsigned char)text.at[i] == 0xc2 && (unsigned char)text.at[i + 1] < 0xa0)
            return false;
    return true;
}

/* Of a request id that somebody chose only what fits is told. */
static bool is_token(struct str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
                    text.at[i]) ||
            !text.at[i])
            return false;
    return text.len > 0 && text.len <= 128;
}

static void put_address_header(struct buf *out, const char *name, struct str person,
                               struct str address)
{
    struct str trimmed = str_trim(person);

    buf_printf(out, "%s: ", name);
    if (str_is_empty(trimmed)) {
        buf_printf(out, "<%.*s>\r\n", STR_ARG(address));
        return;
    }
    put_phrase(out, strlen(name) + 2, trimmed);
    /* A line of its own, so that no header line grows past what servers take. */
    buf_printf(out, "\r\n <%.*s>\r\n", STR_ARG(address));
}

static bool is_ascii(struct str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* "=?" would be taken for the beginning of an encoded word. */
static bool is_plain(struct str text, size_t room)
{
    size_t i;

    if (!is_ascii(text) || text.len > room)
        return false;
    for (i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '=' && text.at[i + 1] == '?')
            return false;
    return true;
}

static void put_phrase(struct buf *out, size_t column, struct str text)
{
    size_t i;

    if (!is_plain(text, LINE - 2 - column)) {
        put_encoded(out, column, text);
        return;
    }
    buf_char(out, '"');
    for (i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buf_char(out, '\\');
        buf_char(out, text.at[i]);
    }
    buf_char(out, '"');
}

static void put_text_header(struct buf *out, const char *name, struct str text)
{
    struct str trimmed = str_trim(text);
    size_t column = strlen(name) + 2;

    buf_printf(out, "%s: ", name);
    if (is_plain(trimmed, LINE - column))
        buf_str(out, trimmed);
    else
        put_encoded(out, column, trimmed);
    buf_text(out, "\r\n");
}

/* RFC 2047 words in base64, one a line, none cut inside of a letter. */
static void put_encoded(struct buf *out, size_t column, struct str text)
{
    size_t room = WORD_BYTES;

    while (column + 12 + (room + 2) / 3 * 4 > LINE)
        room--; /* the first one shares its line with the name */
    while (text.len) {
        size_t len = text.len < room ? text.len : room;

        while (len < text.len && len > 1 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
            len--;
        buf_text(out, "=?UTF-8?B?");
        put_base64(out, str_slice(text.at, len));
        buf_text(out, "?=");
        text = str_slice(text.at + len, text.len - len);
        if (text.len)
            buf_text(out, "\r\n ");
        room = WORD_BYTES;
    }
}

static void put_base64(struct buf *out, struct str bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i;

    for (i = 0; i < bytes.len; i += 3) {
        uint32_t three = 0;
        size_t k, have = bytes.len - i < 3 ? bytes.len - i : 3;

        for (k = 0; k < 3; k++)
            three = three << 8 | (k < have ? (unsigned char)bytes.at[i + k] : 0);
        for (k = 0; k < 4; k++)
            buf_char(out, k <= have ? letters[three >> (18 - 6 * k) & 63] : '=');
    }
}

/* HTTP's form of a date but for the zone, which mail writes as a number. */
static void put_date(struct buf *out, int64_t wall)
{
    char text[30];

    clock_format_http(wall, text);
    buf_printf(out, "Date: %.*s+0000\r\n", (int)(strlen(text) - 3), text);
}

/* "=_" never comes out of quoted-printable, so no part can hold it. */
static void put_boundary(struct buf *out, struct uuid id)
{
    char text[UUID_TEXT];

    uuid_format(id, text);
    buf_printf(out, "=_%s", text);
}

static void put_part(struct buf *out, const char *type, struct str text)
{
    buf_printf(out,
               "Content-Type: %s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               type);
    put_quoted(out, text);
}

/* Must the letter be written as =XX? A dot or "From " at the beginning of a line means something to
 * mail servers, a blank at its end gets lost. */
static bool is_quoted(struct str text, size_t i, size_t column)
{
    unsigned char c = (unsigned char)text.at[i];
    bool is_last = i + 1 == text.len || text.at[i + 1] == '\n' ||
                   (text.at[i + 1] == '\r' && i + 2 < text.len && text.at[i + 2] == '\n');

    if (c == ' ' || c == '\t')
        return is_last;
    if (c == '.')
        return column == 0;
    if (c == 'F')
        return column == 0 && text.len - i >= 5 && !memcmp(text.at + i, "From ", 5);
    return c < '!' || c > '~' || c == '=';
}

static void put_quoted(struct buf *out, struct str text)
{
    size_t i, column = 0;

    for (i = 0; i < text.len; i++) {
        bool is_crlf = text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n';

        if (text.at[i] == '\n' || is_crlf) {
            buf_text(out, "\r\n");
            column = 0;
            i += is_crlf;
            continue;
        }
        /* Room is kept for the soft break's own '='. */
        if (column + (is_quoted(text, i, column) ? 3 : 1) > LINE - 1) {
            buf_text(out, "=\r\n");
            column = 0;
        }
        if (is_quoted(text, i, column)) {
            buf_printf(out, "=%02X", (unsigned char)text.at[i]);
            column += 3;
        } else {
            buf_char(out, text.at[i]);
            column++;
        }
    }
    if (column)
        buf_text(out, "\r\n");
}
