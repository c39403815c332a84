/* Sweep: looks for rows that contradict each other. Each invariant is one statement that counts them. */
#include "store/sweep.h"

#include "store/query.h"
#include "store/record.h"

struct invariant {
    const char *sql; /* gives how many rows break it */
    const char *text;
};

static const struct invariant invariants[] = {
    { "SELECT count(*) FROM workspaces w WHERE client_count <>"
      " (SELECT count(*) FROM clients c WHERE c.workspace = w.seq AND c.archived_at IS NULL)",
      "workspaces count their clients wrongly: a limit may be refused or passed" },
    { "SELECT count(*) FROM clients t WHERE length(company_ids) <>"
      " 16 * (SELECT count(*) FROM memberships m WHERE m.workspace = t.workspace AND m.client = "
      "t.seq)",
      "clients list other companies than they belong to: save each again" },
    { "SELECT count(*) FROM memberships m JOIN clients t ON t.seq = m.client"
      " JOIN companies c ON c.seq = m.company WHERE instr(t.company_ids, c.id) % 16 <> 1",
      "memberships are not in their client's list of companies: save the client again" },
    { "SELECT count(*) FROM events e JOIN workspaces w ON w.seq = e.workspace WHERE e.seq > "
      "w.event_seq",
      "events have numbers that will be given again: restore a backup" },
    { "SELECT count(*) FROM workspaces w WHERE audit_seq <>"
      " (SELECT count(*) FROM audit a WHERE a.workspace = w.seq)",
      "audits of workspaces miss entries: somebody deleted rows" },
    { "SELECT count(*) FROM sessions s WHERE ended_at IS NULL AND NOT EXISTS"
      " (SELECT 1 FROM clients c WHERE c.workspace = s.workspace AND c.id = s.person)"
      " AND NOT EXISTS (SELECT 1 FROM internal_users u WHERE u.workspace = s.workspace AND u.id = "
      "s.person)",
      "open sessions are of nobody: end them" },
    { "SELECT count(*) FROM clients t WHERE t.archived_at IS NULL"
      " AND t.seq <= (SELECT clients_watermark FROM search_state)"
      " AND NOT EXISTS (SELECT 1 FROM clients_text_docsize d WHERE d.id = t.workspace << 40 | "
      "t.seq)"
      " AND NOT EXISTS (SELECT 1 FROM clients_dirty d WHERE d.workspace = t.workspace AND d.client "
      "= t.seq)",
      "clients are missing in the index of the search: change them once to have them found" },
    { "SELECT count(*) FROM companies t WHERE is_placeholder = 0"
      " AND NOT EXISTS (SELECT 1 FROM companies_text_docsize d WHERE d.id = t.workspace << 40 | "
      "t.seq)",
      "companies are missing in the index of the search: rename them and back to have their "
      "clients found" },
    { "SELECT count(*) FROM workspaces w WHERE coalesce(owner_count, 0) <>"
      " (SELECT count(*) FROM internal_users u JOIN roles r ON r.seq = u.role WHERE u.workspace = "
      "w.seq AND u.removed_at IS NULL AND u.login IS NOT NULL AND r.is_owner = 1)",
      "workspaces count their owners wrongly: the last one may go, or none may" },
    { "SELECT count(*) FROM invites i WHERE mail IS NOT NULL"
      " AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.seq = i.mail)",
      "invites have lost their mails: resend them" },
    { "SELECT count(*) FROM message_channels t WHERE kind = 1 AND (members_hash <> "
      "sha256(member_ids)"
      " OR length(member_ids) <> 16 * (SELECT count(*) FROM message_channel_members m"
      " WHERE m.workspace = t.workspace AND m.channel = t.seq AND has_id(t.member_ids, "
      "m.client_id)))",
      "groups list other members than they have: set the members of each again" },
    { "SELECT count(*) FROM operations o WHERE ended_at IS NULL AND (done <>"
      " (SELECT count(*) FROM operation_verdicts v WHERE v.operation = o.seq) OR failed <>"
      " (SELECT count(*) FROM operation_verdicts v WHERE v.operation = o.seq AND v.ok = 0))",
      "operations count their verdicts wrongly: cancel them, and ask for the rest again" },
    { "SELECT count(*) FROM operations o WHERE ended_at IS NULL AND 16 * total <> coalesce("
      "(SELECT sum(length(ids)) FROM operation_lists l WHERE l.operation = o.seq), 0)",
      "operations have lost what they are to do: cancel them, and ask again" },
    { NULL, NULL },
};

static void check_tenants(struct tx *tx, struct buf *report);
static void check_audits(struct tx *tx, struct buf *report);

enum status sweep_run(struct tx *tx, struct buf *report)
{
    size_t before = report->len;
    const struct invariant *invariant;

    for (invariant = invariants; invariant->sql; invariant++) {
        int64_t broken = query_one_int(tx, 0, invariant->sql, NO_ARGS);

        if (broken)
            buf_printf(report, "%lld: %s\n", (long long)broken, invariant->text);
    }
    check_tenants(tx, report);
    check_audits(tx, report);
    if (tx_status(tx) != ST_OK)
        buf_printf(report, "the sweep ended early: %.*s\n", STR_ARG(tx->failure.message));
    return report->len == before ? ST_OK : ST_UNAVAILABLE;
}

/* No row refers to a row of another workspace, by any foreign key. */
static void check_tenants(struct tx *tx, struct buf *report)
{
    struct query q = query_open(
        tx,
        "SELECT m.name, f.\"table\", f.\"from\", f.\"to\""
        " FROM sqlite_schema m, pragma_foreign_key_list(m.name) f"
        " WHERE m.type = 'table' AND f.\"table\" <> 'workspaces'"
        " AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) w" /* is by its key */
        "  WHERE w.id = f.id AND w.\"from\" = 'workspace')"
        " AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'workspace')"
        " AND EXISTS (SELECT 1 FROM pragma_table_info(f.\"table\") WHERE name = 'workspace')",
        NO_ARGS);

    while (query_next(&q)) {
        struct str table = query_text(&q, 0), other = query_text(&q, 1);
        struct query rows = query_open_built(
            tx,
            str_printf(tx->arena,
                       "SELECT count(*) FROM \"%.*s\" a JOIN \"%.*s\" b ON b.\"%.*s\" = a.\"%.*s\""
                       " WHERE b.workspace <> a.workspace",
                       STR_ARG(table), STR_ARG(other), STR_ARG(query_text(&q, 3)),
                       STR_ARG(query_text(&q, 2))),
            NO_ARGS);

        if (query_next(&rows) && query_int(&rows, 0))
            buf_printf(report,
                       "%lld: rows of %.*s refer to %.*s of another workspace: restore a backup\n",
                       (long long)query_int(&rows, 0), STR_ARG(table), STR_ARG(other));
        query_close(&rows);
    }
    query_close(&q);
}

static void check_audits(struct tx *tx, struct buf *report)
{
    struct query q = query_open(tx, "SELECT seq FROM workspaces", NO_ARGS);
    int64_t ours = tx->workspace, broken = 0;

    while (query_next(&q)) {
        tx->workspace = query_int(&q, 0);
        if (!audit_verify(tx, &broken) && tx_status(tx) == ST_OK)
            buf_printf(report,
                       "the audit of workspace %lld was changed from entry %lld on: compare it "
                       "with a backup\n",
                       (long long)tx->workspace, (long long)broken);
    }
    query_close(&q);
    tx->workspace = ours;
}
