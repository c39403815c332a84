/* Assets: style sheets and pictures of the portal, and the colours of a firm as a style sheet. */
#include "api/pages.h"

#include "base/bytes.h"
#include "base/embedded.h"
#include "http/reply.h"
#include "store/tx.h"

static route_phase asset, brand;

const struct route asset_routes[] = {
    { GET, "/assets/{name}", .open = "style sheets and pictures of the portal", .read = asset,
      .flags = ROUTE_NO_TARGET | ROUTE_HIDDEN },
    { GET, "/brand/{name}", .open = "colours of the portal", .read = brand,
      .flags = ROUTE_NO_TARGET | ROUTE_HIDDEN },
    { 0 },
};

enum { COLORS = 3, COLOR_TEXT = 6, BRAND_TEXT = COLORS * (COLOR_TEXT + 1) + 3 };

static const char *readable_on(const uint8_t color[3]);

static enum status asset(struct tx *tx, const struct request *rq, struct reply *rp)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = { { ".css", "text/css; charset=utf-8" },
                  { ".js", "text/javascript; charset=utf-8" },
                  { ".svg", "image/svg+xml" },
                  { ".png", "image/png" } };
    struct str name = request_param(rq, "name");
    const struct embedded_file *file =
        embedded_find(str_printf(tx->arena, "plugins/portal/assets/%.*s", STR_ARG(name)).at);

    if (!file)
        return tx_not_found(tx);
    rp->status = 200;
    rp->content_type = "application/octet-stream";
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (str_ends(name, str_from(types[i].ending)))
            rp->content_type = types[i].type;
    reply_header(rp, "Cache-Control", STR("public, max-age=300"));
    buf_put(&rp->body, file->at, file->len);
    return tx_status(tx);
}

/* "/brand/2f5d50-1f2a2e-ffffff.css": accent, side bar, its text. Immutable: the colours are its name. */
static enum status brand(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct str name = request_param(rq, "name");
    uint8_t colors[COLORS][3];

    if (name.len != BRAND_TEXT || !str_ends(name, STR(".css")))
        return tx_not_found(tx);
    for (size_t i = 0; i < COLORS; i++)
        if (!bytes_from_hex(str_slice(name.at + i * (COLOR_TEXT + 1), COLOR_TEXT), colors[i], 3))
            return tx_not_found(tx);
    rp->status = 200;
    rp->content_type = "text/css; charset=utf-8";
    reply_header(rp, "Cache-Control", STR("public, max-age=31536000, immutable"));
    buf_printf(&rp->body, ":root{--accent:#%.6s;--on-accent:%s;--sidebar:#%.6s;--on-sidebar:#%.6s}",
               name.at, readable_on(colors[0]), name.at + COLOR_TEXT + 1,
               name.at + 2 * (COLOR_TEXT + 1));
    return tx_status(tx);
}

/* Black or white, whichever has more contrast: by the relative luminance of WCAG 2, with its gamma
 * taken as a square. */
static const char *readable_on(const uint8_t color[3])
{
    double luminance =
        0.2126 * color[0] * color[0] + 0.7152 * color[1] * color[1] + 0.0722 * color[2] * color[2];

    return luminance > 0.2 * 255 * 255 ? "#000000" : "#ffffff";
}
