/* Assets: style sheets and pictures of the portal, and the colours of a firm as a style sheet, which stay
 * readable whatever the firm chose. */
#include "api/pages.h"

#include "base/bytes.h"
#include "base/embedded.h"
#include "http/reply.h"
#include "store/tx.h"

#include <math.h>

static route_phase asset, brand;

const struct route asset_routes[] = {
    { GET, "/assets/{name}", .open = "style sheets and pictures of the portal", .read = asset,
      .flags = ROUTE_NO_TARGET | ROUTE_HIDDEN },
    { GET, "/brand/{name}", .open = "colours of the portal", .read = brand,
      .flags = ROUTE_NO_TARGET | ROUTE_HIDDEN },
    { 0 },
};

enum { COLORS = 3, COLOR_TEXT = 6, BRAND_TEXT = COLORS * (COLOR_TEXT + 1) + 3 };

/* What WCAG 2 asks of text, and of shapes such as the edge of a button or a ring around a field. */
#define CONTRAST_TEXT  4.5
#define CONTRAST_SHAPE 3.0

struct color {
    uint8_t rgb[3];
};
/* The last two are the cards of portal.css. */
static const struct color black = { { 0, 0, 0 } }, white = { { 255, 255, 255 } },
                          light = { { 255, 255, 255 } }, dark = { { 0x1c, 0x23, 0x26 } };

static void put(struct buf *out, const char *name, struct color color);
static struct color readable_on(struct color color);
static struct color seen_on(struct color color, struct color ground);
static double contrast(struct color one, struct color two);
static double luminance(struct color color);

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
    struct color colors[COLORS], text;

    if (name.len != BRAND_TEXT || !str_ends(name, STR(".css")))
        return tx_not_found(tx);
    for (size_t i = 0; i < COLORS; i++)
        if (!bytes_from_hex(str_slice(name.at + i * (COLOR_TEXT + 1), COLOR_TEXT), colors[i].rgb,
                            sizeof(colors[i].rgb)))
            return tx_not_found(tx);
    rp->status = 200;
    rp->content_type = "text/css; charset=utf-8";
    reply_header(rp, "Cache-Control", STR("public, max-age=31536000, immutable"));
    text = contrast(colors[2], colors[1]) < CONTRAST_TEXT ? readable_on(colors[1]) : colors[2];
    buf_text(&rp->body, ":root{");
    put(&rp->body, "accent", colors[0]);
    put(&rp->body, "on-accent", readable_on(colors[0]));
    put(&rp->body, "accent-on-light", seen_on(colors[0], light));
    put(&rp->body, "accent-on-dark", seen_on(colors[0], dark));
    put(&rp->body, "sidebar", colors[1]);
    put(&rp->body, "on-sidebar", text);
    buf_char(&rp->body, '}');
    return tx_status(tx);
}

static void put(struct buf *out, const char *name, struct color color)
{
    buf_printf(out, "--%s:#%02x%02x%02x;", name, color.rgb[0], color.rgb[1], color.rgb[2]);
}

/* Black or white, whichever has more contrast; one of them always has enough. */
static struct color readable_on(struct color color)
{
    return contrast(color, white) >= contrast(color, black) ? white : black;
}

/* The colour itself where it can be told from the ground; else as much of black or white in it as it
 * needs. */
static struct color seen_on(struct color color, struct color ground)
{
    struct color goal = readable_on(ground), mixed = color;

    for (int part = 1; part <= 16 && contrast(mixed, ground) < CONTRAST_SHAPE; part++)
        for (size_t i = 0; i < 3; i++)
            mixed.rgb[i] = (uint8_t)((color.rgb[i] * (16 - part) + goal.rgb[i] * part) / 16);
    return mixed;
}

/* From 1 (the same) to 21 (black and white): WCAG 2, "contrast ratio". */
static double contrast(struct color one, struct color two)
{
    double a = luminance(one), b = luminance(two);

    return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

/* WCAG 2, "relative luminance". */
static double luminance(struct color color)
{
    static const double weight[3] = { 0.2126, 0.7152, 0.0722 };
    double sum = 0;

    for (size_t i = 0; i < 3; i++) {
        double part = color.rgb[i] / 255.0;

        sum += weight[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}
