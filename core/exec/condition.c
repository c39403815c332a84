/* Condition: ETags, and the requests that depend on them (RFC 9110, section 13). */
#include "exec/inside.h"

#include "base/bytes.h"
#include "base/digest.h"

#include <string.h>

/* SAME_BYTES: If-None-Match, weak tags will do. SAME_STATE: If-Match; what it does not protect may
 * have changed. */
enum sameness { SAME_BYTES, SAME_STATE };

static bool none_match_holds(const struct request *rq, struct str etag);
static bool list_has(struct str list, struct str etag, enum sameness sameness);
static bool is_same(struct str tag, struct str etag, enum sameness sameness);

struct str condition_etag(const struct reply *rp, struct arena *arena)
{
    uint8_t digest[DIGEST];

    if (!str_is_absent(rp->stable))
        return str_printf(arena, "\"%.*s.%.*s\"", STR_ARG(rp->stable), STR_ARG(rp->moving));
    digest128(buf_view(&rp->body), digest);
    return str_printf(arena, "\"%.*s\"",
                      STR_ARG(bytes_to_base64url(arena, digest, sizeof(digest))));
}

void condition_of_read(const struct request *rq, struct reply *rp, struct arena *arena)
{
    struct str if_match = request_header(rq, "if-match");
    struct failure failure = { .status = ST_PRECONDITION };

    if (!str_is_absent(if_match) && !list_has(if_match, rp->etag, SAME_STATE)) {
        reply_problem(rp, &failure, rq->id, arena);
        return;
    }
    if (none_match_holds(rq, rp->etag))
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
    struct str etag = STR_NONE;
    struct reply rp;

    if (rq->method == POST ||
        (str_is_absent(if_match) && str_is_absent(request_header(rq, "if-none-match"))))
        return tx_status(tx);
    reply_init(&rp);
    if (route_dispatcher(tx, GET, rq->path, STR_NONE, STR_NONE, &rp) == ST_OK)
        etag = rp.etag.at ? rp.etag : condition_etag(&rp, tx->arena);
    reply_fini(&rp);
    if (!str_is_absent(if_match) && (str_is_absent(etag) || !list_has(if_match, etag, SAME_STATE)))
        tx_fail(tx, ST_PRECONDITION, NULL, "%s", status_text(ST_PRECONDITION));
    else if (!str_is_absent(etag) && !none_match_holds(rq, etag))
        tx_fail(tx, ST_PRECONDITION, NULL, "There is something already: If-None-Match forbids it.");
    return tx_status(tx);
}

static bool none_match_holds(const struct request *rq, struct str etag)
{
    struct str if_none_match = request_header(rq, "if-none-match");

    return str_is_absent(if_none_match) || !list_has(if_none_match, etag, SAME_BYTES);
}

/* `*`, or a list of tags of which one is etag. */
static bool list_has(struct str list, struct str etag, enum sameness sameness)
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
        if ((!is_weak || sameness == SAME_BYTES) &&
            is_same(str_slice(rest.at + begin, end + 1 - begin), etag, sameness))
            return true;
        rest = str_trim(str_slice(rest.at + end + 1, rest.len - end - 1));
        if (rest.len > 0 && rest.at[0] != ',')
            return false;
        if (rest.len > 0)
            rest = str_trim(str_slice(rest.at + 1, rest.len - 1));
    }
    return false;
}

/* "STATE.BYTES", or "BYTES" where both are the same; quotes stand around. */
static bool is_same(struct str tag, struct str etag, enum sameness sameness)
{
    const char *dot = sameness == SAME_STATE ? memchr(etag.at, '.', etag.len) : NULL;

    if (!dot)
        return str_eq(tag, etag);
    return str_starts(tag, str_slice(etag.at, (size_t)(dot - etag.at) + 1));
}
