/* Repeat: a POST with an Idempotency-Key is done once, and answered again when it is sent again.
 *
 * What is kept is bound to workspace, actor and route, and to a hash of path, query and body. 2xx, 409 and
 * 422 are kept; of answers with a secret only that they were given, and for what.
 */
#include "exec/inside.h"

#include "api/operations.h"
#include "store/idempotency.h"

#include <string.h>

static bool applies(const struct job *job);
static void fill(const struct job *job, struct tx *tx, struct kept_answer *answer);
static void hash_request(const struct request *rq, struct arena *arena, uint8_t out[CRYPTO_HASH]);
static void replay(struct job *job, struct tx *tx, const struct kept_answer *answer);

enum status repeat_begin(struct job *job, struct tx *tx)
{
    const struct request *rq = &job->request;
    struct str key = request_header(rq, "idempotency-key");

    if (str_is_absent(key) || rq->method != POST ||
        (!rq->route->write && !(rq->route->flags & ROUTE_SCRIPT)) ||
        rq->route->flags & ROUTE_PAGE || tx->actor.kind == ACTOR_NOBODY)
        return tx_status(tx);
    if (key.len == 0 || key.len > LIMIT_IDEMPOTENCY_KEY || !str_is_utf8(key) ||
        str_has_control(key))
        return tx_fail(tx, ST_INVALID, "invalid_idempotency_key",
                       "Idempotency-Key takes 1 to %d characters of text.", LIMIT_IDEMPOTENCY_KEY);
    job->idempotency_key = key;
    hash_request(rq, tx->arena, job->body_hash);
    return tx_status(tx);
}

bool repeat_answered(struct job *job, struct tx *tx)
{
    struct kept_answer answer;

    if (!applies(job) || tx_status(tx) != ST_OK)
        return false;
    fill(job, tx, &answer);
    if (!idempotency_find(tx, &answer))
        return false;
    job->is_repeated = true;
    if (!crypto_equal(answer.body_hash, job->body_hash, sizeof(job->body_hash)))
        tx_fail(tx, ST_CONFLICT, "idempotency_key_reused",
                "This Idempotency-Key was used for another request: take a new one.");
    else
        replay(job, tx, &answer);
    return true;
}

void repeat_keep(struct job *job, struct tx *tx)
{
    const struct reply *rp = &job->reply;
    struct kept_answer answer;

    if (!applies(job) || tx_status(tx) != ST_OK ||
        ((rp->status < 200 || rp->status > 299) && rp->status != 409 && rp->status != 422))
        return;
    if (rp->content_type && !str_starts(str_from(rp->content_type), STR("application/json")))
        return;
    fill(job, tx, &answer);
    answer.status = rp->status;
    answer.entity_id = rp->entity_id;
    if (!rp->has_secret)
        answer.body = rp->body.len > 0 ? buf_view(&rp->body) : STR("");
    idempotency_keep(tx, &answer);
}

void repeat_keep_refusal(struct job *job, struct tx *tx, const struct failure *failure)
{
    struct kept_answer answer;

    if (!applies(job) || job->is_repeated ||
        (failure->status != ST_CONFLICT && failure->status != ST_UNPROCESSABLE))
        return;
    reply_problem(&job->reply, failure, job->request.id, tx->arena);
    fill(job, tx, &answer);
    answer.status = job->reply.status;
    answer.body = buf_view(&job->reply.body);
    idempotency_keep(tx, &answer);
}

static bool applies(const struct job *job)
{
    return !str_is_absent(job->idempotency_key);
}

static void fill(const struct job *job, struct tx *tx, struct kept_answer *answer)
{
    *answer = (struct kept_answer){
        .actor = tx->actor.id,
        .route = str_printf(tx->arena, "POST %s", job->request.route->pattern),
        .key = job->idempotency_key,
    };
    memcpy(answer->body_hash, job->body_hash, sizeof(answer->body_hash));
}

/* Lengths first, so that no two requests look the same. */
static void hash_request(const struct request *rq, struct arena *arena, uint8_t out[CRYPTO_HASH])
{
    struct str text = str_printf(arena, "%zu %zu ", rq->target.len, rq->body.len);

    text = str_concat(arena, text, rq->target);
    text = str_concat(arena, text, rq->body);
    crypto_sha256(text, out);
}

static void replay(struct job *job, struct tx *tx, const struct kept_answer *answer)
{
    struct reply *rp = &job->reply;
    char id[UUID_TEXT];

    if (str_is_absent(answer->body)) {
        tx_fail(tx, ST_CONFLICT, "already_done",
                "This was done before. Its answer held a secret and is not kept.");
        if (!uuid_is_none(answer->entity_id)) {
            uuid_format(answer->entity_id, id);
            tx->failure.id = str_copy(tx->arena, str_from(id));
        }
        return;
    }
    buf_str(reply_json(rp, answer->status), answer->body);
    if (answer->status >= 400)
        rp->content_type = "application/problem+json";
    if (answer->body.len == 0)
        rp->content_type = NULL;
    rp->entity_id = answer->entity_id;
    if (answer->status == 202)
        operation_headers(rp, tx->arena, answer->entity_id);
}
