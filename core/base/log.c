/* Log: builds one line on the stack and writes it at once, or with others of its thread. No lock, no heap. */
#include "base/log.h"

#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4096, /* PIPE_BUF: a longer write to a pipe may be torn */
    VALUE_MAX_BYTES = 1024,
};

static const char cut_mark[] = " cut=true";

struct line {
    char at[LINE_MAX_BYTES];
    size_t len;
    bool is_cut;
};

static const char *const level_names[] = { "debug", "info", "warn", "error" };

static _Atomic int threshold = LOG_INFO;

static struct {
    log_taker *take;
    void *context;
} catcher;

/* Of a thread that gathers. */
static _Thread_local struct {
    char at[LINE_MAX_BYTES];
    size_t len;
    bool is_on;
} waiting;

static void put(struct line *line, const char *at, size_t len);
static void put_pair(struct line *line, const char *key, struct str value);
static void put_number(struct line *line, const char *key, int64_t number);
static bool needs_quotes(struct str value);
static size_t put_escaped(struct line *line, const unsigned char *at, size_t len);
static void write_whole(const char *at, size_t len);

bool log_level_parse(struct str name, enum log_level *level)
{
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
        if (str_is(name, level_names[i])) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&threshold, memory_order_relaxed) || catcher.take;
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

void log_catch(log_taker *take, void *context)
{
    catcher.take = take;
    catcher.context = context;
}

void log_record(enum log_level level, struct str request_id, const char *msg,
                const struct log_field *fields, size_t count)
{
    struct line line;
    char time[CLOCK_TEXT];

    if (catcher.take) {
        catcher.take(catcher.context, level, msg, fields, count);
        return;
    }
    line.len = 0;
    line.is_cut = false;
    clock_format(clock_wall(), time);
    put(&line, "time=", 5);
    put(&line, time, strlen(time));
    put_pair(&line, "level", str_from(level_names[level]));
    put_pair(&line, "msg", str_from(msg));
    if (!str_is_absent(request_id))
        put_pair(&line, "request", request_id);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].is_number)
            put_number(&line, fields[i].key, fields[i].number);
        else
            put_pair(&line, fields[i].key, fields[i].text);
    }
    if (line.is_cut) {
        memcpy(line.at + line.len, cut_mark, sizeof cut_mark - 1);
        line.len += sizeof cut_mark - 1;
    }
    line.at[line.len++] = '\n';
    if (!waiting.is_on) {
        write_whole(line.at, line.len);
        return;
    }
    if (line.len > sizeof(waiting.at) - waiting.len)
        log_flush();
    memcpy(waiting.at + waiting.len, line.at, line.len);
    waiting.len += line.len;
    if (level >= LOG_WARN)
        log_flush();
}

void log_gather(bool is_on)
{
    if (!is_on)
        log_flush();
    waiting.is_on = is_on;
}

void log_flush(void)
{
    if (waiting.len > 0)
        write_whole(waiting.at, waiting.len);
    waiting.len = 0;
}

/* All or nothing; after the first that did not fit, nothing more: a half pair would mislead. */
static void put(struct line *line, const char *at, size_t len)
{
    if (line->is_cut || len > sizeof line->at - sizeof cut_mark - line->len) {
        line->is_cut = true;
        return;
    }
    memcpy(line->at + line->len, at, len);
    line->len += len;
}

static void put_pair(struct line *line, const char *key, struct str value)
{
    size_t begin = line->len, i = 0;
    bool is_quoted = needs_quotes(value);

    put(line, " ", 1);
    put(line, key, strlen(key));
    put(line, is_quoted ? "=\"" : "=", is_quoted ? 2 : 1);
    if (!is_quoted && value.len <= VALUE_MAX_BYTES) { /* nearly all: nothing to escape */
        put(line, value.at, value.len);
        i = value.len;
    }
    while (i < value.len && i < VALUE_MAX_BYTES)
        i += put_escaped(line, (const unsigned char *)value.at + i, value.len - i);
    if (i < value.len)
        put(line, "...", 3);
    if (is_quoted)
        put(line, "\"", 1);
    if (line->is_cut)
        line->len = begin;
}

static void put_number(struct line *line, const char *key, int64_t number)
{
    char digits[20], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--at = '-';
    put_pair(line, key, str_slice(at, (size_t)(digits + sizeof digits - at)));
}

static bool needs_quotes(struct str value)
{
    if (value.len == 0)
        return true;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\')
            return true;
    }
    return false;
}

/* Writes one character and says how many bytes it was. Whatever could move a terminal's cursor or
 * break a line for a reader (controls, C1, U+2028/9, bytes that are not UTF-8) is escaped. */
static size_t put_escaped(struct line *line, const unsigned char *at, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    char escape[4] = { '\\', 'x', hex[at[0] >> 4], hex[at[0] & 15] };
    size_t step = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;

    if (at[0] == '"' || at[0] == '\\') {
        escape[1] = (char)at[0];
        put(line, escape, 2);
        return 1;
    }
    if (at[0] == '\n' || at[0] == '\r' || at[0] == '\t') {
        escape[1] = at[0] == '\n' ? 'n' : at[0] == '\r' ? 'r' : 't';
        put(line, escape, 2);
        return 1;
    }
    if (at[0] >= ' ' && at[0] < 0x7F) {
        put(line, (const char *)at, 1);
        return 1;
    }
    if (at[0] < 0xC2 || step > len || !str_is_utf8(str_slice((const char *)at, step)) ||
        (at[0] == 0xC2 && at[1] < 0xA0) ||
        (at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9))) {
        put(line, escape, 4);
        return 1;
    }
    put(line, (const char *)at, step);
    return step;
}

/* A log that cannot be written must not stop the server: what does not go is lost. */
static void write_whole(const char *at, size_t len)
{
    int saved = errno;
    ssize_t wrote;

    do
        wrote = write(STDERR_FILENO, at, len);
    while (wrote < 0 && errno == EINTR);
    errno = saved;
}
