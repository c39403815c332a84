/* Status: the table of outcomes, made from the X-macro in status.h. */
#include "base/status.h"

#include "base/check.h"

struct status_row {
    int http;
    const char *code;
    const char *text;
};

static const struct status_row rows[STATUS_COUNT] = {
#define STATUS_ROW(name, http, code, text) [name] = { http, code, text },
    STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *row_of(enum status status)
{
    PRE((unsigned)status < STATUS_COUNT);
    return &rows[status];
}

int status_http(enum status status)
{
    return row_of(status)->http;
}

const char *status_code(enum status status)
{
    return row_of(status)->code;
}

const char *status_text(enum status status)
{
    return row_of(status)->text;
}
