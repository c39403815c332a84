/* Scratch look: what is there after a run, as JSON for the test. */
#include "exec/scratch_inside.h"

#include "base/clock.h"
#include "exec/inside.h"
#include "store/db.h"
#include "store/kv.h"
#include "store/observe.h"

#include <string.h>

enum { LINES_MOST = 2000 };

static void put_mails(const struct scratch *scratch, const struct scratch_place *place,
                      struct buf *out);
static void put_links(struct str text, struct buf *out);
static bool is_of_link(char c);
static void put_lines(const struct scratch *scratch, struct buf *out);
static void begin(struct scratch *scratch, const struct scratch_place *place, struct arena *arena,
                  struct tx *tx);
static void keep_line(struct scratch *scratch, enum log_level level, const struct log_field *fields,
                      size_t count);
static void keep_complaint(struct scratch *scratch, const char *msg, const struct log_field *fields,
                           size_t count);

void scratch_look(struct scratch *scratch, enum scratch_sight sight,
                  const struct scratch_place *place, struct buf *out)
{
    struct arena arena;
    struct tx tx;

    if (sight == SCRATCH_MAILS) {
        put_mails(scratch, place, out);
        return;
    }
    if (sight == SCRATCH_LOG) {
        put_lines(scratch, out);
        return;
    }
    begin(scratch, place, &arena, &tx);
    if (sight == SCRATCH_EVENTS)
        observe_events(&tx, out);
    else
        observe_deliveries(&tx, out);
    tx_end_read(&tx);
    arena_fini(&arena);
}

void scratch_kept(struct scratch *scratch, const struct scratch_place *place, struct str plugin,
                  struct buf *out)
{
    struct kv_entry *entries = NULL;
    struct arena arena;
    struct tx tx;
    size_t count;

    begin(scratch, place, &arena, &tx);
    count = kv_list(&tx, plugin, STR(""), STR_NONE, KV_LIST_MAX, &entries);
    buf_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i ? "," : "");
        buf_json(out, entries[i].key);
        buf_char(out, ':');
        buf_str(out, entries[i].value);
    }
    buf_char(out, '}');
    tx_end_read(&tx);
    arena_fini(&arena);
}

void scratch_trouble(struct scratch *scratch, struct buf *out)
{
    static const struct scratch_place all = { 0 };
    struct arena arena;
    struct tx tx;

    begin(scratch, &all, &arena, &tx);
    observe_trouble(&tx, out);
    for (size_t i = 0; i < scratch->complaint_count; i++)
        buf_printf(out, "  %.*s\n", STR_ARG(scratch->complaints[i]));
    tx_end_read(&tx);
    arena_fini(&arena);
}

static void begin(struct scratch *scratch, const struct scratch_place *place, struct arena *arena,
                  struct tx *tx)
{
    struct db *db = scratch->server.loops[0].db;

    arena_init(arena, MIB(64));
    tx_init(tx, db, arena, clock_wall());
    tx->workspace = place->number;
    tx->workspace_id = place->id;
    tx_begin_read(tx);
}

static void put_mails(const struct scratch *scratch, const struct scratch_place *place,
                      struct buf *out)
{
    char time[CLOCK_TEXT];
    bool is_first = true;

    buf_char(out, '[');
    for (const struct scratch_kept_mail *mail = scratch->mails; mail; mail = mail->next) {
        const struct {
            const char *name;
            struct str text;
        } texts[] = {
            { "from", mail->from },       { "kind", mail->render }, { "locale", mail->locale },
            { "subject", mail->subject }, { "text", mail->text },   { "html", mail->html },
        };

        if (mail->workspace != place->number)
            continue;
        buf_text(out, is_first ? "{\"to\":" : ",{\"to\":");
        is_first = false;
        buf_json(out, mail->to);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            if (!str_is_absent(texts[i].text)) {
                buf_printf(out, ",\"%s\":", texts[i].name);
                buf_json(out, texts[i].text);
            }
        buf_text(out, ",\"links\":");
        put_links(mail->text, out);
        clock_format(mail->at, time);
        buf_printf(out, ",\"at\":\"%s\"}", time);
    }
    buf_char(out, ']');
}

/* The addresses that stand in the plain text, in their order. */
static void put_links(struct str text, struct buf *out)
{
    bool is_first = true;
    size_t i = 0;

    buf_char(out, '[');
    while (i < text.len) {
        struct str rest = str_slice(text.at + i, text.len - i);
        size_t len = 0;

        if (!str_starts(rest, STR("https://")) && !str_starts(rest, STR("http://"))) {
            i++;
            continue;
        }
        while (len < rest.len && is_of_link(rest.at[len]))
            len++;
        while (strchr(".,;:!?)", rest.at[len - 1]))
            len--;
        buf_text(out, is_first ? "" : ",");
        is_first = false;
        buf_json(out, str_slice(rest.at, len));
        i += len;
    }
    buf_char(out, ']');
}

static bool is_of_link(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>';
}

static void put_lines(const struct scratch *scratch, struct buf *out)
{
    buf_char(out, '[');
    for (const struct scratch_kept_line *line = scratch->lines; line; line = line->next) {
        buf_text(out, line == scratch->lines ? "" : ",");
        buf_str(out, line->json);
    }
    buf_char(out, ']');
}

/* What scripts log (foyer.log); and what the server has to complain of, for scratch_trouble. */
void scratch_log(void *context, enum log_level level, const char *msg,
                 const struct log_field *fields, size_t count)
{
    struct scratch *scratch = context;
    bool is_script = !strcmp(msg, "script");

    if (is_script && scratch->line_count < LINES_MOST)
        keep_line(scratch, level, fields, count);
    /* deliveries have their errors themselves, and replies are there to be looked at */
    if (!is_script && level >= LOG_WARN && scratch->complaint_count < COMPLAINTS_MOST &&
        !str_starts(str_from(msg), STR("an event handler failed")) && strcmp(msg, "request") != 0)
        keep_complaint(scratch, msg, fields, count);
}

static void keep_line(struct scratch *scratch, enum log_level level, const struct log_field *fields,
                      size_t count)
{
    struct scratch_kept_line *line;
    struct buf json;

    buf_init(&json, KIB(64));
    buf_printf(&json, "{\"level\":\"%s\"", log_level_name(level));
    for (size_t i = 0; i < count; i++)
        if (!fields[i].is_number && !str_is_absent(fields[i].text)) {
            buf_printf(&json, ",\"%s\":", fields[i].key);
            buf_json(&json, fields[i].text);
        }
    buf_char(&json, '}');
    line = arena_new(&scratch->arena, struct scratch_kept_line);
    line->json = str_copy(&scratch->arena, buf_view(&json));
    buf_fini(&json);
    *scratch->last_line = line;
    scratch->last_line = &line->next;
    scratch->line_count++;
}

static void keep_complaint(struct scratch *scratch, const char *msg, const struct log_field *fields,
                           size_t count)
{
    struct buf text;

    buf_init(&text, KIB(16));
    buf_text(&text, msg);
    for (size_t i = 0; i < count; i++)
        if (!fields[i].is_number && !str_is_empty(fields[i].text))
            buf_printf(&text, "%s %s=%.*s", i ? "," : ":", fields[i].key,
                       STR_ARG(str_shown(&scratch->arena, fields[i].text)));
    scratch->complaints[scratch->complaint_count++] = str_copy(&scratch->arena, buf_view(&text));
    buf_fini(&text);
}
