/* Script page: what a page of a script gave, inside of the layout of the portal's own pages (render "page.plugin").
 *
 * The layout is rendered around a mark, and the page put in its place: so it may be large, and is no data of
 * another script. A notice lives in a cookie from the redirect to the page that shows it.
 */
#include "exec/script_inside.h"

#include "api/page.h"
#include "store/db.h"

#include <string.h>

#define MARK "<!--page of a plugin-->"

static void write_data(const struct run *run, struct page *page, struct str notice);
static void put_inside(struct reply *rp, struct str html);
static const char *cookie_name(const struct request *rq);
static struct str read_notice(const struct run *run);
static void set_notice(struct run *run, struct str notice);

void visit_page(struct run *run)
{
    struct job *job = run->job;
    const struct task_result *result = &run->result;
    struct str notice = read_notice(run);
    int status = result->status;
    struct page page;
    struct tx tx;

    if (!str_is_absent(result->notice))
        set_notice(run, result->notice);
    if (!result->is_page || str_is_absent(result->body))
        return;
    if (run->is_refused && status == 200) /* it shows what is wrong with its form */
        status = status_http(ST_INVALID);
    tx_init(&tx, run->scripts->db, &job->arena, job->now);
    job_set_tx(job, &tx);
    tx.policy = run->policy;
    if (tx_begin_read(&tx) == ST_OK) {
        page_begin(&page, &tx);
        write_data(run, &page, notice);
        page_end(&page, "page.plugin", status, &job->reply);
        put_inside(&job->reply, result->body);
        if (!str_is_absent(notice))
            set_notice(run, STR_NONE);
    }
    job->failure = tx.failure;
    tx_end_read(&tx);
}

static void write_data(const struct run *run, struct page *page, struct str notice)
{
    const struct request *rq = &run->job->request;
    const struct plugin_route *route = plugin_route_of(rq->route);
    const struct route_terms *terms = &route->registration->route;

    page_text(page, "slot", STR(MARK));
    page_text(page, "path", rq->path);
    page_text(page, "title", str_is_empty(run->result.title) ? terms->title : run->result.title);
    page_text(page, "plugin", route->handler.plugin);
    page_text(page, "place", terms->place);
    page_text(page, "person", str_trim(run->job->actor.name));
    page_text(page, "notice", notice);
    page_text(page, "style", terms->style);
    page_text(page, "script", terms->script);
}

/* Where the layout has failed there is no mark, and the plain page stays. */
static void put_inside(struct reply *rp, struct str html)
{
    const char *at = memmem(rp->body.at, rp->body.len, MARK, sizeof(MARK) - 1);
    struct buf whole;

    if (!at)
        return;
    buf_init(&whole, LIMIT_REPLY_BODY);
    buf_put(&whole, rp->body.at, (size_t)(at - rp->body.at));
    buf_str(&whole, html);
    at += sizeof(MARK) - 1;
    buf_put(&whole, at, (size_t)(rp->body.at + rp->body.len - at));
    buf_clear(&rp->body);
    buf_str(&rp->body, buf_view(&whole));
    buf_fini(&whole);
}

/* ---- Notices ----------------------------------------------------------------------------------- */

static const char *cookie_name(const struct request *rq)
{
    return rq->is_secure ? "__Host-foyer_notice" : "foyer_notice";
}

/* Absent: there is none. */
static struct str read_notice(const struct run *run)
{
    const struct job *job = run->job;
    struct str sent = request_cookie(&job->request, cookie_name(&job->request));
    struct failure ignored = { 0 };
    struct param *params;
    size_t count;

    if (str_is_empty(sent) || sent.len > 3 * LIMIT_PAGE_NOTICE || memchr(sent.at, '&', sent.len) ||
        params_decode(str_printf(&run->job->arena, "n=%.*s", STR_ARG(sent)), 1, &run->job->arena,
                      &params, &count, &ignored) != ST_OK ||
        !str_is_utf8(params[0].value))
        return STR_NONE;
    return params[0].value;
}

/* Absent: it was shown. */
static void set_notice(struct run *run, struct str notice)
{
    struct job *job = run->job;
    struct buf value;

    buf_init(&value, 4 * LIMIT_PAGE_NOTICE);
    buf_url(&value, str_is_absent(notice) ? STR("") : notice);
    reply_header_more(
        &job->reply, "Set-Cookie",
        str_printf(&job->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
                   cookie_name(&job->request), STR_ARG(buf_view(&value)),
                   str_is_absent(notice) ? 0 : 60, job->request.is_secure ? "; Secure" : ""));
    buf_fini(&value);
}
