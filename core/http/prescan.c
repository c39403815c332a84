/* Prescan: the machine over lines of a header block.
 *
 *   START ──CR──▶ EMPTY_LF ──LF──▶ START (once)
 *     │ token
 *     ▼
 *   REQUEST ──CR──▶ REQUEST_LF ──LF──▶ LINE ──token──▶ NAME ──":"──▶ VALUE ──CR──▶ VALUE_LF ──LF──▶ LINE
 *                                       │
 *                                       └──CR──▶ END_LF ──LF──▶ done
 *
 * Every other byte is a fault. REQUEST, NAME and VALUE are where nearly all bytes are: they run in
 * loops of their own.
 */
#include "http/prescan.h"

#include "base/limits.h"

enum state { START, EMPTY_LF, REQUEST, REQUEST_LF, LINE, NAME, VALUE, VALUE_LF, END_LF };

/* Bits of what a byte may be; TARGET with the blank that ends it. */
enum { TOKEN = 1, TARGET = 2, FIELD = 4 };

static enum prescan_event step(struct prescan *scan, unsigned char c, struct prescan_fault *fault);
static enum prescan_event step_line(struct prescan *scan, unsigned char c,
                                    struct prescan_fault *fault);
static size_t run(struct prescan *scan, const char *at, size_t len);
static enum prescan_event fail(struct prescan_fault *fault, enum status status, const char *code,
                               const char *message);
static enum prescan_event fail_byte(struct prescan_fault *fault, unsigned char c);

static const uint8_t kinds[256] = {
    ['\t'] = FIELD,
    [' '] = TARGET | FIELD,
    ['!'] = TOKEN | TARGET | FIELD,
    ['"'] = TARGET | FIELD,
    ['#' ... '\''] = TOKEN | TARGET | FIELD,
    ['(' ... ')'] = TARGET | FIELD,
    ['*' ... '+'] = TOKEN | TARGET | FIELD,
    [','] = TARGET | FIELD,
    ['-' ... '.'] = TOKEN | TARGET | FIELD,
    ['/'] = TARGET | FIELD,
    ['0' ... '9'] = TOKEN | TARGET | FIELD,
    [':' ... '@'] = TARGET | FIELD,
    ['A' ... 'Z'] = TOKEN | TARGET | FIELD,
    ['[' ... ']'] = TARGET | FIELD,
    ['^' ... 'z'] = TOKEN | TARGET | FIELD,
    ['{'] = TARGET | FIELD,
    ['|'] = TOKEN | TARGET | FIELD,
    ['}'] = TARGET | FIELD,
    ['~'] = TOKEN | TARGET | FIELD,
    [0x80 ... 0xFF] = FIELD,
};

void prescan_begin(struct prescan *scan)
{
    *scan = (struct prescan){ .state = START };
}

void prescan_begin_trailer(struct prescan *scan)
{
    *scan = (struct prescan){ .state = LINE };
}

bool prescan_is_idle(const struct prescan *scan)
{
    return scan->state == START && !scan->has_empty_line;
}

bool prescan_is_token(char c)
{
    return kinds[(unsigned char)c] & TOKEN;
}

enum prescan_event prescan_feed(struct prescan *scan, const char *at, size_t len, size_t *taken,
                                size_t *skip, struct prescan_fault *fault)
{
    size_t i = 0;

    *skip = 0;
    while (i < len) {
        size_t plain = run(scan, at + i, len - i);
        enum prescan_event event = PRESCAN_MORE;

        scan->bytes += (uint32_t)plain;
        i += plain;
        if (i < len && scan->bytes < LIMIT_HEADER_BYTES) {
            scan->bytes++;
            event = step(scan, (unsigned char)at[i++], fault);
            if (scan->bytes == 0)
                *skip = i;
        }
        if (event == PRESCAN_MORE && scan->bytes >= LIMIT_HEADER_BYTES)
            event = fail(fault, ST_HEADERS_TOO_LARGE, NULL, "The header is longer than 16 KiB.");
        if (event != PRESCAN_MORE) {
            *taken = i;
            return event;
        }
    }
    *taken = len;
    return PRESCAN_MORE;
}

