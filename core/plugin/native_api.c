/* Native_api: the HTTP API from inside, as foyer.api of scripts has it. */
#include "base/limits.h"
#include "http/json_tree.h"
#include "http/route.h"
#include "plugin/native_inside.h"

#include <string.h>

static int find_method(struct foyer_call *call, const char *name, enum method *method);
static void dispatch(struct foyer_call *call, enum method method, struct str target,
                     struct str body, int *status, const struct foyer_value **answer);

int native_api(struct foyer_call *call, const char *method_name, const char *target_text,
               const struct foyer_value *given, int *status, const struct foyer_value **answer)
{
    static const struct foyer_value nil;
    int failed = native_here(call, NATIVE_WRITE, "api");
    struct str target = STR_NONE, body = STR_NONE;
    enum method method = METHOD_OTHER;

    if (status)
        *status = 0;
    if (answer)
        *answer = &nil;
    if (failed != FOYER_OK)
        return failed;
    if (!status || !answer)
        return native_fault(call, FOYER_INVALID, "api: status and answer must not be NULL");
    if (!native_is_capable(call->instance, "api"))
        return native_fault(call, FOYER_NOT_HERE,
                            "api needs \"api\" among the capabilities of plugin.json");
    if (!route_dispatcher || !call->tx || !call->tx->db) /* tests run in a server, too */
        return native_fault(call, FOYER_NOT_HERE, "api is not there: a test has no data");
    failed = find_method(call, method_name, &method);
    if (failed == FOYER_OK)
        failed = native_take_text(call, target_text, LIMIT_REQUEST_LINE, NATIVE_NULL_IS_WRONG,
                                  "api: target", &target);
    if (failed == FOYER_OK && given)
        failed = native_value_json(call, given, LIMIT_JSON_BODY, "api: body", &body);
    if (failed != FOYER_OK)
        return failed;
    dispatch(call, method, target, body, status, answer);
    return FOYER_OK;
}

static int find_method(struct foyer_call *call, const char *name, enum method *method)
{
    static const enum method methods[] = { GET, POST, PUT, PATCH, DELETE };

    for (size_t i = 0; name && i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(name, method_name(methods[i])) == 0) {
            *method = methods[i];
            return FOYER_OK;
        }
    return native_fault(call, FOYER_INVALID, "api: method must be GET, POST, PUT, PATCH or DELETE");
}

/* What is not the fault of the request fails the transaction, and with it the filter. */
static void dispatch(struct foyer_call *call, enum method method, struct str target,
                     struct str body, int *status, const struct foyer_value **answer)
{
    struct str query = target, path;
    struct value value = value_nil();
    struct reply reply;

    str_cut(&query, '?', &path);
    reply_init(&reply);
    route_dispatcher(call->tx, method, path, query, body, &reply);
    if (reply.body.len)
        value_from_json(buf_view(&reply.body), call->arena, &value);
    *status = reply.status;
    *answer = native_value_give(call->arena, &value);
    reply_fini(&reply);
}
