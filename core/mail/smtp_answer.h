/* Smtp_answer: what a mail server says, line by line: "250-first", "250 last" (RFC 5321, 4.2.1).
 *
 * Knows no sockets. Whatever a server sends, the text that comes out is one line of UTF-8 without
 * controls, cut at its ceiling.
 */
#ifndef FOYER_MAIL_SMTP_ANSWER_H
#define FOYER_MAIL_SMTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

enum { SMTP_TEXT = 512, SMTP_LINE = 1024 };

struct smtp_answer {
    int code;             /* 0: none yet; -1: this is no SMTP */
    char text[SMTP_TEXT]; /* lines joined by blanks, without the code */
    size_t text_len;
    bool is_whole;
    bool is_long;         /* of several lines: that to EHLO */
    bool offers_utf8;     /* one line says SMTPUTF8 */
    char line[SMTP_LINE]; /* the one that is being read; what is longer is dropped */
    size_t line_len;
};

void smtp_answer_begin(struct smtp_answer *answer);
/* Gives how many bytes it took: those up to the end of the answer. A further call after a whole one
 * takes nothing. */
size_t smtp_answer_feed(struct smtp_answer *answer, const char *at, size_t len);
/* Copies text as one line that may stand in a log, a header and JSON. */
void smtp_answer_clean(char out[SMTP_TEXT], const char *text, size_t len);

#endif
