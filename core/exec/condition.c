/* Condition: ETags, and the requests that depend on them (RFC 9110, section 13). */
#include "exec/inside.h"

#include "base/bytes.h"
#include "base/crypto.h"

static bool list_has(struct str list, struct str etag, bool is_weak_enough);

struct str condition_etag(const struct reply *rp, struct arena *arena)
{
    uint8_t digest[16];
    struct str text;

    crypto_digest128(buf_view(&rp->body), digest);
    text = bytes_to_base64url(arena, digest, sizeof(digest));
    return str_printf(arena, "\"%.*s\"", STR_ARG(text));
}

void condition_of_read(const struct request *rq, struct reply *rp, struct arena *arena)
{
    struct str if_match = request_header(rq, "if-match");
    struct str if_none_match = request_header(rq, "if-none-match");
    struct failure failure = { .status = ST_PRECONDITION };

    if (!str_is_absent(if_match) && !list_has(if_match, rp->etag, false)) {
        reply_problem(rp, &failure, rq->id, arena);
        return;
    }
    if (str_is_absent(if_none_match) || !list_has(if_none_match, rp->etag, true))
        return;
    rp->status = 304;
    rp->content_type = NULL;
    buf_clear(&rp->body);
}

/* The GET of the same address is asked as this actor sees it, within the transaction that will change
 * it: nobody can come between. */
enum status condition_of_write(struct tx *tx, const struct request *rq)
{
    struct str if_match = request_header(rq, "if-match");
    struct reply rp;
    bool is_same;

    if (str_is_absent(if_match) || rq->method == POST)
        return tx_status(tx);
    reply_init(&rp);
    is_same = route_dispatcher(tx, GET, rq->path, STR_NONE, STR_NONE, &rp) == ST_OK &&
              list_has(if_match, rp.etag.at ? rp.etag : condition_etag(&rp, tx->arena), false);
    reply_fini(&rp);
    if (!is_same)
        tx_fail(tx, ST_PRECONDITION, NULL, "%s", status_text(ST_PRECONDITION));
    return tx_status(tx);
}

/* `*`, or a list of tags of which one is etag. A weak one only matches where that is enough. */
static bool list_has(struct str list, struct str etag, bool is_weak_enough)
{
    struct str rest = str_trim(list);

    if (str_is(rest, "*"))
        return true;
    while (rest.len > 0) {
        bool is_weak = str_starts(rest, STR("W/"));
        size_t begin = is_weak ? 2 : 0, end;

        if (begin >= rest.len || rest.at[begin] != '"')
            return false;
        for (end = begin + 1; end < rest.len && rest.at[end] != '"'; end++)
            ;
        if (end == rest.len)
            return false;
        if ((!is_weak || is_weak_enough) &&
            str_eq(str_slice(rest.at + begin, end + 1 - begin), etag))
            return true;
        rest = str_trim(str_slice(rest.at + end + 1, rest.len - end - 1));
        if (rest.len > 0 && rest.at[0] != ',')
            return false;
        if (rest.len > 0)
            rest = str_trim(str_slice(rest.at + 1, rest.len - 1));
    }
    return false;
}
