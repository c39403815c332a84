/* Assets: files of plugins that browsers fetch: style sheets, scripts, pictures, fonts. */
#include "base/bytes.h"
#include "base/crypto.h"
#include "plugin/routes.h"
#include "store/tx.h"

enum { TAG_BYTES = 12 };

static route_phase asset;
static const struct plugin_file *find(const struct plugin *plugin, struct str name);

static const struct {
    const char *ending, *type;
} types[] = {
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".json", "application/json" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".jpeg", "image/jpeg" },
    { ".gif", "image/gif" },
    { ".webp", "image/webp" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".pdf", "application/pdf" },
};

const char *asset_type(struct str name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (str_ends(name, str_from(types[i].ending)))
            return types[i].type;
    return NULL;
}

struct str asset_tag(struct str content, struct arena *arena)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(content, hash);
    return bytes_to_hex(arena, hash, TAG_BYTES);
}

bool asset_is_one(const struct plugin_file *file)
{
    return !str_is_absent(file->tag);
}

struct str asset_path(const struct plugin *plugin, struct str name, struct arena *arena)
{
    const struct plugin_file *file = find(plugin, name);

    return file
               ? str_printf(arena, "/p/%.*s/assets/%.*s?v=%.*s",
                            STR_ARG(plugin_own_name(plugin->id)), STR_ARG(name), STR_ARG(file->tag))
               : STR_NONE;
}

void asset_fill(struct route *row, struct str own, struct arena *arena)
{
    static const struct route_query queries[] = { { "v", "Which bytes are meant.", false }, { 0 } };

    *row =
        (struct route){ .method = GET,
                        .pattern = str_printf(arena, "/p/%.*s/assets/{path...}", STR_ARG(own)).at,
                        .open = "files that the pages of a plugin load",
                        .read = asset,
                        .query = queries,
                        .flags = ROUTE_NO_TARGET | ROUTE_HIDDEN };
}

/* What is asked for by its digest never changes. Pictures may hold scripts: nothing of them runs. */
static enum status asset(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct plugin *plugin = plugin_route_of(rq->route)->plugin;
    struct str name = request_param(rq, "path");
    const struct plugin_file *file = find(plugin, name);

    if (!file)
        return tx_not_found(tx);
    rp->status = 200;
    rp->content_type = asset_type(name);
    rp->etag = str_printf(tx->arena, "\"%.*s\"", STR_ARG(file->tag));
    reply_header(rp, "Cache-Control",
                 str_eq(request_query(rq, "v"), file->tag)
                     ? STR("public, max-age=31536000, immutable")
                     : STR("public, no-cache"));
    reply_header(rp, "Content-Security-Policy", STR("default-src 'none'; sandbox"));
    buf_str(&rp->body, file->source);
    return tx_status(tx);
}

static const struct plugin_file *find(const struct plugin *plugin, struct str name)
{
    for (size_t i = 0; i < plugin->file_count; i++) {
        struct str path = plugin->files[i].name;

        if (asset_is_one(&plugin->files[i]) &&
            str_eq(str_slice(path.at + 7, path.len - 7), name)) /* "assets/" */
            return &plugin->files[i];
    }
    return NULL;
}
