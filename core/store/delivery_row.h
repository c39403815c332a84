/* Delivery row: what the files of deliveries share. */
#ifndef FOYER_STORE_DELIVERY_ROW_H
#define FOYER_STORE_DELIVERY_ROW_H

#include "store/delivery.h"
#include "store/query.h"

/* Whether the workspace has the plugin on; one that says that it is always on is so here, too, once it is enabled. */
#define DELIVERY_IS_ON(workspace, plugin)                                                          \
    "NOT EXISTS (SELECT 1 FROM plugin_settings p WHERE p.workspace = " workspace                   \
    " AND p.plugin = " plugin " AND p.is_enabled = 0)"

/* Whether the workspace of event e had the plugin of handler h on when it happened: deliveries are made a moment
 * later. */
#define DELIVERY_WAS_ON                                                                            \
    "coalesce((SELECT r.is_enabled FROM plugin_setting_revisions r WHERE r.workspace ="            \
    " e.workspace AND r.plugin = h.plugin AND r.created_at <= e.created_at"                        \
    " ORDER BY r.version DESC LIMIT 1), 1)"

#define DELIVERY_SELECT                                                                            \
    "SELECT t.seq, t.workspace, t.id, t.plugin, t.handler, t.event, t.event_seq, t.entity, t.key," \
    " t.depth, t.status, t.attempts, t.due_at, t.error_message, t.error_where, t.request_id,"      \
    " t.created_at, t.tried_at, t.ended_at"

void delivery_read_row(struct query *q, struct delivery *delivery);
/* Of one event for one handler; unless there is one. */
void delivery_make(struct tx *tx, const struct delivery *delivery);
/* Nobody has the turn of its handler and key: the eldest that is open gets it. */
void delivery_next_turn(struct tx *tx, const struct delivery *delivery);

#endif
