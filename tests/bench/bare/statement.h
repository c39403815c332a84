/* Statement: what rows_read.c and rows_write.c share: a connection and its prepared statements. */
#ifndef BARE_STATEMENT_H
#define BARE_STATEMENT_H

#include "rows.h"
#include "shape.h"

enum statement {
    BEGIN_WRITE,
    COMMIT,
    KEY,
    CLIENT,
    LIST,
    LIST_GIVEN,
    LIST_FAMILY,
    SEARCH,
    SEARCH_FRESH,
    INSERT_COMPANY,
    INSERT_CLIENT,
    INSERT_MEMBERSHIP,
    NUMBERS,
    INSERT_EVENT,
    INSERT_AUDIT,
    COUNT_COMMIT,
    INDEX,
    INDEX_MARK,
    UNSEALED,
    SEAL,
    STATEMENTS
};

struct rows {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    int mark_fd; /* Foyer's high-water mark of commits; -1: a reader */
    struct out scratch;
};

/* Prepared on first use, kept. */
sqlite3_stmt *statement_take(struct rows *rows, enum statement which);
/* Steps to its end and resets. */
void statement_run(struct rows *rows, enum statement which);
void statement_bind_text(sqlite3_stmt *statement, int at, struct text text); /* borrows */
/* The folded twin of a text; what the load sends is ASCII. */
void statement_bind_key(sqlite3_stmt *statement, int at, struct text text);
/* Exits with the connection's message. */
void statement_failed(struct rows *rows, const char *what);

int64_t now_micros(void);
void random_bytes(void *at, size_t len);

#endif
