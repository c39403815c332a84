/* Smtp_answer: lines to answers. */
#include "mail/smtp_answer.h"

#include "base/str.h"

#include <string.h>

static void take_line(struct smtp_answer *answer);
static void add_text(struct smtp_answer *answer, struct str text);

void smtp_answer_begin(struct smtp_answer *answer)
{
    *answer = (struct smtp_answer){ .code = 0 };
}

size_t smtp_answer_feed(struct smtp_answer *answer, const char *at, size_t len)
{
    size_t i;

    for (i = 0; i < len && !answer->is_whole; i++) {
        if (at[i] == '\n')
            take_line(answer);
        else if (answer->line_len < sizeof(answer->line))
            answer->line[answer->line_len++] = at[i];
    }
    return i;
}

void smtp_answer_clean(char out[SMTP_TEXT], const char *text, size_t len)
{
    struct str rest = str_trim(str_slice(text, len));
    size_t i, made = 0;

    for (i = 0; i < rest.len && made + 5 < SMTP_TEXT;) {
        unsigned char c = (unsigned char)rest.at[i];
        size_t letter = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

        if (letter > rest.len - i || !str_is_utf8(str_slice(rest.at + i, letter))) {
            out[made++] = '?';
            i++;
        } else if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)rest.at[i + 1] < 0xa0)) {
            out[made++] = ' ';
            i += letter;
        } else {
            memcpy(out + made, rest.at + i, letter);
            made += letter;
            i += letter;
        }
    }
    out[made] = 0;
}

static void take_line(struct smtp_answer *answer)
{
    struct str line = str_slice(answer->line, answer->line_len), text;
    int code = 0;
    size_t i;

    answer->line_len = 0;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    for (i = 0; i < 3 && i < line.len && line.at[i] >= '0' && line.at[i] <= '9'; i++)
        code = code * 10 + (line.at[i] - '0');
    if (i < 3 || code < 200 || code > 599 || (answer->code && code != answer->code) ||
        (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-')) {
        answer->code = -1;
        answer->is_whole = true;
        answer->text_len = 0;
        add_text(answer, line);
        return;
    }
    answer->code = code;
    text = line.len > 4 ? str_slice(line.at + 4, line.len - 4) : str_slice(line.at, 0);
    if (str_eq_nocase(str_trim(text), STR("SMTPUTF8")))
        answer->offers_utf8 = true;
    add_text(answer, text);
    if (line.len > 3 && line.at[3] == '-')
        answer->is_long = true;
    else
        answer->is_whole = true;
}

static void add_text(struct smtp_answer *answer, struct str text)
{
    char clean[SMTP_TEXT];
    size_t len;

    smtp_answer_clean(clean, text.at, text.len);
    len = strlen(clean);
    if (answer->text_len + len + 2 > sizeof(answer->text))
        return;
    if (answer->text_len && len)
        answer->text[answer->text_len++] = ' ';
    memcpy(answer->text + answer->text_len, clean, len + 1);
    answer->text_len += len;
}
