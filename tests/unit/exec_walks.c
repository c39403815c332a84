/* Exec_walks: see its header. */
#include "exec_walks.h"

#include "store/query.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { LONG = 20000, ENDLESS = INT32_MAX };

struct walk {
    struct str name;
};
static const struct field walk_fields[] = {
    { "name", FIELD_TEXT, FIELD_FILTER, offsetof(struct walk, name), 0, 0, NULL, "name",
      "How long." },
    { 0 },
};
static const struct entity walk_entity = { "walk", walk_fields, sizeof(struct walk) };

static route_phase walk, list, held, revoke;

static const struct route_query steps[] = { { "steps", "How many." }, { 0 } };

const struct route exec_walk_routes[] = {
    { GET, "/v1/walk", .may = "note.list", .read = walk, .query = steps },
    { GET, "/v1/export", .may = "note.list", .read = walk, .query = steps, .flags = ROUTE_SLOW },
    { GET, "/v1/walks", .may = "note.list", .entity = &walk_entity, .read = list,
      .flags = ROUTE_LIST },
    { GET, "/v1/held", .may = "note.list", .read = held, .flags = ROUTE_SLOW },
    { POST, "/v1/revoke", .may = "note.create", .write = revoke },
    { 0 },
};

static _Atomic int begun;
static bool is_released;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;

int exec_walks_begun(void)
{
    return begun;
}

void exec_walks_release(void)
{
    pthread_mutex_lock(&lock);
    is_released = true;
    pthread_cond_broadcast(&released);
    pthread_mutex_unlock(&lock);
}

static enum status answer(struct tx *tx, struct reply *rp, int64_t most)
{
    char thread[16] = "";
    int64_t sum;

    begun++;
    pthread_getname_np(pthread_self(), thread, sizeof(thread));
    /* Something to throw away, should it be begun again. */
    reply_header_more(rp, "X-Walk", STR("begun"));
    buf_printf(reply_json(rp, 200), "{\"on\":\"%s\",",
               !strcmp(thread, "reader") ? "reader" : "loop");
    sum = query_one_int(tx, 0,
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                        " i < $1) SELECT sum(i) FROM n",
                        ARGS(arg_int(most)));
    buf_printf(&rp->body, "\"sum\":%lld}", (long long)sum);
    return tx_status(tx);
}

static enum status walk(struct tx *tx, const struct request *rq, struct reply *rp)
{
    int64_t most = 1;

    str_to_int(request_query(rq, "steps"), 1, ENDLESS, &most);
    return answer(tx, rp, most);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct str name = request_query(rq, "name");

    return answer(tx, rp, str_is(name, "long") ? LONG : str_is(name, "endless") ? ENDLESS : 1);
}

static enum status held(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    begun++;
    pthread_mutex_lock(&lock);
    while (!is_released)
        pthread_cond_wait(&released, &lock);
    pthread_mutex_unlock(&lock);
    reply_json(rp, 200);
    return tx_status(tx);
}

static enum status revoke(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    query_run(tx, "UPDATE api_keys SET revoked_at = $2 WHERE id = $1",
              ARGS(arg_id(tx->actor.id), arg_time(tx_now(tx))));
    reply_json(rp, 200);
    return tx_status(tx);
}
