/* foyer explain: asks the rules as somebody, and says who decided and what was read.
 *
 * Reads the database beside a running server, and the scripts as they lie in the data folder.
 */
#include "api/explain.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/rules.h"
#include "store/db.h"
#include "store/workspace.h"

#include <stdio.h>

struct asking {
    const char *data, *as, *action, *company, *target, *input, *workspace;
    bool as_json;
};

static int run(int argc, char **argv);
static int ask(const struct asking *asking, struct rules *rules, struct db *db);
static enum status read_question(struct tx *tx, const struct asking *asking,
                                 struct explain_asked *asked);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct asking, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may run on it" },
    { "as", OPTION_TEXT, offsetof(struct asking, as), OPTION_REQUIRED, "EMAIL",
      "address or id of a member of staff or client" },
    { "action", OPTION_TEXT, offsetof(struct asking, action), OPTION_REQUIRED, "ACTION",
      "client.create, client.read, invite.create …" },
    { "target", OPTION_TEXT, offsetof(struct asking, target), false, "ID",
      "what it would be done to" },
    { "company", OPTION_TEXT, offsetof(struct asking, company), false, "ID",
      "the same as companyId in the input" },
    { "input", OPTION_TEXT, offsetof(struct asking, input), false, "JSON",
      "the body that would be sent" },
    { "workspace", OPTION_TEXT, offsetof(struct asking, workspace), false, "ID",
      "where the server holds several" },
    { "json", OPTION_FLAG, offsetof(struct asking, as_json), false, NULL, "print JSON" },
    { 0 },
};

const struct command command_explain = {
    .name = "explain",
    .summary = "say why somebody may or may not do something",
    .options = options,
    .notes =
        "Prints the verdict, the rule with file and line, what it read, how long it took, which\n"
        "rows the person sees, and what one thing otherwise would have changed.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct asking asking = { NULL };
    struct rules rules;
    struct db *db = NULL;
    int code = options_read(&command_explain, argc, argv, &asking);

    if (code != EXIT_DONE)
        return code;
    code = EXIT_FAILED;
    if (rules_open(&rules, &command_explain, asking.data)) {
        db_start();
        if (db_open(str_printf(&rules.arena, "%s/foyer.db", asking.data).at, DB_READ, &db,
                    &rules.failure, &rules.arena) == ST_OK)
            code = ask(&asking, &rules, db);
        else
            command_failed(&command_explain, &rules.failure);
    }
    db_close(db);
    rules_close(&rules);
    return code == EXIT_DONE ? command_done(&command_explain) : code;
}

static int ask(const struct asking *asking, struct rules *rules, struct db *db)
{
    struct explain_asked asked;
    struct explained explained;
    int code = EXIT_FAILED;
    struct buf out;
    struct tx tx;

    buf_init(&out, MIB(1));
    host_report(rules->host, &out);
    if (host_is_failing(rules->host))
        fprintf(stderr, "foyer explain: the scripts of the data folder have faults:\n%.*s",
                STR_ARG(buf_view(&out)));
    buf_clear(&out);
    tx_init(&tx, db, &rules->arena, clock_wall());
    tx.policy = host_acquire(rules->host, 0);
    tx.actor.road = "command";
    if (tx_begin_read(&tx) == ST_OK && read_question(&tx, asking, &asked) == ST_OK &&
        explain(&tx, &asked, &explained) == ST_OK) {
        if (asking->as_json) {
            explain_json(&explained, &out);
            buf_char(&out, '\n');
        } else {
            explain_text(&explained, &out);
        }
        fwrite(out.at, 1, out.len, stdout);
        code = EXIT_DONE;
    }
    tx_end_read(&tx);
    if (code != EXIT_DONE)
        command_failed(&command_explain, &tx.failure);
    host_release(tx.policy);
    buf_fini(&out);
    return code;
}

static enum status read_question(struct tx *tx, const struct asking *asking,
                                 struct explain_asked *asked)
{
    struct uuid workspace = UUID_NONE;

    *asked = (struct explain_asked){ .as = str_from(asking->as),
                                     .action = str_from(asking->action),
                                     .input = str_from(asking->input),
                                     .company = str_from(asking->company) };
    if (asking->workspace && !uuid_parse(str_from(asking->workspace), &workspace))
        return tx_fail(tx, ST_INVALID, NULL, "`%s` is no id of a workspace.", asking->workspace);
    if (asking->target && !uuid_parse(str_from(asking->target), &asked->target))
        return tx_fail(tx, ST_INVALID, NULL, "`%s` is no id.", asking->target);
    return workspace_choose(tx, workspace);
}
