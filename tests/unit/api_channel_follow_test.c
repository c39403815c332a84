/* What becomes of channels when clients come, move and go: the channel that is made with a client, and
 * the events of those that change by themselves. */
#include "api/message_channels.h"
#include "base/limits.h"
#include "each_fault.h"
#include "store/company.h"
#include "store/fold.h"
#include "store/query.h"
#include "store_fixture.h"

#include <string.h>

static struct store store;
static struct tx tx;
static struct workspace workspace;
static struct company rides, bikes;
static struct client ann, bob, cid;

static void add(struct tx *in, struct client *client, const char *email, struct ids companies)
{
    *client = (struct client){ .given_name = STR("A"),
                               .family_name = STR("B"),
                               .email = str_from(email),
                               .company_ids = companies };
    client_create(in, client);
}

/* Ann, Bob and Cid at the rides; bikes has nobody. */
static enum status fill(struct tx *in, void *context)
{
    struct ids both;

    (void)context;
    workspace_create(in, STR("W"), &workspace);
    rides = (struct company){ .name = STR("Rides") };
    bikes = (struct company){ .name = STR("Bikes") };
    company_create(in, &rides);
    company_create(in, &bikes);
    both = (struct ids){ &rides.id, 1 };
    add(in, &ann, "ann@example.com", both);
    add(in, &bob, "bob@example.com", both);
    add(in, &cid, "cid@example.com", both);
    return tx_status(in);
}

static void begin(void)
{
    struct tx filling;

    fold_start();
    store_open(&store);
    tx_init(&filling, store.db, &store.arena, 1);
    if (tx_once(store.db, &filling, fill, NULL) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", filling.failure.message.at);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    tx.workspace = workspace.seq;
}

static void end(void)
{
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    store_close(&store);
}

/* "created individual 1, updated group 2 before 3": the events since `seq`. */
static const char *events(int64_t since)
{
    struct str text = STR("");
    struct query q =
        query_open(&tx,
                   "SELECT substr(name, 17), payload ->> '$.data.membershipType',"
                   " payload ->> '$.data.memberCount', payload ->> '$.before.memberCount'"
                   " FROM events WHERE workspace = $1 AND seq > $2 ORDER BY seq",
                   ARGS(arg_int(tx.workspace), arg_int(since)));

    while (query_next(&q)) {
        text = str_printf(&store.arena, "%.*s%s%.*s %.*s %d", STR_ARG(text), text.len ? ", " : "",
                          STR_ARG(query_text(&q, 0)), STR_ARG(query_text(&q, 1)),
                          (int)query_int(&q, 2));
        if (!query_is_null(&q, 3))
            text = str_printf(&store.arena, "%.*s before %d", STR_ARG(text), (int)query_int(&q, 3));
    }
    return text.at;
}

static int64_t newest_event(void)
{
    return query_one_int(&tx, -1, "SELECT event_seq FROM workspaces WHERE seq = $1",
                         ARGS(arg_int(tx.workspace)));
}

static struct channel make_group(struct tx *in, struct client *const *clients, size_t count)
{
    struct channel channel = { .kind = CHANNEL_GROUP,
                               .company = rides.seq,
                               .company_id = rides.id,
                               .member_ids = { arena_array(in->arena, struct uuid, count),
                                               count } };
    int64_t members[3];

    for (size_t i = 0; i < count; i++) { /* ids grow in the order of making */
        channel.member_ids.at[i] = clients[i]->id;
        members[i] = clients[i]->seq;
    }
    channel_create(in, &channel, members);
    return channel;
}

TEST(the_workspace_says_which_channel_a_new_client_gets)
{
    struct uuid both[2];

    begin();
    both[0] = rides.id;
    both[1] = bikes.id;
    CHECK_INT(channel_make_for(&tx, &workspace, &ann), ST_OK);
    CHECK_INT(channel_make_for(&tx, &workspace, &ann), ST_OK); /* it is there */
    CHECK_STR(events(0), "created individual 1");
    workspace.default_channel = DEFAULT_CHANNEL_NONE;
    CHECK_INT(channel_make_for(&tx, &workspace, &bob), ST_OK);
    workspace.default_channel = DEFAULT_CHANNEL_COMPANY;
    cid.company_ids = (struct ids){ both, 2 };
    CHECK_INT(channel_make_for(&tx, &workspace, &cid), ST_OK);
    CHECK_INT(channel_make_for(&tx, &workspace, &bob), ST_OK);
    CHECK_STR(events(1), "created company 3, created company 0");
    workspace.companies_enabled = false;
    CHECK_INT(channel_make_for(&tx, &workspace, &bob), ST_OK);
    CHECK_STR(events(3), "created individual 1");
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM audit WHERE action = $1",
                            ARGS(arg_text(STR("message_channel.create")))),
              4);
    end();
}

