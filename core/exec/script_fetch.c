/* Script fetch: what a handler fetches, by the courier; the handler is parked meanwhile. */
#include "exec/script_inside.h"

#include "base/check.h"
#include "exec/courier.h"
#include "exec/scratch_inside.h"

static void on_fetched(struct fetch *fetch);

/* From the moment it is asked for it may be done: nothing of it is touched after that. What the generation
 * holds stays as long as the policy, and that as long as the run. */
void run_fetch(struct run *run)
{
    const struct task_call *call = &run->call;
    struct fetch *fetch = &run->fetch;

    PRE(run->scripts->server->courier);
    fetch->method = call->method;
    fetch->url = call->url;
    fetch->headers = call->headers;
    fetch->secret_headers = call->secret_headers;
    fetch->has_secret = call->has_secret;
    fetch->body = call->body;
    fetch->has_body = !str_is_absent(call->body);
    fetch->follows = call->follows;
    fetch->timeout_ms = call->timeout_ms;
    fetch->deadline = run->deadline;
    fetch->hosts = plugin_hosts(run->policy, run->handler.plugin);
    fetch->who = run->handler.plugin;
    fetch->request_id = run->tx.request_id;
    fetch->done = on_fetched;
    run->stage = RUN_FETCHING;
    if (run->scripts->server->scratch)
        scratch_fetch(run->scripts->server->scratch, fetch);
    else
        courier_fetch(run->scripts->server->courier, fetch);
}

void run_fetched(struct run *run)
{
    const struct fetch *fetch = &run->fetch;
    bool is_webhook = str_is(run->handler.event, WEBHOOK_DUE);

    run->fetched.took_ms = fetch->took_ms;
    run->fetched.status = fetch->status;
    run->fetched.retry_after_s = fetch->retry_after_s;
    if (is_webhook && fetch->answer.len > 0) {
        buf_clear(&run->fetched.answer);
        buf_put(&run->fetched.answer, fetch->answer.at,
                fetch->answer.len < WEBHOOK_ANSWER ? fetch->answer.len : WEBHOOK_ANSWER);
    }
    run->is_excused |= fetch->is_theirs || fetch->status >= 500 || fetch->status == 429 ||
                       is_webhook; /* of whatever an endpoint is */
    arena_reset(&run->attempt);
    run->answer = (struct task_answer){ .status = fetch->status,
                                        .headers = buf_view(&fetch->head),
                                        .body = buf_view(&fetch->answer) };
    if (fetch->error[0])
        run->answer.error = str_printf(&run->attempt, "foyer.http.fetch: %s", fetch->error);
}

/* On the courier's thread. */
static void on_fetched(struct fetch *fetch)
{
    scripts_give_back(LIST_ITEM(fetch, struct run, fetch));
}
