/* Deliveries as rows: who gets which event, whose turn it is, when it is tried again, how long it is kept. */
#include "base/clock.h"
#include "store/delivery.h"
#include "store/mail.h"
#include "store/operation.h"
#include "store/query.h"
#include "store/record.h"
#include "store/workspace.h"
#include "store_fixture.h"

#include <string.h>

#define DAY CLOCK_DAY
/* When the tests begin. */
#define NOW INT64_C(1795471980000000)

struct deliveries {
    struct store store;
    struct tx tx;
    int64_t now;
    struct uuid one, two;
};

static const struct listener greets = { STR("a.lua"), STR("greet"), STR("client.created") };
static const struct listener counts = { STR("b.lua"), STR("client.created"),
                                        STR("client.created") };

/* Each job is a transaction of the writer at the instant d->now. */
static struct tx *begin(struct deliveries *d)
{
    CHECK_INT(tx_batch_begin(d->store.db), ST_OK);
    tx_init(&d->tx, d->store.db, &d->store.arena, d->now);
    CHECK_INT(tx_job_begin(&d->tx), ST_OK);
    d->tx.workspace = 1;
    d->tx.actor.kind = ACTOR_SYSTEM;
    return &d->tx;
}

static void end(struct deliveries *d)
{
    enum status status = tx_status(&d->tx);

    if (status != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(d->tx.failure.message));
    CHECK_INT(tx_job_end(&d->tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(d->store.db, d->now), ST_OK);
}

static void open_store(struct deliveries *d)
{
    struct workspace workspace;
    struct tx *tx;

    memset(d, 0, sizeof(*d));
    store_open(&d->store);
    d->now = NOW;
    tx = begin(d);
    workspace_create(tx, STR("One"), &workspace);
    d->one = tx_id(tx);
    d->two = tx_id(tx);
    end(d);
}

static void tell(struct deliveries *d, const char *name, struct uuid id)
{
    tx_event(begin(d), name, "client", id, STR("{\"data\":{}}"));
    end(d);
}

static void follow(struct deliveries *d, const struct listener *listeners, size_t count)
{
    struct tx *tx = begin(d);

    CHECK(delivery_fan_out(tx, 100) < 100 || !delivery_has_listeners(tx));
    delivery_follow(tx, listeners, count, d->now);
    end(d);
}

static size_t fan_out(struct deliveries *d, size_t most)
{
    size_t seen = delivery_fan_out(begin(d), most);

    end(d);
    return seen;
}

static int64_t ask(struct deliveries *d, const char *sql)
{
    int64_t number = query_one_int(begin(d), -1, sql, NO_ARGS);

    end(d);
    return number;
}

/* The first that is due of a handler; *count of all. */
static struct delivery due(struct deliveries *d, const struct listener *listener, size_t *count)
{
    struct delivery *all;
    int64_t next;

    CHECK_INT(delivery_due(begin(d), listener, 50, &all, count, &next), ST_OK);
    end(d);
    return *count ? all[0] : (struct delivery){ 0 };
}

static void judge(struct deliveries *d, struct delivery *delivery, const char *error)
{
    const struct delivery_error why = { str_from(error ? error : ""), STR("a.lua:1") };

    CHECK(delivery_judge(begin(d), delivery, error ? &why : NULL));
    end(d);
}

TEST(a_handler_gets_what_happens_from_its_coming_on)
{
    const struct listener both[] = { greets, counts };
    struct deliveries d;

    open_store(&d);
    tell(&d, "client.created", d.one);
    d.now += CLOCK_SECOND;
    follow(&d, both, 1);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 0);
    tell(&d, "client.created", d.one);
    tell(&d, "client.updated", d.one);
    CHECK_INT(fan_out(&d, 100), 2);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 1);
    CHECK_INT(fan_out(&d, 100), 0);

    /* The second came into force before this one, and is looked at after it. */
    d.now += CLOCK_SECOND;
    tell(&d, "client.created", d.two);
    follow(&d, both, 2);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE plugin = 'a.lua'"), 2);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE plugin = 'b.lua'"), 1);

    /* Who is gone gets nothing more; what it had stays. */
    d.now += CLOCK_SECOND;
    follow(&d, both, 1);
    tell(&d, "client.created", d.one);
    fan_out(&d, 100);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE plugin = 'a.lua'"), 3);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE plugin = 'b.lua'"), 1);
    follow(&d, NULL, 0);
    tell(&d, "client.created", d.one);
    d.now += CLOCK_SECOND;
    follow(&d, both, 1);
    fan_out(&d, 100);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE plugin = 'a.lua'"), 3);
    store_close(&d.store);
}

