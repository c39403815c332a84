/* Docs: GET /docs, /docs/lua and /docs/foyer.d.lua. */
#include "api/docs.h"

#include "base/limits.h"
#include "http/reply.h"
#include "plugin/routes.h"
#include "store/tx.h"

static route_phase docs, lua, stubs;

const struct route docs_routes[] = {
    { GET, "/docs", .open = "the description of the API is public", .read = docs,
      .flags = ROUTE_HIDDEN | ROUTE_PAGE },
    { GET, "/docs/lua", .open = "the description of the API is public", .read = lua,
      .flags = ROUTE_HIDDEN | ROUTE_PAGE | ROUTE_SLOW },
    { GET, "/docs/foyer.d.lua", .open = "the description of the API is public", .read = stubs,
      .flags = ROUTE_HIDDEN | ROUTE_SLOW },
    { 0 },
};

static const struct router *described;
static docs_writer *write_manual, *write_stubs;

static void begin(const char *title, struct buf *page);
static enum status end(struct tx *tx, struct reply *rp, struct buf *page);
static void write_route(const struct route *route, void *context);

void docs_set(const struct router *router, docs_writer *manual, docs_writer *editor)
{
    described = router;
    write_manual = manual;
    write_stubs = editor;
}

static enum status docs(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf page;

    (void)rq;
    begin("Foyer API", &page);
    buf_text(&page, "<h1>Foyer API</h1><p>The whole description, for programs: <a "
                    "href=\"/openapi.json\">/openapi.json</a>"
                    " (OpenAPI 3.1). Send your key in "
                    "<code>X-API-Key</code>. Scripts and plugins have a manual of their own: <a "
                    "href=\"/docs/lua\">/docs/lua</a>.</p><table><thead><tr><th>Method</th>"
                    "<th>Address</th><th>What it does</th><th>Rule asked</th></tr></thead><tbody>");
    if (described)
        router_each(described, write_route, &page);
    if (routes_of(tx->policy))
        router_each(routes_of(tx->policy), write_route, &page);
    buf_text(&page, "</tbody></table>");
    return end(tx, rp, &page);
}

static void write_route(const struct route *route, void *context)
{
    struct buf *page = context;

    if (route->flags & ROUTE_HIDDEN)
        return;
    buf_printf(page, "<tr><td><code>%s</code></td><td><code>", method_name(route->method));
    buf_html(page, str_from(route->pattern));
    buf_text(page, "</code></td><td>");
    buf_html(page, str_from(route->summary ? route->summary : ""));
    buf_text(page, "</td><td><code>");
    buf_html(page, str_from(route->may ? route->may : "open"));
    buf_text(page, "</code></td></tr>");
}

static enum status lua(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf page;

    (void)rq;
    if (!write_manual)
        return tx_not_found(tx);
    begin("Foyer for authors of scripts", &page);
    write_manual(described, &page);
    return end(tx, rp, &page);
}

static enum status stubs(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (!write_stubs)
        return tx_not_found(tx);
    rp->status = 200;
    rp->content_type = "text/plain; charset=utf-8";
    write_stubs(described, &rp->body);
    return tx_status(tx);
}

static void begin(const char *title, struct buf *page)
{
    buf_init(page, MIB(1));
    buf_printf(page,
               "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
               "name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>%s"
               "</title><link rel=\"stylesheet\" href=\"/assets/portal.css\"></head>"
               "<body class=\"docs\"><main>",
               title);
}

static enum status end(struct tx *tx, struct reply *rp, struct buf *page)
{
    buf_text(page, "</main></body></html>");
    reply_html(rp, 200, str_copy(tx->arena, buf_view(page)));
    buf_fini(page);
    return tx_status(tx);
}
