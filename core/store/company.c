/* Company: rows of `companies` and `memberships`. */
#include "store/company.h"

#include "store/fold.h"
#include "store/query.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT seq, id, name, is_placeholder, fallback_color, created_at, updated_at FROM companies "

static void read_row(struct query *q, struct company *company);

enum status company_create(struct tx *tx, struct company *company)
{
    company->id = tx_id(tx);
    company->created_at = company->updated_at = tx_now(tx);
    if (str_is_absent(company->fallback_color))
        company->fallback_color = fallback_color(company->id);
    if (query_run_unique(
            tx,
            "INSERT INTO companies (workspace, id, name, name_key, is_placeholder,"
            " fallback_color, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            ARGS(arg_int(tx->workspace), arg_id(company->id), arg_text(company->name),
                 arg_text(fold_text(tx->arena, company->name)), arg_bool(company->is_placeholder),
                 arg_text(company->fallback_color), arg_int(company->created_at))))
        return tx_fail(tx, ST_CONFLICT, "name_taken", "There is a company of this name already.");
    company->seq = query_last_seq(tx);
    return tx_status(tx);
}

bool company_find(struct tx *tx, struct uuid id, struct company *company)
{
    struct query q = query_open(tx, SELECT "WHERE workspace = $1 AND id = $2",
                                ARGS(arg_int(tx->workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        read_row(&q, company);
    query_close(&q);
    return found;
}

bool company_find_only(struct tx *tx, struct company *company)
{
    struct query q = query_open(tx, SELECT "WHERE workspace = $1 AND is_placeholder = 0 LIMIT 2",
                                ARGS(arg_int(tx->workspace)));
    int found = 0;

    for (; query_next(&q); found++)
        read_row(&q, company);
    query_close(&q);
    return found == 1;
}

enum status membership_set(struct tx *tx, int64_t client, struct ids companies)
{
    struct company *rows = arena_array(tx->arena, struct company, companies.count);
    struct str seqs = STR("[");

    for (size_t i = 0; i < companies.count; i++)
        if (!company_find(tx, companies.at[i], &rows[i]))
            tx_fail_field(tx, ST_INVALID, "companyIds", "not_found", "There is no such company.");
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < companies.count; i++)
        seqs = str_printf(tx->arena, "%.*s%s%lld", STR_ARG(seqs), i ? "," : "",
                          (long long)rows[i].seq);
    seqs = str_concat(tx->arena, seqs, STR("]"));

    query_run(tx,
              "DELETE FROM memberships WHERE workspace = $1 AND client = $2"
              " AND company NOT IN (SELECT value FROM json_each($3))",
              ARGS(arg_int(tx->workspace), arg_int(client), arg_text(seqs)));
    for (size_t i = 0; i < companies.count; i++)
        query_run(tx,
                  "INSERT OR IGNORE INTO memberships (workspace, client, company, created_at)"
                  " VALUES ($1, $2, $3, $4)",
                  ARGS(arg_int(tx->workspace), arg_int(client), arg_int(rows[i].seq),
                       arg_int(tx_now(tx))));
    query_run(tx, "UPDATE clients SET company_ids = $2 WHERE seq = $1",
              ARGS(arg_int(client), arg_blob(companies.at, companies.count * sizeof(struct uuid))));
    return tx_status(tx);
}

static void read_row(struct query *q, struct company *company)
{
    *company = (struct company){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .name = query_text(q, 2),
        .is_placeholder = query_bool(q, 3),
        .fallback_color = query_text(q, 4),
        .created_at = query_int(q, 5),
        .updated_at = query_int(q, 6),
    };
}