TEST(events_are_fanned_out_in_small_pieces_and_once)
{
    struct deliveries d;
    size_t seen, pieces = 0;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    for (int i = 0; i < 25; i++)
        tell(&d, i % 2 ? "client.created" : "client.updated", d.one);
    do {
        seen = fan_out(&d, 10);
        pieces++;
    } while (seen == 10);
    CHECK_INT(pieces, 3);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 12);
    CHECK_INT(ask(&d, "SELECT event_seq FROM delivery_marks"), 25);
    store_close(&d.store);
}

TEST(of_one_handler_and_thing_one_has_its_turn)
{
    struct deliveries d;
    struct delivery first;
    size_t count;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    for (int i = 0; i < 3; i++)
        tell(&d, "client.created", d.one);
    tell(&d, "client.created", d.two);
    fan_out(&d, 100);
    first = due(&d, &greets, &count);
    CHECK_INT(count, 2);
    CHECK_INT(first.event_seq, 1);
    judge(&d, &first, "not yet");
    CHECK_INT(due(&d, &greets, &count).event_seq, 4); /* of the other thing */
    CHECK_INT(count, 1);
    d.now += 2 * CLOCK_MINUTE;
    first = due(&d, &greets, &count);
    while (count && first.event_seq != 1) {
        judge(&d, &first, NULL);
        first = due(&d, &greets, &count);
    }
    CHECK_INT(first.event_seq, 1);
    judge(&d, &first, NULL);
    CHECK_INT(due(&d, &greets, &count).event_seq, 2);
    CHECK_INT(count, 1);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL"), 1);
    store_close(&d.store);
}

TEST(a_try_that_fails_is_made_again_for_a_day_and_a_half)
{
    static const int64_t minutes[] = { 1, 5, 30, 120, 360, 720, 720 };
    struct deliveries d;
    struct delivery letter;
    size_t count;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    tell(&d, "client.created", d.one);
    tell(&d, "client.created", d.one);
    fan_out(&d, 100);
    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
        letter = due(&d, &greets, &count);
        CHECK_INT(letter.event_seq, 1);
        CHECK_INT(letter.attempts, i);
        judge(&d, &letter, "no");
        CHECK_INT(letter.status, DELIVERY_FAILED);
        d.now += minutes[i] * CLOCK_MINUTE - 1;
        due(&d, &greets, &count);
        CHECK_INT(count, 0);
        d.now += 1;
    }
    letter = due(&d, &greets, &count);
    judge(&d, &letter, "no");
    CHECK_INT(letter.status, DELIVERY_DEAD);
    CHECK_INT(letter.attempts, DELIVERY_TRIES);
    CHECK_STR(letter.error_message, "no");
    CHECK_INT(due(&d, &greets, &count).event_seq, 2); /* the next has its turn */

    /* A result that comes too late changes nothing. */
    letter.attempts = 0;
    CHECK(!delivery_judge(begin(&d), &letter, NULL));
    end(&d);

    /* Replayed, it waits until the other is over, and then has all its tries again. */
    CHECK_INT(delivery_replay(begin(&d), &letter), ST_OK);
    end(&d);
    CHECK_INT(letter.attempts, 0);
    CHECK_INT(letter.due_at, 0);
    letter = due(&d, &greets, &count);
    CHECK_INT(letter.event_seq, 2);
    judge(&d, &letter, NULL);
    letter = due(&d, &greets, &count);
    CHECK_INT(letter.event_seq, 1);
    judge(&d, &letter, NULL);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE status = 2"), 2);
    store_close(&d.store);
}

TEST(handlers_that_cause_each_other_end_as_a_dead_letter)
{
    struct deliveries d;
    size_t count;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    for (int depth = DELIVERY_DEPTH; depth <= DELIVERY_DEPTH + 1; depth++) {
        struct tx *tx = begin(&d);

        tx->event_depth = depth;
        tx_event(tx, "client.created", "client", d.one, STR("{\"data\":{}}"));
        end(&d);
    }
    fan_out(&d, 100);
    CHECK_INT(due(&d, &greets, &count).depth, DELIVERY_DEPTH);
    CHECK_INT(count, 1);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries WHERE status = 3 AND error_message LIKE"
                      " '%in a circle%'"),
              1);
    store_close(&d.store);
}

