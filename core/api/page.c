/* Page: data in, HTML out. */
#include "api/page.h"

#include "base/limits.h"
#include "base/log.h"
#include "plugin/routes.h"
#include "policy/policy.h"
#include "store/workspace.h"

static bool load_workspace(struct tx *tx, struct workspace *workspace);
static void write_workspace(struct page *page, const struct workspace *workspace);
static struct str plain(struct page *page, const char *name);

void page_begin(struct page *page, struct tx *tx)
{
    struct workspace workspace;

    *page = (struct page){ .tx = tx, .locale = STR("en") };
    buf_init(&page->data, KIB(256));
    buf_text(&page->data, "{\"workspace\":");
    if (load_workspace(tx, &workspace))
        write_workspace(page, &workspace);
    else
        buf_text(&page->data, "null");
    page_text(page, "locale", page->locale);
    page_text(page, "requestId", tx->request_id);
    if (tx->actor.kind == ACTOR_STAFF || tx->actor.kind == ACTOR_CLIENT) {
        buf_text(&page->data, ",\"navigation\":");
        navigation_write(tx, &page->data);
    }
}

void page_text(struct page *page, const char *name, struct str value)
{
    buf_printf(&page->data, ",\"%s\":", name);
    buf_json(&page->data, value);
}

void page_flag(struct page *page, const char *name, bool value)
{
    buf_printf(&page->data, ",\"%s\":%s", name, value ? "true" : "false");
}

void page_number(struct page *page, const char *name, int64_t value)
{
    buf_printf(&page->data, ",\"%s\":%lld", name, (long long)value);
}

void page_failure(struct page *page, const struct failure *failure)
{
    bool has = failure && failure->status != ST_OK;

    buf_text(&page->data, ",\"errors\":[");
    for (const struct field_error *error = has ? failure->errors : NULL; error;
         error = error->next) {
        buf_text(&page->data, error == failure->errors ? "{\"field\":" : ",{\"field\":");
        buf_json(&page->data, error->field);
        buf_text(&page->data, ",\"message\":");
        buf_json(&page->data, error->message);
        buf_char(&page->data, '}');
    }
    buf_char(&page->data, ']');
    page_text(page, "code",
              !has                           ? STR_NONE
              : failure->errors              ? failure->errors->code
              : str_is_absent(failure->code) ? str_from(status_code(failure->status))
                                             : failure->code);
    page_number(page, "retryAfter", page->retry_after = has ? failure->retry_after : 0);
    page_text(page, "message",
              !has                              ? STR_NONE
              : failure->errors                 ? failure->errors->message
              : str_is_absent(failure->message) ? str_from(status_text(failure->status))
                                                : failure->message);
}

enum status page_end(struct page *page, const char *name, int status, struct reply *rp)
{
    struct rendered rendered = { 0 };
    struct tx *tx = page->tx;

    buf_char(&page->data, '}');
    if (policy_render(tx, name, page->locale, buf_view(&page->data), &rendered) != ST_OK ||
        str_is_absent(rendered.html)) {
        log_error(tx->request_id, "a page failed", LOG_C("page", name),
                  LOG_S("reason", rendered.fallback));
        rendered.html = plain(page, name);
    }
    reply_html(rp, status, str_copy(tx->arena, rendered.html));
    if (page->retry_after > 0)
        reply_header(rp, "Retry-After",
                     str_printf(tx->arena, "%lld", (long long)page->retry_after));
    buf_fini(&page->data);
    return tx_status(tx);
}

/* A page that belongs to no workspace wears the colours of the only one: it looks so, and no more. */
static bool load_workspace(struct tx *tx, struct workspace *workspace)
{
    int64_t before = tx->workspace;
    struct uuid id = tx->workspace_id;
    struct failure failure;
    bool is_there;

    if (before)
        return workspace_load(tx, workspace) == ST_OK;
    tx_item_begin(tx);
    if (workspace_choose(tx, UUID_NONE) == ST_OK)
        workspace_load(tx, workspace);
    is_there = tx_item_end(tx, &failure) == ST_OK;
    tx->workspace = before;
    tx->workspace_id = id;
    return is_there;
}

static void write_workspace(struct page *page, const struct workspace *workspace)
{
    page->locale = workspace->locale;
    buf_text(&page->data, "{\"name\":");
    buf_json(&page->data, workspace->name);
    buf_text(&page->data, ",\"accent\":");
    buf_json(&page->data, workspace->color_accent);
    buf_text(&page->data, ",\"sidebar\":");
    buf_json(&page->data, workspace->color_sidebar);
    buf_text(&page->data, ",\"sidebarText\":");
    buf_json(&page->data, workspace->color_sidebar_text);
    buf_char(&page->data, '}');
}

/* The portal's templates failed: nobody is left before a blank page. The log has the reason. */
static struct str plain(struct page *page, const char *name)
{
    return str_printf(page->tx->arena,
                      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width\"><title>Portal</title>"
                      "<h1>This page cannot be shown now</h1><p>An administrator finds the reason "
                      "in the log, under "
                      "%s and request %.*s.</p></html>",
                      name, STR_ARG(page->tx->request_id));
}
