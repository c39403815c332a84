/* Log: one line a record on stderr, `key=value` pairs that a person and a program can read.
 *
 *   time=2026-11-23T22:13:00.123456Z level=info msg="listening on" request=… addr=127.0.0.1:8080
 *
 * Values are quoted where they must be and control characters are escaped, so that nothing from
 * a peer can forge a line. Each write(2) is of whole lines and of at most PIPE_BUF bytes, so that lines
 * never mix; what is longer is cut and ends in `cut=true`. Secrets, tokens and bodies never come here.
 * Any thread.
 */
#ifndef FOYER_BASE_LOG_H
#define FOYER_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key;
    struct str text; /* absent is written as "" */
    int64_t number;
    bool is_number;
};

#define LOG_S(k, v) ((struct log_field){ (k), (v), 0, false })         /* struct str */
#define LOG_C(k, v) ((struct log_field){ (k), str_from(v), 0, false }) /* C string, may be NULL */
#define LOG_N(k, v) ((struct log_field){ (k), STR_NONE, (int64_t)(v), true })

/* debug, info, warn, error; false for anything else. */
bool log_level_parse(struct str name, enum log_level *level);
void log_set_level(enum log_level level);
const char *log_level_name(enum log_level level);
bool log_is_on(enum log_level level);
/* From here on lines of this thread below warn may wait for log_flush, or for PIPE_BUF bytes; false: not any
 * more. For threads that have a moment at which they wait for work. */
void log_gather(bool is_on);
/* From here on each record is given to `take` instead of being written, of whatever level; NULL: not any more. For
 * tests of scripts, while no thread but the caller's logs. */
typedef void log_taker(void *context, enum log_level level, const char *msg,
                       const struct log_field *fields, size_t count);
void log_catch(log_taker *take, void *context);
/* Writes what waits in this thread. */
void log_flush(void);

/* request_id may be absent. msg is a literal: what happened, in a few words. */
void log_record(enum log_level level, struct str request_id, const char *msg,
                const struct log_field *fields, size_t count);

#define log_at(level, request_id, msg, ...)                                                        \
    do {                                                                                           \
        const struct log_field log_fields_[] = { LOG_C("", ""), ##__VA_ARGS__ };                   \
        if (log_is_on(level))                                                                      \
            log_record((level), (request_id), (msg), log_fields_ + 1,                              \
                       sizeof(log_fields_) / sizeof(log_fields_[0]) - 1);                          \
    } while (0)

#define log_debug(request_id, ...) log_at(LOG_DEBUG, request_id, __VA_ARGS__)
#define log_info(request_id, ...)  log_at(LOG_INFO, request_id, __VA_ARGS__)
#define log_warn(request_id, ...)  log_at(LOG_WARN, request_id, __VA_ARGS__)
#define log_error(request_id, ...) log_at(LOG_ERROR, request_id, __VA_ARGS__)

#endif
