/* Workspace pages: /workspaces, where a person of several portals of this server chooses one.
 *
 *   page.workspaces  givenName (the whole name), places: [{id, name, isCurrent}]
 */
#include "api/pages.h"

#include "api/page.h"
#include "api/signin.h"

static route_phase show, enter;

#define PAGE (ROUTE_PAGE | ROUTE_HIDDEN)

const struct route workspace_page_routes[] = {
    { GET, "/workspaces", .may = "me.read", .read = show, .flags = PAGE },
    { POST, "/workspaces/{id}", .may = "me.read", .write = enter, .flags = PAGE },
    { 0 },
};

static enum status show(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct place places[LOGIN_PLACES];
    size_t count = session_places(tx, places);
    char id[UUID_TEXT];
    struct page page;

    (void)rq;
    if (tx->actor.kind != ACTOR_CLIENT && tx->actor.kind != ACTOR_STAFF)
        return tx_fail(tx, ST_UNAUTHENTICATED, NULL,
                       "A key is of one portal: sign in as a person.");
    page_begin(&page, tx);
    page_text(&page, "givenName", tx->actor.name);
    buf_text(&page.data, ",\"places\":[");
    for (size_t i = 0; i < count; i++) {
        uuid_format(places[i].id, id);
        buf_printf(&page.data, "%s{\"id\":\"%s\",\"name\":", i ? "," : "", id);
        buf_json(&page.data, places[i].name);
        buf_printf(&page.data, ",\"isCurrent\":%s}",
                   places[i].workspace == tx->workspace ? "true" : "false");
    }
    buf_char(&page.data, ']');
    page_failure(&page, NULL);
    return page_end(&page, "page.workspaces", 200, rp);
}

static enum status enter(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct uuid id = rq->target_id;

    if (uuid_eq(id, tx->workspace_id) || session_move(tx, rq, rp, id) == ST_OK)
        reply_redirect(rp, tx->arena, STR("/"));
    return tx_status(tx);
}
