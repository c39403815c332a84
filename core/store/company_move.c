/* Company move: clients that lose a company, and those that get a placeholder for want of one, in
 * bounded steps. Each step changes whole sets: a company may have ten thousand clients.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "store/client_row.h"
#include "store/company.h"
#include "store/workspace.h"

#include <string.h>

/* CLIENT_SELECT has 23 columns; company_ids are read as they are, also where companies are off. */
enum { COLUMN_IDS = 23, COLOR = 7 };
#define SELECT CLIENT_SELECT ", t.company_ids"

/* The clients of a step, as parameters. */
struct step {
    struct buf all;    /* JSON array of the seqs of all */
    struct buf housed; /* of those that get a placeholder */
    struct buf ids;    /* of the placeholders, 16 bytes each */
    struct buf colors; /* of the placeholders, COLOR bytes each */
    size_t count, housed_count;
};

static void begin(struct step *step);
static void end(struct step *step);
static void read_step(struct tx *tx, struct query q, struct uuid left, bool is_housing,
                      struct step *step, struct client_moves *moves);
static void add(struct buf *json, size_t nth, int64_t seq);
static void house(struct tx *tx, struct step *step, struct client *client);
static void make_placeholders(struct tx *tx, const struct step *step);
static struct ids without(struct tx *tx, struct ids ids, struct uuid id);

size_t company_delete_some(struct tx *tx, const struct company *company, bool is_housing,
                           size_t most, struct client_moves *moves)
{
    struct step step;
    struct query q;

    begin(&step);
    q = query_open(tx,
                   SELECT " FROM (SELECT client FROM memberships WHERE company = $2 ORDER BY client"
                          " LIMIT $3) m CROSS JOIN clients t ON t.seq = m.client",
                   ARGS(arg_int(tx->workspace), arg_int(company->seq), arg_int((int64_t)most)));
    *moves = (struct client_moves){ .before = arena_array(tx->arena, struct client, most),
                                    .after = arena_array(tx->arena, struct client, most) };
    read_step(tx, q, company->id, is_housing, &step, moves);
    if (step.count > 0) {
        struct str all = buf_view(&step.all);

        query_run(tx,
                  "DELETE FROM memberships WHERE company = $1 AND client IN"
                  " (SELECT value FROM json_each($2))",
                  ARGS(arg_int(company->seq), arg_text(all)));
        query_run(tx,
                  "UPDATE clients SET company_ids = ids_without(company_ids, $1), updated_at = $2"
                  " WHERE seq IN (SELECT value FROM json_each($3))",
                  ARGS(arg_id(company->id), arg_int(tx_now(tx)), arg_text(all)));
        make_placeholders(tx, &step);
    }
    if (step.count < most)
        query_run(tx, "DELETE FROM companies WHERE seq = $1", ARGS(arg_int(company->seq)));
    most = step.count;
    end(&step);
    return most;
}

size_t company_house_some(struct tx *tx, int64_t *after, size_t most, struct client_moves *moves)
{
    struct step step;
    int64_t last = *after;
    size_t looked = 0;
    struct query q =
        query_open(tx,
                   "SELECT count(*), max(seq) FROM (SELECT seq FROM clients WHERE"
                   " workspace = $1 AND archived_at IS NULL AND seq > $2 ORDER BY seq"
                   " LIMIT $3)",
                   ARGS(arg_int(tx->workspace), arg_int(*after), arg_int((int64_t)most)));

    if (query_next(&q)) {
        looked = (size_t)query_int(&q, 0);
        last = looked ? query_int(&q, 1) : last;
    }
    query_close(&q);
    begin(&step);
    *moves = (struct client_moves){ .before = arena_array(tx->arena, struct client, most),
                                    .after = arena_array(tx->arena, struct client, most) };
    read_step(tx,
              query_open(tx,
                         SELECT " FROM clients t WHERE t.workspace = $1 AND t.archived_at IS NULL"
                                " AND t.seq > $2 AND t.seq <= $3 AND t.company_ids = x''"
                                " ORDER BY t.seq",
                         ARGS(arg_int(tx->workspace), arg_int(*after), arg_int(last))),
              UUID_NONE, true, &step, moves);
    if (step.count > 0) {
        query_run(
            tx, "UPDATE clients SET updated_at = $1 WHERE seq IN (SELECT value FROM json_each($2))",
            ARGS(arg_int(tx_now(tx)), arg_text(buf_view(&step.all))));
        make_placeholders(tx, &step);
    }
    end(&step);
    *after = last;
    return looked;
}

