/* Page: HTML by the renders "page.*" of plugins/portal, with a plain built-in one when they fail.
 *
 * Every page's data is an object with `workspace` {name, accent, sidebar, sidebarText} or null,
 * `locale`, `navigation` [{label, href}] of whoever is signed in, and the page's own members (pages.c says which).
 */
#ifndef FOYER_API_PAGE_H
#define FOYER_API_PAGE_H

#include "base/buf.h"
#include "http/reply.h"
#include "http/request.h"
#include "store/tx.h"

/* Data that is being written: page_begin … page_text* … page_end. */
struct page {
    struct tx *tx;
    struct buf data;
    struct str locale;
    int64_t retry_after; /* seconds; 0: not said */
};

void page_begin(struct page *page, struct tx *tx);
void page_text(struct page *page, const char *name, struct str value); /* absent: null */
void page_flag(struct page *page, const char *name, bool value);
void page_number(struct page *page, const char *name, int64_t value);
/* `errors`: [{field, message}], `code` and `message` of the first, `retryAfter`. failure NULL: none. */
void page_failure(struct page *page, const struct failure *failure);
/* Renders and answers; frees the data. name: "page.invite". */
enum status page_end(struct page *page, const char *name, int status, struct reply *rp);

#endif
