/* Channel fixture: people, companies and a job that makes channels of them. */
#include "channel_fixture.h"

#include "base/limits.h"
#include "store/query.h"
#include "store/sweep.h"

#include <stdio.h>
#include <string.h>

struct channels channels;

static enum status fill(struct tx *tx, void *context);

struct uuid channels_id(char kind, int number)
{
    struct uuid id = { { (uint8_t)kind } };

    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static enum status fill(struct tx *tx, void *context)
{
    (void)context;
    for (int w = 1; w <= 2; w++)
        query_run(tx,
                  "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                  " VALUES ($1, $2, 'w', 1, 1)",
                  ARGS(arg_int(w), arg_id(channels_id('w', w))));
    for (int c = 1; c <= 3; c++)
        query_run(
            tx,
            "INSERT INTO companies (seq, workspace, id, name, name_key, fallback_color, created_at,"
            " updated_at) VALUES ($1, $2, $3, 'c' || $1, 'c' || $1, '#fff', 1, 1)",
            ARGS(arg_int(c), arg_int(c == 3 ? 2 : 1), arg_id(channels_id('c', c == 3 ? 1 : c))));
    for (int i = 1; i <= 7; i++)
        query_run(tx,
                  "INSERT INTO clients (seq, workspace, id, given_name, given_key, family_name,"
                  " family_key, creation_method, fallback_color, account_manager, tags,"
                  " created_at, updated_at)"
                  " VALUES ($1, $2, $3, 'a', 'a', 'b', 'b', 0, '#fff', $4, $5, 1, 1)",
                  ARGS(arg_int(i), arg_int(i == 7 ? 2 : 1),
                       arg_id(channels_id('p', i == 7 ? 1 : i)),
                       arg_id(i == 1 ? channels_id('s', 9) : UUID_NONE),
                       arg_text(i == 2 ? STR("[\"gold\"]") : STR("[]"))));
    query_run(tx,
              "INSERT INTO memberships SELECT 1, seq, 1, 'member', 1 FROM clients WHERE seq <= 5"
              " UNION ALL SELECT 1, seq, 2, 'member', 1 FROM clients WHERE seq BETWEEN 4 AND 6"
              " UNION ALL SELECT 2, 7, 3, 'member', 1",
              NO_ARGS);
    query_run(tx,
              "UPDATE clients SET company_ids = (SELECT $1 WHERE clients.seq = 7) WHERE seq = 7",
              ARGS(arg_id(channels_id('c', 1))));
    for (int i = 1; i <= 6; i++) {
        struct uuid both[2] = { channels_id('c', i <= 5 ? 1 : 2), channels_id('c', 2) };

        query_run(tx, "UPDATE clients SET company_ids = $2 WHERE seq = $1",
                  ARGS(arg_int(i), arg_blob(both, i == 4 || i == 5 ? 32 : 16)));
    }
    return tx_status(tx);
}

/* A job of workspace 1, as client 1. */
void channels_job(void)
{
    CHECK_INT(tx_batch_begin(channels.store.db), ST_OK);
    store_job(&channels.store, &channels.tx);
    channels.tx.workspace = 1;
    channels.tx.actor.id = channels_id('p', 1);
}

void channels_keep(void)
{
    CHECK_INT(tx_job_end(&channels.tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(channels.store.db, 1), ST_OK);
}

void channels_begin(void)
{
    struct tx filling;

    store_open(&channels.store);
    tx_init(&filling, channels.store.db, &channels.store.arena, 1);
    if (tx_once(channels.store.db, &filling, fill, NULL) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", filling.failure.message.at);
    channels_job();
}

/* What was done holds together. */
void channels_end(void)
{
    struct buf report;

    buf_init(&report, KIB(64));
    if (sweep_run(&channels.tx, &report) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", report.at);
    buf_fini(&report);
    channels_keep();
    store_close(&channels.store);
}

/* The clients that `numbers` names: "1 2 3". */
struct channel channels_group(int64_t company, const char *numbers, int64_t *members)
{
    static struct uuid ids[16];
    struct channel channel = { .kind = CHANNEL_GROUP,
                               .company = company,
                               .company_id = channels_id('c', (int)company),
                               .member_ids = { ids, 0 } };

    for (const char *at = numbers; *at; at++)
        if (*at != ' ') {
            members[channel.member_ids.count] = *at - '0';
            ids[channel.member_ids.count++] = channels_id('p', *at - '0');
        }
    return channel;
}

struct channel channels_make(int64_t company, const char *numbers)
{
    int64_t members[16];
    struct channel channel = channels_group(company, numbers, members);

    CHECK_INT(channel_create(&channels.tx, &channel, members), ST_OK);
    channel.member_ids = (struct ids){ 0 };
    return channel;
}

struct channel channels_make_of(enum channel_kind kind, int64_t of)
{
    struct channel channel = { .kind = (int)kind };

    if (kind == CHANNEL_INDIVIDUAL) {
        channel.client = of;
        channel.client_id = channels_id('p', (int)of);
    } else {
        channel.company = of;
        channel.company_id = channels_id('c', (int)of);
    }
    CHECK_INT(channel_create(&channels.tx, &channel, NULL), ST_OK);
    return channel;
}

/* "1 2": who is in the channel now. */
const char *channels_members(const struct channel *channel)
{
    static char text[100];
    struct channel now;
    size_t len = 0;

    text[0] = '\0';
    if (!channel_find_by_seq(&channels.tx, channel->seq, &now))
        return "none";
    CHECK_INT(now.member_count, (int64_t)now.member_ids.count);
    for (size_t i = 0; i < now.member_ids.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", i ? " " : "",
                                now.member_ids.at[i].bytes[15]);
    return text;
}

int64_t channels_rows(const char *sql)
{
    return query_one_int(&channels.tx, -1, sql, NO_ARGS);
}