/* They tell of themselves when nobody knows any more who began them. */
TEST(mails_and_operations_of_a_handler_know_how_far_it_was_from_a_request)
{
    struct operation operation = { .kind = STR("company.delete_clients"), .input = STR("{}") };
    struct mail mail = { .render = STR("plugin"),
                         .recipient = STR("a@example.com"),
                         .locale = STR("en"),
                         .data = STR("{}") };
    struct deliveries d;
    struct tx *tx;

    open_store(&d);
    tx = begin(&d);
    tx->event_depth = 3;
    CHECK_INT(mail_queue(tx, &mail), ST_OK);
    CHECK_INT(operation_create(tx, &operation, (struct ids){ &d.one, 1 }), ST_OK);
    CHECK(mail_find(tx, mail.seq, &mail));
    CHECK_INT(mail.event_depth, 3);
    CHECK_INT(operation_load(tx, operation.id, &operation), ST_OK);
    CHECK_INT(operation.event_depth, 3);
    end(&d);
    store_close(&d.store);
}

static void sweep(struct deliveries *d)
{
    struct tx *tx = begin(d);

    delivery_sweep(tx);
    event_sweep(tx);
    end(d);
}

TEST(events_stay_as_long_as_a_delivery_needs_them)
{
    struct deliveries d;
    struct delivery letter;
    size_t count;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    tell(&d, "client.updated", d.one);
    tell(&d, "client.created", d.one); /* done */
    tell(&d, "client.created", d.two); /* dead */
    fan_out(&d, 100);
    for (int i = 0; i < DELIVERY_TRIES; i++) {
        for (letter = due(&d, &greets, &count); count; letter = due(&d, &greets, &count))
            judge(&d, &letter, letter.event_seq == 3 ? "no" : NULL);
        d.now += DAY / 2;
    }
    d.now = NOW + 6 * DAY;
    sweep(&d);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 2);
    d.now = NOW + 15 * DAY;
    sweep(&d);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 1);
    CHECK_INT(ask(&d, "SELECT count(*) FROM events"), 1);
    d.now = NOW + 40 * DAY;
    sweep(&d);
    CHECK_INT(ask(&d, "SELECT count(*) FROM deliveries"), 0);
    CHECK_INT(ask(&d, "SELECT count(*) FROM events"), 0);
    store_close(&d.store);
}

TEST(what_waits_for_a_handler_that_never_comes_back_is_given_up)
{
    struct deliveries d;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    tell(&d, "client.created", d.one);
    fan_out(&d, 100);
    follow(&d, NULL, 0);
    d.now += 29 * DAY;
    sweep(&d);
    CHECK_INT(ask(&d, "SELECT status FROM deliveries"), DELIVERY_QUEUED);
    d.now += 2 * DAY;
    sweep(&d);
    CHECK_INT(ask(&d, "SELECT status FROM deliveries"), DELIVERY_DEAD);
    store_close(&d.store);
}

TEST(a_step_is_answered_by_the_same_call_alone)
{
    struct delivery_step step = { .number = 1, .status = 200, .answer = STR("{}") }, other;
    struct deliveries d;
    struct delivery letter;
    size_t count;

    open_store(&d);
    follow(&d, &greets, 1);
    d.now += CLOCK_SECOND;
    tell(&d, "client.created", d.one);
    fan_out(&d, 100);
    letter = due(&d, &greets, &count);
    delivery_step_keep(begin(&d), &letter, &step);
    end(&d);
    other = (struct delivery_step){ .number = 1 };
    CHECK(delivery_step_find(begin(&d), &letter, &other));
    end(&d);
    CHECK_INT(other.status, 200);
    CHECK_STR(other.answer, "{}");
    other.call_hash[0] = 1;
    CHECK(!delivery_step_find(begin(&d), &letter, &other));
    end(&d);
    other = (struct delivery_step){ .number = 2 };
    CHECK(!delivery_step_find(begin(&d), &letter, &other));
    end(&d);
    judge(&d, &letter, NULL);
    CHECK_INT(ask(&d, "SELECT count(*) FROM delivery_steps"), 0);
    store_close(&d.store);
}