TEST(channels_that_a_client_leaves_or_takes_along_are_told)
{
    struct channel_watch watch;
    struct client moved;
    int64_t before;

    begin();
    moved = ann;
    moved.company_ids = (struct ids){ &bikes.id, 1 };
    channel_make_for(&tx, &workspace, &ann);
    make_group(&tx, (struct client *[]){ &ann, &bob }, 2);
    make_group(&tx, (struct client *[]){ &ann, &bob, &cid }, 3);
    make_group(&tx, (struct client *[]){ &bob, &cid }, 2);
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &ann, &watch), ST_OK);
    CHECK_INT(watch.count, 3);
    tx.now = 88;
    CHECK_INT(membership_set(&tx, ann.seq, (struct ids){ &bikes.id, 1 }), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, &moved), ST_OK);
    CHECK_STR(events(before), "updated group 1 before 2, updated group 2 before 3");
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM message_channels WHERE updated_at = 88",
                            NO_ARGS),
              2);
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &ann, &watch), ST_OK);
    CHECK_INT(client_archive(&tx, &ann), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, NULL), ST_OK);
    CHECK_STR(events(before), "deleted individual 1");
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &bob, &watch), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, &bob), ST_OK); /* nothing happened */
    CHECK_STR(events(before), "");
    CHECK_INT(client_delete(&tx, &bob), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, NULL), ST_OK);
    CHECK_STR(events(before), "updated group 0 before 1, updated group 1 before 2, "
                              "updated group 1 before 2");
    end();
}

static struct channel make_of(const struct company *company)
{
    struct channel channel = { .kind = CHANNEL_COMPANY,
                               .company = company->seq,
                               .company_id = company->id };

    channel_create(&tx, &channel, NULL);
    return channel;
}

/* "left Rides, joined Bikes": who joined or left which company channel, always Ann. */
static const char *moves(int64_t since)
{
    struct str text = STR("");
    char id[UUID_TEXT];
    struct query q;

    uuid_format(ann.id, id);
    q = query_open(
        &tx,
        "SELECT CASE WHEN payload ->> '$.data.memberIds' IS NOT NULL THEN 'all of'"
        " WHEN payload ->> '$.left[0]' = $3 THEN 'left'"
        " WHEN payload ->> '$.joined[0]' = $3 THEN 'joined' ELSE substr(e.name, 17)"
        " END, c.name FROM events e LEFT JOIN companies c ON c.workspace = e.workspace AND"
        " lower(hex(c.id)) = replace(payload ->> '$.data.companyId', '-', '')"
        " WHERE e.workspace = $1 AND e.seq > $2 AND payload ->> '$.data.membershipType' = 'company'"
        " ORDER BY e.seq",
        ARGS(arg_int(tx.workspace), arg_int(since), arg_text(str_from(id))));

    while (query_next(&q))
        text = str_printf(&store.arena, "%.*s%s%.*s %.*s", STR_ARG(text), text.len ? ", " : "",
                          STR_ARG(query_text(&q, 0)), STR_ARG(query_text(&q, 1)));
    query_close(&q);
    return text.at;
}

TEST(who_joins_and_leaves_a_company_channel_is_told)
{
    struct channel_watch watch;
    struct client moved;
    int64_t before;

    begin();
    make_of(&rides);
    make_of(&bikes);
    moved = ann;
    moved.company_ids = (struct ids){ &bikes.id, 1 };
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &ann, &watch), ST_OK);
    tx.now = 88;
    CHECK_INT(client_update(&tx, &moved), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, &moved), ST_OK);
    CHECK_STR(moves(before), "left Rides, joined Bikes");
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM message_channels WHERE updated_at = 88",
                            NO_ARGS),
              2);
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &moved, &watch), ST_OK);
    CHECK_INT(client_archive(&tx, &moved), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, NULL), ST_OK);
    CHECK_STR(moves(before), "left Bikes");
    before = newest_event();
    CHECK_INT(channel_tell(&tx, &(struct channel_watch){ 0 }, &moved), ST_OK); /* as restored */
    CHECK_STR(moves(before), "joined Bikes");
    end();
}

