/* Script check: compiling, replay and tests of one text, and how that is told. */
#include "api/script_check.h"

#include "base/limits.h"
#include "http/json.h"
#include "plugin/runtime.h"

#include <stddef.h>

static const char *const object[] = { "check", NULL };

/* As it is answered. */
struct shown {
    bool ok;
    struct str report, registers, tests, replay;
};

#define AT(member) offsetof(struct shown, member)
static const struct field fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"check\"." },
    { "ok", FIELD_BOOL, 0, AT(ok), 0, 0, NULL, NULL, "Whether it would be taken." },
    { "report", FIELD_TEXT, FIELD_LINES, AT(report), 0, 0, NULL, NULL,
      "Why not: file, line, reason; of a good one: which others keep it from being loaded." },
    { "registers", FIELD_JSON, 0, AT(registers), 0, 0, NULL, NULL,
      "Its rules, scopes, filters and renders, each with its line." },
    { "tests", FIELD_JSON, 0, AT(tests), 0, 0, NULL, NULL,
      "How many ran and failed, and why, and how many were left because they need a workspace "
      "(t.workspace), which `foyer plugin test` gives them; null: it has none." },
    { "replay", FIELD_JSON, 0, AT(replay), 0, 0, NULL, NULL,
      "What was decided lately, asked again: counts of what would change, and examples." },
    { 0 },
};
const struct entity check_entity = { "check", fields, sizeof(struct shown) };

static void try_it(struct tx *tx, struct policy *candidate, const struct script_overlay *overlay,
                   struct str tests, struct script_report *report);
static void put_lines(struct str lines, struct buf *out);
static void take_testing(const struct testing *testing, struct script_report *report);
static struct str kept(struct tx *tx, const struct buf *buf);

enum status script_check(struct tx *tx, const struct script_overlay *overlay, struct str tests,
                         struct script_report *report)
{
    struct host *host = host_of(tx->policy);
    struct policy *candidate = NULL;
    struct buf faults;

    *report = (struct script_report){ .is_refused = false };
    report->has_no_name = !host_is_script_name(overlay->name);
    buf_init(&faults, KIB(16));
    report->is_refused = host_check(host, overlay->name, overlay->source, &faults) != ST_OK;
    report->report = kept(tx, &faults);
    if (!report->is_refused) {
        buf_clear(&faults); /* they were told already */
        candidate = host_try(host, overlay, 1, &faults);
    }
    buf_fini(&faults);
    if (candidate)
        try_it(tx, candidate, overlay, tests, report);
    host_try_end(candidate);
    return tx_status(tx);
}

enum status script_check_folder(struct tx *tx, const char *folder, struct str id,
                                struct script_report *report)
{
    struct testing testing = { .filter = STR_NONE };
    struct policy *candidate;
    struct buf lines;

    *report = (struct script_report){ .is_refused = false };
    buf_init(&lines, KIB(64));
    candidate = host_try_folder(host_of(tx->policy), folder, id, &lines);
    report->is_refused = !candidate;
    report->report = kept(tx, &lines);
    if (candidate) {
        buf_clear(&lines);
        host_registered(candidate, id, &lines);
        report->registers = kept(tx, &lines);
        report->has_replay = replay_run(tx, candidate, &report->replay) == ST_OK;
        buf_clear(&lines);
        host_test_folder(candidate, folder, id, &testing, &lines);
        take_testing(&testing, report);
        report->has_tests = report->tests > 0 || report->failed > 0 || report->left > 0;
        report->test_report = kept(tx, &lines);
    }
    buf_fini(&lines);
    host_try_end(candidate);
    return tx_status(tx);
}

/* Tests come last: the time that they take is not the database's. */
static void try_it(struct tx *tx, struct policy *candidate, const struct script_overlay *overlay,
                   struct str tests, struct script_report *report)
{
    struct testing testing = { .filter = STR_NONE };
    struct buf lines;

