/* The vectors of tests/http against the parser: whole, split at every byte, byte by byte. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "harness.h"
#include "http/parse.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPLIT_ALL = 4096, SPLIT_STEP = 997 };

struct vector {
    struct str name;
    struct buf bytes;    /* unescaped */
    struct buf expected; /* lines as describe() writes them */
};

static struct arena texts; /* of the files */
static size_t vectors, runs;

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Undoes the escapes of text into out; stops at the '}' that ends a repeat. */
static struct str unescape(struct str text, struct buf *out)
{
    while (text.len > 0 && text.at[0] != '}') {
        char c = text.at[0], next = text.len > 1 ? text.at[1] : '\0';
        size_t begin = out->len, used = 2;
        char *end;

        if (c != '\\') {
            buf_char(out, c);
            text = str_slice(text.at + 1, text.len - 1);
            continue;
        }
        switch (next) {
        case 'x':
            buf_char(out, (char)(hex(text.at[2]) << 4 | hex(text.at[3])));
            used = 4;
            break;
        case '{': {
            long times = strtol(text.at + 2, &end, 10);
            struct str rest =
                unescape(str_slice(end + 1, (size_t)(text.at + text.len - end - 1)), out);
            size_t len = out->len - begin;
            char *piece = malloc(len + 1);

            CHECK(times > 0 && *end == ' ' && rest.len > 0);
            memcpy(piece, out->at + begin, len);
            for (long i = 1; i < times; i++)
                buf_put(out, piece, len);
            free(piece);
            used = text.len - rest.len + 1;
            break;
        }
        default: {
            static const char from[] = "rnt0\\s", to[] = "\r\n\t\0\\ ";
            const char *found = strchr(from, next);

            CHECK(next != '\0' && found != NULL);
            buf_char(out, to[found - from]);
        }
        }
        text = str_slice(text.at + used, text.len - used);
    }
    return text;
}

/* A brace outside of repeats is text: JSON has many. */
static void unescape_line(struct str text, struct buf *out)
{
    while ((text = unescape(text, out)).len > 0) {
        buf_char(out, '}');
        text = str_slice(text.at + 1, text.len - 1);
    }
}

static const char *phrase_of(struct str answer, char line[128])
{
    struct str rest = answer, status, how, code = STR_NONE;
    const char *found = memmem(answer.at, answer.len, "code=", 5);

    str_cut(&rest, ' ', &status);
    str_cut(&rest, ' ', &how);
    if (found != NULL) {
        rest = str_slice(found + 5, (size_t)(answer.at + answer.len - found) - 5);
        str_cut(&rest, ' ', &code);
    }
    snprintf(line, 128, "refused %.*s%s%.*s\n", STR_ARG(status), code.len ? " " : "",
             STR_ARG(code));
    return line;
}

/* What the parser must say, from the lines '<' and '@' of a vector. */
static void expect(struct vector *vector, struct str answer, struct str accepted)
{
    const char *body = accepted.at ? memmem(accepted.at, accepted.len, " body=", 6) : NULL;
    char line[128];

    if (str_is(answer, "nothing"))
        return;
    if (str_is(answer, "100")) {
        buf_text(&vector->expected, "continue\n");
    } else if (accepted.at == NULL) {
        buf_text(&vector->expected, phrase_of(answer, line));
    } else {
        size_t head = body ? (size_t)(body - accepted.at) : accepted.len;

        buf_text(&vector->expected, "request ");
        unescape_line(str_slice(accepted.at, head), &vector->expected);
        buf_text(&vector->expected, " body=");
        if (body != NULL)
            unescape_line(str_slice(body + 6, accepted.len - head - 6), &vector->expected);
        buf_char(&vector->expected, '\n');
    }
}

/* Gives one request's events to out; false when nothing more can come. */
static bool drive(struct parser *parser, struct arena *arena, struct request *rq, struct str piece,
                  size_t *used, struct buf *out)
{
    struct failure failure = { 0 };

    while (true) {
        size_t taken = 0;
        enum parse_event event =
            parser_feed(parser, piece.at + *used, piece.len - *used, &taken, &failure);

        *used += taken;
        if (event == PARSE_HEADERS)
            continue;
        if (event == PARSE_REFUSED) {
            struct str code =
                failure.code.len ? failure.code : str_from(status_code(failure.status));

            buf_printf(out, "refused %d %.*s\n", status_http(failure.status), STR_ARG(code));
            return false;
        }
        if (event == PARSE_MORE) {
            CHECK(*used == piece.len);
            return true;
        }
        buf_printf(out, "request %s %.*s body=", method_name(rq->method), STR_ARG(rq->path));
        buf_str(out, rq->body);
        buf_char(out, '\n');
        if (!parser_keeps_alive(parser))
            return false;
        CHECK(parser_is_idle(parser));
        arena_reset(arena);
        *rq = (struct request){ 0 };
        parser_begin(parser, arena, rq);
    }
}

