/* Webhook check: what an endpoint may be: a URL that something can be sent to, events that there are. */
#include "api/site.h"
#include "api/webhook_endpoints.h"
#include "base/address.h"
#include "base/nearest.h"
#include "plugin/handler.h"
#include "policy/action.h"

enum { ONE_SLIP = 1 }; /* of nearest.least: invoice.* is no invite.* */

struct place {
    struct str host; /* of IPv6 without brackets */
    uint16_t port;
    bool is_https;
};

static bool read_place(struct str url, struct place *place);
static void check_address(struct tx *tx, const struct place *place);
static const char *fault_of_event(struct tx *tx, struct str event);
static bool is_event(struct str name);

/* Names are looked up when something is sent, and where they lead is looked at then: here is said what is
 * wrong however they resolve. */
void webhook_check_url(struct tx *tx, struct str url)
{
    struct place place;

    for (size_t i = 0; i < url.len; i++)
        if (url.at[i] <= ' ' || url.at[i] > '~') {
            tx_fail_field(tx, ST_INVALID, "url", "invalid_url",
                          "Must be ASCII: names of other scripts are written as xn--….");
            return;
        }
    if (!read_place(url, &place))
        tx_fail_field(tx, ST_INVALID, "url", "invalid_url",
                      "Must be a URL such as \"https://example.com/webhooks\".");
    else
        check_address(tx, &place);
}

static bool read_place(struct str url, struct place *place)
{
    struct str rest = url, port = STR_NONE;
    int64_t number;
    size_t end = 0;

    place->is_https = str_starts(url, STR("https://"));
    rest = str_slice(url.at + (place->is_https ? 8 : 7), url.len - (place->is_https ? 8 : 7));
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#')
        end++;
    rest.len = end;
    if (rest.len > 0 && rest.at[0] == '[') {
        rest = str_slice(rest.at + 1, rest.len - 1);
        if (!str_cut(&rest, ']', &place->host) || str_is_absent(rest) ||
            (rest.len > 0 && rest.at[0] != ':'))
            return false;
        if (rest.len > 0)
            port = str_slice(rest.at + 1, rest.len - 1);
    } else {
        str_cut(&rest, ':', &place->host);
        port = rest;
    }
    place->port = place->is_https ? 443 : 80;
    if (!str_is_absent(port)) {
        if (!str_to_int(port, 1, 65535, &number))
            return false;
        place->port = (uint16_t)number;
    }
    return place->host.len > 0;
}

static void check_address(struct tx *tx, const struct place *place)
{
    struct address address = { .port = place->port };
    bool is_address = address_parse(place->host, &address);
    const char *refusal;

    if (!is_address && str_eq_nocase(place->host, STR("localhost")))
        is_address = address_parse(STR("127.0.0.1"), &address);
    if (is_address && address_is_listed(site.outgoing_allow, &address))
        return;
    refusal = is_address ? address_refusal(&address) : NULL;
    if (refusal)
        tx_fail_field(tx, ST_INVALID, "url", "address_refused",
                      "%.*s is %s: nothing is sent there unless the operator lists it in the "
                      "setting outgoing_allow.",
                      STR_ARG(place->host), refusal);
    else if (!place->is_https)
        tx_fail_field(tx, ST_INVALID, "url", "https_required",
                      "Must be https: http is for addresses that the operator lists in the setting "
                      "outgoing_allow.");
}

/* ---- Events ------------------------------------------------------------------------------------ */

void webhook_check_events(struct tx *tx, struct texts wanted)
{
    for (size_t i = 0; i < wanted.count; i++) {
        struct str event = wanted.at[i], name = str_printf(tx->arena, "events.%zu", i);
        const char *meant;

        if (str_is(event, "*"))
            continue;
        if (!known_is_good(str_ends(event, STR(".*")) ? str_slice(event.at, event.len - 2)
                                                      : event)) {
            tx_fail_field(tx, ST_INVALID, name.at, "invalid_event",
                          "Must be a name such as client.created, all of a kind (client.*), or *.");
            continue;
        }
        meant = fault_of_event(tx, event);
        if (meant)
            tx_fail_field(tx, ST_INVALID, name.at, "unknown_event",
                          "There is no event \"%.*s\". %s%s%s", STR_ARG(event),
                          *meant ? "Did you mean \"" : "GET /v1/webhook-events lists them.", meant,
                          *meant ? "\"?" : "");
    }
}

/* Events of plugins and apps may come any day, so they are let pass, unless they look like a slip of the pen.
 * NULL: it is good; "": it is not, and nothing is near. */
static const char *fault_of_event(struct tx *tx, struct str event)
{
    struct str rest = event, kind;
    struct nearest nearest;

    str_cut(&rest, '.', &kind);
    if (is_event(event) || (str_is(rest, "*") && webhook_is_foyers(kind)) ||
        webhook_is_plugins(tx, kind))
        return NULL;
    nearest_init(&nearest, event);
    for (const struct action *a = events; a->name; a++) {
        struct str first, others = str_from(a->name);

        str_cut(&others, '.', &first);
        nearest_offer(&nearest, a->name);
        nearest_offer(&nearest, str_printf(tx->arena, "%.*s.*", STR_ARG(first)).at);
    }
    if (webhook_is_foyers(kind))
        return nearest.word ? nearest.word : "";
    return nearest.word && nearest.least <= ONE_SLIP ? nearest.word : NULL;
}

static bool is_event(struct str name)
{
    for (const struct action *a = events; a->name; a++)
        if (str_is(name, a->name) && !str_starts(name, STR("webhook.")))
            return true;
    return false;
}

bool webhook_is_foyers(struct str kind)
{
    for (const struct action *a = events; a->name; a++) {
        struct str rest = str_from(a->name), first;

        if (str_cut(&rest, '.', &first) && str_eq(first, kind))
            return true;
    }
    return false;
}

bool webhook_is_plugins(struct tx *tx, struct str kind)
{
    struct actor actor;

    return tx->policy &&
           (plugin_actor(tx->policy, kind, &actor) ||
            plugin_actor(tx->policy, str_concat(tx->arena, kind, STR(".lua")), &actor));
}