/* How many bytes change nothing but the counts; never more than the ceilings leave. */
static size_t run(struct prescan *scan, const char *at, size_t len)
{
    size_t most = LIMIT_HEADER_BYTES - scan->bytes, i = 0;
    uint8_t kind;

    switch ((enum state)scan->state) {
    case REQUEST:
        kind = TARGET;
        if (most > LIMIT_REQUEST_LINE - scan->request_line)
            most = LIMIT_REQUEST_LINE - scan->request_line;
        break;
    case NAME:
        kind = TOKEN;
        break;
    case VALUE:
        kind = FIELD;
        break;
    default:
        return 0;
    }
    if (most > len)
        most = len;
    while (i < most && (kinds[(unsigned char)at[i]] & kind))
        i++;
    if (kind == TARGET)
        scan->request_line += (uint32_t)i;
    return i;
}

static enum prescan_event step(struct prescan *scan, unsigned char c, struct prescan_fault *fault)
{
    switch ((enum state)scan->state) {
    case START:
        if (c == '\r' && !scan->has_empty_line) {
            scan->state = EMPTY_LF;
        } else if (kinds[c] & TOKEN) {
            scan->state = REQUEST;
            scan->request_line = 1;
        } else {
            return fail_byte(fault, c);
        }
        return PRESCAN_MORE;
    case EMPTY_LF:
        if (c != '\n')
            return fail_byte(fault, '\r');
        scan->has_empty_line = true;
        scan->state = START;
        scan->bytes = 0;
        return PRESCAN_MORE;
    case REQUEST:
        if (c == '\r')
            scan->state = REQUEST_LF;
        else if (!(kinds[c] & TARGET))
            return fail_byte(fault, c);
        else if (++scan->request_line > LIMIT_REQUEST_LINE)
            return fail(fault, ST_URI_TOO_LONG, NULL, NULL);
        return PRESCAN_MORE;
    case REQUEST_LF:
    case VALUE_LF:
        if (c != '\n')
            return fail_byte(fault, '\r');
        scan->state = LINE;
        return PRESCAN_MORE;
    default:
        return step_line(scan, c, fault);
    }
}

static enum prescan_event step_line(struct prescan *scan, unsigned char c,
                                    struct prescan_fault *fault)
{
    switch ((enum state)scan->state) {
    case LINE:
        if (c == '\r') {
            scan->state = END_LF;
            return PRESCAN_MORE;
        }
        if (c == ' ' || c == '\t')
            return fail(fault, ST_INVALID, "invalid_header",
                        "A header line begins with a blank: folding is no longer allowed.");
        if (c == ':')
            return fail(fault, ST_INVALID, "invalid_header", "A header line has no name.");
        if (!(kinds[c] & TOKEN))
            return fail_byte(fault, c);
        if (scan->lines == LIMIT_HEADER_LINES)
            return fail(fault, ST_HEADERS_TOO_LARGE, NULL, "There are more than 100 header lines.");
        scan->lines++;
        scan->state = NAME;
        return PRESCAN_MORE;
    case NAME:
        if (c != ':')
            return fail(fault, ST_INVALID, "invalid_header",
                        "The name of a header has a character that names cannot have.");
        scan->state = VALUE;
        return PRESCAN_MORE;
    case VALUE:
        if (c != '\r')
            return fail_byte(fault, c);
        scan->state = VALUE_LF;
        return PRESCAN_MORE;
    default: /* END_LF */
        return c == '\n' ? PRESCAN_DONE : fail_byte(fault, '\r');
    }
}

static enum prescan_event fail(struct prescan_fault *fault, enum status status, const char *code,
                               const char *message)
{
    *fault = (struct prescan_fault){ status, code, message };
    return PRESCAN_FAULT;
}

static enum prescan_event fail_byte(struct prescan_fault *fault, unsigned char c)
{
    const char *message = "The header has a character that cannot stand there.";

    if (c == '\0')
        message = "The header has a NUL.";
    else if (c == '\n')
        message = "The header has an LF without CR before it.";
    else if (c == '\r')
        message = "The header has a CR without LF behind it.";
    return fail(fault, ST_INVALID, "invalid_header", message);
}