/* Feeds bytes in pieces that end at each multiple of step, or once at `at`. */
static void run(struct str bytes, size_t at, size_t step, struct buf *out)
{
    struct parser *parser = parser_new();
    struct request rq = { 0 };
    struct arena arena;
    size_t begin = 0;

    arena_init(&arena, LIMIT_REQUEST_ARENA);
    parser_begin(parser, &arena, &rq);
    CHECK(parser_is_idle(parser));
    runs++;
    while (begin < bytes.len) {
        size_t end = step ? begin + step : begin < at ? at : bytes.len;
        struct str piece = str_slice(bytes.at + begin, (end < bytes.len ? end : bytes.len) - begin);
        /* a copy, so that what the parser kept of it is seen by the sanitizers */
        char *copy = malloc(piece.len + 1);
        size_t used = 0;
        bool goes_on;

        memcpy(copy, piece.at, piece.len);
        goes_on = drive(parser, &arena, &rq, str_slice(copy, piece.len), &used, out);
        free(copy);
        if (!goes_on)
            break;
        begin += piece.len;
    }
    /* a body that waits for it; where it came along in the same piece it is not asked for */
    if (parser_wants_continue(parser))
        buf_text(out, "continue\n");
    parser_free(parser);
    arena_fini(&arena);
}

static bool is_as_expected(const struct vector *vector, const struct buf *got)
{
    struct str rest = buf_view(&vector->expected), said = buf_view(got), want, have;

    /* a refusal whose code is not named may have any */
    while (str_cut(&rest, '\n', &want)) {
        if (!str_cut(&said, '\n', &have))
            return false;
        if (!str_eq(want, have) &&
            !(str_starts(want, STR("refused ")) && want.len == 11 && str_starts(have, want)))
            return false;
    }
    return str_is_empty(said);
}

static void check(const struct vector *vector, size_t at, size_t step)
{
    struct str bytes = buf_view(&vector->bytes);
    struct buf got;

    buf_init(&got, MIB(4));
    run(bytes, at, step, &got);
    harness_note("%.*s, %s %zu: wanted %.*s got %.*s", STR_ARG(vector->name),
                 step ? "pieces of" : "split at", step ? step : at,
                 (int)(vector->expected.len < 300 ? vector->expected.len : 300),
                 vector->expected.at ? vector->expected.at : "(nothing)",
                 (int)(got.len < 300 ? got.len : 300), got.at ? got.at : "(nothing)");
    CHECK(is_as_expected(vector, &got));
    buf_fini(&got);
}

static void finish(struct vector *vector)
{
    size_t len = vector->bytes.len;

    if (vector->name.at == NULL)
        return;
    vectors++;
    check(vector, len, 0);
    check(vector, 0, 1);
    for (size_t at = 1; at < len; at += len <= SPLIT_ALL ? 1 : SPLIT_STEP)
        check(vector, at, 0);
    buf_clear(&vector->bytes);
    buf_clear(&vector->expected);
    vector->name = STR_NONE;
}

static void check_file(const char *path)
{
    struct str rest = str_copy(&texts, test_read_file(path)), line, answer = STR_NONE;
    struct vector vector = { .name = STR_NONE };

    CHECK(rest.at != NULL);
    buf_init(&vector.bytes, MIB(4));
    buf_init(&vector.expected, MIB(4));
    while (str_cut(&rest, '\n', &line)) {
        struct str text = line.len > 2 ? str_slice(line.at + 2, line.len - 2) : STR("");
        char kind = line.len > 0 ? line.at[0] : '#';

        if (answer.at != NULL)
            expect(&vector, answer, kind == '@' ? text : STR_NONE);
        answer = STR_NONE;
        if (kind == '=') {
            finish(&vector);
            vector.name = text;
        } else if (kind == '>') {
            unescape_line(text, &vector.bytes);
        } else if (kind == '<') {
            answer = text;
        } else {
            CHECK(kind == '#' || kind == '@');
        }
    }
    finish(&vector);
    buf_fini(&vector.bytes);
    buf_fini(&vector.expected);
}

TEST(every_vector_is_taken_or_refused_however_it_is_split)
{
    struct str folder = str_slice(__FILE__, (size_t)(strrchr(__FILE__, '/') - __FILE__));
    char path[1024];
    struct dirent *entry;
    DIR *dir;

    arena_init(&texts, MIB(4));
    snprintf(path, sizeof path, "%.*s/../http", STR_ARG(folder));
    dir = opendir(path);
    CHECK(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        if (!str_ends(str_from(entry->d_name), STR(".vec")))
            continue;
        snprintf(path, sizeof path, "%.*s/../http/%s", STR_ARG(folder), entry->d_name);
        check_file(path);
    }
    closedir(dir);
    CHECK(vectors >= 281);
    printf("%zu vectors, %zu runs\n", vectors, runs);
}
