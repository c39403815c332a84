/* Health: three addresses that need no key and no Host of ours, and tell nothing of anybody. */
#include "api/health.h"

#include "base/check.h"

static route_phase alive, ready, metrics;

const struct route health_routes[] = {
    { GET, "/healthz", .open = "says only that the process answers", .read = alive,
      .flags = ROUTE_PUBLIC_HOST | ROUTE_HIDDEN, .summary = "Is the process alive?" },
    { GET, "/readyz", .open = "says only whether requests should be sent here", .read = ready,
      .flags = ROUTE_PUBLIC_HOST | ROUTE_HIDDEN, .summary = "Should requests be sent here?" },
    { GET, "/metrics", .open = "counts requests and resources, of nobody in particular",
      .read = metrics, .flags = ROUTE_PUBLIC_HOST | ROUTE_HIDDEN,
      .summary = "Figures for Prometheus" },
    { 0 },
};

static const struct health_source *source;

void health_set_source(const struct health_source *given)
{
    source = given;
}

static enum status alive(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)tx;
    (void)rq;
    buf_text(reply_json(rp, 200), "{\"status\":\"alive\"}");
    reply_header(rp, "Cache-Control", STR("no-store"));
    return ST_OK;
}

static enum status ready(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const char *reason;
    bool is_ready;

    (void)tx;
    (void)rq;
    PRE(source != NULL);
    is_ready = source->is_ready(source->context, &reason);
    buf_printf(reply_json(rp, is_ready ? 200 : 503), "{\"status\":\"%s\"}", reason);
    reply_header(rp, "Cache-Control", STR("no-store"));
    return ST_OK;
}

static enum status metrics(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)tx;
    (void)rq;
    PRE(source != NULL);
    rp->status = 200;
    rp->content_type = "text/plain; version=0.0.4; charset=utf-8";
    source->write_metrics(source->context, &rp->body);
    reply_header(rp, "Cache-Control", STR("no-store"));
    return ST_OK;
}
