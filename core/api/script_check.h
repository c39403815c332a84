/* Script check: what is told of a script's text before (and when) it takes the place of another.
 *
 * Used by POST /v1/scripts/{name}/check, by PUT, and by `foyer script check`.
 */
#ifndef FOYER_API_SCRIPT_CHECK_H
#define FOYER_API_SCRIPT_CHECK_H

#include "api/replay.h"
#include "plugin/host.h"

struct script_report {
    bool is_refused, has_no_name; /* has_no_name: that is no name of a script */
    struct str report; /* FILE:LINE: reason, a line each; of a good one: about others with faults */
    struct str registers; /* "rule client.delete (house_rules.lua:5)", a line each */
    bool has_tests;
    size_t tests, failed, left; /* left: they need a workspace (runtime.h) */
    struct str test_report;
    bool has_replay; /* it could be tried: nothing else has a fault */
    struct replay replay;
};

/* Loads the text in a scratch state, asks recorded decisions again (of tx->workspace; 0: of all), runs
 * tests (absent: NAME_test.lua of the data folder). Failing tests refuse nothing: they are told. tx
 * reads, on a reader or in a command. Fails tx only where reading decisions does. */
enum status script_check(struct tx *tx, const struct script_overlay *overlay, struct str tests,
                         struct script_report *report);
/* The same of a plugin's folder, with its own tests. */
enum status script_check_folder(struct tx *tx, const char *folder, struct str id,
                                struct script_report *report);
/* As one JSON object, which the entity describes; for people, lines. */
extern const struct entity check_entity;
void script_report_json(const struct script_report *report, struct buf *out);
void script_report_text(const struct script_report *report, struct str name, struct buf *out);

/* Fails tx with 422 script_refused: a faulty field `source` for each line. */
enum status script_refuse(struct tx *tx, struct str report);
/* Writes the text (absent: takes the file away) and loads it; else fails tx with script_not_in_force. */
enum status script_put(struct tx *tx, struct host *host, struct str name, struct str source);

#endif