TEST(channels_of_a_placeholder_go_with_it_and_are_told)
{
    struct company alone = { .name = STR("Alone"), .is_placeholder = true };
    struct channel_watch watch;
    struct client moved;
    int64_t before;

    begin();
    company_create(&tx, &alone);
    moved = ann;
    moved.company_ids = (struct ids){ &alone.id, 1 };
    CHECK_INT(client_update(&tx, &moved), ST_OK);
    make_of(&alone);
    before = newest_event();
    CHECK_INT(channel_watch(&tx, &moved, &watch), ST_OK);
    CHECK_INT(client_update(&tx, &ann), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, &ann), ST_OK);
    CHECK_STR(events(before), "deleted company 1");
    end();
}

/* Two hundred groups of five hundred: all that a client may be in. */
TEST(a_client_of_as_many_groups_as_may_be_is_archived)
{
    struct channel_watch watch;
    struct arena arena;
    int64_t before;

    begin();
    workspace.default_channel = DEFAULT_CHANNEL_INDIVIDUAL;
    query_run(&tx,
              "INSERT INTO message_channels (workspace, id, kind, company, member_ids,"
              " members_hash, created_at, updated_at) SELECT $1, randomblob(16), 1, $2, m,"
              " sha256(m), 1, 1 FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
              " FROM n WHERE i < 200) SELECT CAST($3 || randomblob(499 * 16) AS BLOB) AS m FROM n)",
              ARGS(arg_int(tx.workspace), arg_int(rides.seq), arg_id(ann.id)));
    query_run(&tx, "UPDATE message_channels SET members_hash = sha256(member_ids)", NO_ARGS);
    query_run(&tx,
              "INSERT INTO message_channel_members SELECT $1, seq, $2, $3, $4"
              " FROM message_channels",
              ARGS(arg_int(tx.workspace), arg_int(ann.seq), arg_int(rides.seq), arg_id(ann.id)));
    CHECK_INT(tx_status(&tx), ST_OK);
    before = newest_event();
    arena_init(&arena, LIMIT_REQUEST_ARENA);
    tx.arena = &arena;
    CHECK_INT(channel_watch(&tx, &ann, &watch), ST_OK);
    CHECK_INT(watch.count, 200);
    CHECK_INT(client_archive(&tx, &ann), ST_OK);
    CHECK_INT(channel_tell(&tx, &watch, NULL), ST_OK);
    CHECK(arena.used < LIMIT_REQUEST_ARENA / 4 * 3);
    CHECK_INT(newest_event() - before, 200);
    CHECK_INT(query_one_int(&tx, 0,
                            "SELECT count(*) FROM message_channels WHERE length(member_ids) ="
                            " 499 * 16 AND members_hash = sha256(member_ids)",
                            NO_ARGS),
              200);
    tx.arena = &store.arena;
    end();
    arena_fini(&arena);
}

static enum status come_and_go(struct tx *in, void *context)
{
    struct channel_watch watch;

    (void)context;
    in->workspace = workspace.seq;
    channel_make_for(in, &workspace, &ann);
    make_group(in, (struct client *[]){ &ann, &bob }, 2);
    channel_watch(in, &ann, &watch);
    client_archive(in, &ann);
    return channel_tell(in, &watch, NULL);
}

TEST(a_failing_call_leaves_nothing_half_told)
{
    begin();
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    EACH_FAULT(1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT)
    {
        struct arena arena;
        struct tx changing;
        enum status status;
        struct db *db;
        bool was_hit;

        arena_init(&arena, LIMIT_REQUEST_ARENA);
        tx_init(&changing, store.db, &arena, 2);
        status = tx_once(store.db, &changing, come_and_go, NULL);
        was_hit = EACH_FAULT_END();
        CHECK_INT(status != ST_OK, was_hit);
        db = store_reader(&store);
        tx_init(&tx, db, &store.arena, 3);
        tx.workspace = workspace.seq;
        CHECK_INT(tx_begin_read(&tx), ST_OK);
        CHECK_STR(events(0), was_hit ? ""
                                     : "created individual 1, deleted individual 1, "
                                       "updated group 1 before 2");
        CHECK_INT(query_one_int(&tx, -1, "SELECT count(*) FROM message_channels", NO_ARGS),
                  was_hit ? 0 : 2);
        tx_end_read(&tx);
        db_close(db);
        arena_fini(&arena);
    }
    store_close(&store);
}