    buf_init(&lines, KIB(64));
    host_registered(candidate, overlay->name, &lines);
    report->registers = kept(tx, &lines);
    report->has_replay = replay_run(tx, candidate, &report->replay) == ST_OK;
    if (str_is_absent(tests))
        tests = host_test_of(host_of(tx->policy), overlay->name, tx->arena);
    report->has_tests = !str_is_absent(tests);
    if (report->has_tests) {
        buf_clear(&lines);
        host_test(
            candidate,
            str_printf(tx->arena, "%.*s_test.lua", (int)overlay->name.len - 4, overlay->name.at),
            tests, &testing, &lines);
        take_testing(&testing, report);
        report->test_report = kept(tx, &lines);
    }
    buf_fini(&lines);
}

static void take_testing(const struct testing *testing, struct script_report *report)
{
    report->tests = testing->count;
    report->failed = testing->failed;
    report->left = testing->left;
}

static struct str kept(struct tx *tx, const struct buf *buf)
{
    return str_copy(tx->arena, str_trim(buf_view(buf)));
}

void script_report_json(const struct script_report *report, struct buf *out)
{
    struct shown shown = {
        .ok = !report->is_refused,
        .report = str_is_absent(report->report) ? STR("") : report->report,
    };
    struct buf registers, tests, replay;

    buf_init(&registers, KIB(256));
    buf_init(&tests, KIB(256));
    buf_init(&replay, KIB(256));
    put_lines(report->registers, &registers);
    shown.registers = buf_view(&registers);
    if (report->has_tests) {
        buf_printf(&tests, "{\"ran\":%zu,\"failed\":%zu,\"left\":%zu,\"report\":", report->tests,
                   report->failed, report->left);
        put_lines(report->test_report, &tests);
        buf_char(&tests, '}');
        shown.tests = buf_view(&tests);
    }
    if (report->has_replay) {
        replay_json(&report->replay, &replay);
        shown.replay = buf_view(&replay);
    }
    json_write(&check_entity, &shown, ~UINT64_C(0), out);
    buf_fini(&replay);
    buf_fini(&tests);
    buf_fini(&registers);
}

static void put_lines(struct str lines, struct buf *out)
{
    struct str line;
    size_t count = 0;

    buf_char(out, '[');
    while (!str_is_empty(lines) && str_cut(&lines, '\n', &line)) {
        buf_text(out, count++ ? "," : "");
        buf_json(out, line);
    }
    buf_char(out, ']');
}

void script_report_text(const struct script_report *report, struct str name, struct buf *out)
{
    struct str rest = report->registers, line;

    if (report->is_refused) {
        buf_printf(out, "%.*s\n", STR_ARG(report->report));
        return;
    }
    buf_printf(out, "%.*s: good\n", STR_ARG(name));
    if (!str_is_empty(report->report))
        buf_printf(out, "others have faults, and keep everything new from being loaded:\n%.*s\n",
                   STR_ARG(report->report));
    while (!str_is_empty(rest) && str_cut(&rest, '\n', &line))
        buf_printf(out, "  %.*s\n", STR_ARG(line));
    if (report->has_tests && report->failed)
        buf_printf(out, "%zu of %zu tests failed:\n%.*s\n", report->failed, report->tests,
                   STR_ARG(report->test_report));
    else if (report->has_tests)
        buf_printf(out, "%zu test%s passed\n", report->tests, report->tests == 1 ? "" : "s");
    if (report->left)
        buf_printf(out,
                   "%zu test%s left: a workspace is there in `foyer plugin test` and `foyer script "
                   "test` alone\n",
                   report->left, report->left == 1 ? " was" : "s were");
    if (report->has_replay)
        replay_text(&report->replay, out);
}

enum status script_refuse(struct tx *tx, struct str report)
{
    struct str line;

    tx_fail(tx, ST_UNPROCESSABLE, "script_refused",
            "The script is refused, and what was in force stays.");
    while (!str_is_empty(report) && str_cut(&report, '\n', &line))
        failure_field(&tx->failure, tx->arena, ST_UNPROCESSABLE, STR("source"), "script_refused",
                      "%.*s", STR_ARG(line));
    return tx_status(tx);
}

enum status script_put(struct tx *tx, struct host *host, struct str name, struct str source)
{
    enum status status;
    struct buf report;

    buf_init(&report, KIB(16));
    status = host_put(host, name, source, &report);
    if (status != ST_OK)
        tx_fail(tx, status, "script_not_in_force", "%.*s", STR_ARG(str_trim(buf_view(&report))));
    buf_fini(&report);
    return tx_status(tx);
}