static void begin(struct step *step)
{
    struct buf *const bufs[] = { &step->all, &step->housed, &step->ids, &step->colors };

    memset(step, 0, sizeof(*step));
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], LIMIT_JSON_BODY);
    buf_char(&step->all, '[');
    buf_char(&step->housed, '[');
}

static void end(struct step *step)
{
    buf_fini(&step->all);
    buf_fini(&step->housed);
    buf_fini(&step->ids);
    buf_fini(&step->colors);
}

static void read_step(struct tx *tx, struct query q, struct uuid left, bool is_housing,
                      struct step *step, struct client_moves *moves)
{
    while (query_next(&q)) {
        struct client before, after;

        client_read_row(&q, &before);
        before.company_ids = ids_from_blob(tx->arena, query_blob(&q, COLUMN_IDS));
        after = before;
        after.updated_at = tx_now(tx);
        after.company_ids = without(tx, before.company_ids, left);
        add(&step->all, step->count++, before.seq);
        if (after.company_ids.count == 0 && is_housing && before.archived_at == 0)
            house(tx, step, &after);
        after.company_id = after.company_ids.count ? after.company_ids.at[0] : UUID_NONE;
        if (before.archived_at)
            continue;
        moves->before[moves->count] = before;
        moves->after[moves->count++] = after;
    }
    buf_char(&step->all, ']');
    buf_char(&step->housed, ']');
    if (step->all.overflowed || step->housed.overflowed || step->ids.overflowed)
        tx_fail(tx, ST_NO_MEMORY, NULL, "The step is too large.");
}

static void add(struct buf *json, size_t nth, int64_t seq)
{
    buf_printf(json, "%s%lld", nth ? "," : "", (long long)seq);
}

static void house(struct tx *tx, struct step *step, struct client *client)
{
    struct str color;

    client->company_ids = (struct ids){ arena_new(tx->arena, struct uuid), 1 };
    client->company_ids.at[0] = tx_id(tx);
    color = fallback_color(client->company_ids.at[0]);
    add(&step->housed, step->housed_count++, client->seq);
    buf_put(&step->ids, client->company_ids.at[0].bytes, sizeof(struct uuid));
    buf_put(&step->colors, color.at, COLOR);
}

/* The nth client of the array gets the nth id and colour. */
static void make_placeholders(struct tx *tx, const struct step *step)
{
    struct str housed = buf_view(&step->housed), ids = buf_view(&step->ids);

    if (step->housed_count == 0)
        return;
    query_run(
        tx,
        "INSERT INTO companies (workspace, id, name, name_key, is_placeholder,"
        " fallback_color, created_at, updated_at)"
        " SELECT $1, substr($3, 16 * j.key + 1, 16),"
        " trim(t.given_name || ' ' || t.family_name), trim(t.given_key || ' ' || t.family_key),"
        " 1, substr($4, 7 * j.key + 1, 7), $5, $5"
        " FROM json_each($2) j CROSS JOIN clients t ON t.seq = j.value",
        ARGS(arg_int(tx->workspace), arg_text(housed), arg_blob(ids.at, ids.len),
             arg_text(buf_view(&step->colors)), arg_int(tx_now(tx))));
    query_run(tx,
              "INSERT INTO memberships (workspace, client, company, created_at)"
              " SELECT $1, j.value, c.seq, $4 FROM json_each($2) j CROSS JOIN companies c"
              " ON c.workspace = $1 AND c.id = substr($3, 16 * j.key + 1, 16)",
              ARGS(arg_int(tx->workspace), arg_text(housed), arg_blob(ids.at, ids.len),
                   arg_int(tx_now(tx))));
    query_run(tx,
              "UPDATE clients SET company_ids = substr($2, 16 * j.key + 1, 16)"
              " FROM json_each($1) j WHERE clients.seq = j.value",
              ARGS(arg_text(housed), arg_blob(ids.at, ids.len)));
}

static struct ids without(struct tx *tx, struct ids ids, struct uuid id)
{
    struct ids rest = { arena_array(tx->arena, struct uuid, ids.count), 0 };

    for (size_t i = 0; i < ids.count; i++)
        if (!uuid_eq(ids.at[i], id))
            rest.at[rest.count++] = ids.at[i];
    return rest;
}
