/* Proxy: lists of networks, and the walk through X-Forwarded-For from its end. */
#include "net/proxy.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct address {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
};

struct network {
    struct address address;
    unsigned prefix; /* of 128 */
};

struct proxy_list {
    size_t count;
    struct network networks[];
};

static bool address_parse(struct str text, struct address *address, bool *is_ipv4);
static bool network_parse(struct str text, struct network *network);
static bool is_trusted(const struct proxy_list *list, struct str text);
static bool is_inside(const struct address *address, const struct network *network);
static bool cut_last(struct str *rest, struct str *piece);
static struct str without_port(struct str text);

struct proxy_list *proxy_list_new(const char *list)
{
    struct str rest = str_from(list), piece;
    struct proxy_list *made;
    size_t most = 1;

    for (size_t i = 0; i < rest.len; i++)
        most += rest.at[i] == ',';
    made = xcalloc(1, sizeof *made + most * sizeof made->networks[0]);
    while (str_cut(&rest, ',', &piece))
        if (network_parse(str_trim(piece), &made->networks[made->count]))
            made->count++;
    return made;
}

void proxy_list_free(struct proxy_list *list)
{
    free(list);
}

struct str proxy_peer(const struct proxy_list *list, struct str peer, const struct request *rq)
{
    struct str best = peer, piece;

    if (list->count == 0 || !is_trusted(list, peer))
        return peer;
    /* several fields are one list, in their order */
    for (size_t i = rq->header_count; i > 0; i--) {
        struct str rest = rq->headers[i - 1].value;

        if (!str_is(rq->headers[i - 1].name, "x-forwarded-for"))
            continue;
        while (cut_last(&rest, &piece)) {
            struct address address;
            bool is_ipv4;

            piece = without_port(str_trim(piece));
            if (!address_parse(piece, &address, &is_ipv4))
                return best;
            best = piece;
            if (!is_trusted(list, piece))
                return best;
        }
    }
    return best;
}

static bool address_parse(struct str text, struct address *address, bool *is_ipv4)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *is_ipv4 = inet_pton(AF_INET, copy, &v4) == 1;
    if (!*is_ipv4)
        return inet_pton(AF_INET6, copy, address->bytes) == 1;
    memset(address->bytes, 0, 10);
    memset(address->bytes + 10, 0xFF, 2);
    memcpy(address->bytes + 12, &v4, 4);
    return true;
}

static bool network_parse(struct str text, struct network *network)
{
    struct str prefix = text, address;
    int64_t number = 0;
    bool is_ipv4;

    if (!str_cut(&prefix, '/', &address) || !address_parse(address, &network->address, &is_ipv4))
        return false;
    if (prefix.at != NULL && !str_to_int(prefix, 0, is_ipv4 ? 32 : 128, &number))
        return false;
    if (prefix.at == NULL)
        network->prefix = 128;
    else
        network->prefix = (unsigned)number + (is_ipv4 ? 96 : 0);
    return true;
}

static bool is_trusted(const struct proxy_list *list, struct str text)
{
    struct address address;
    bool is_ipv4;

    if (!address_parse(text, &address, &is_ipv4))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (is_inside(&address, &list->networks[i]))
            return true;
    return false;
}

static bool is_inside(const struct address *address, const struct network *network)
{
    size_t whole = network->prefix / 8;
    unsigned rest = network->prefix % 8;

    if (memcmp(address->bytes, network->address.bytes, whole) != 0)
        return false;
    return rest == 0 || ((address->bytes[whole] ^ network->address.bytes[whole]) &
                         (0xFF00u >> rest) & 0xFF) == 0;
}

/* The piece behind the last comma; false when all was taken. */
static bool cut_last(struct str *rest, struct str *piece)
{
    const char *comma;

    if (rest->at == NULL)
        return false;
    comma = rest->len ? memrchr(rest->at, ',', rest->len) : NULL;
    if (comma == NULL) {
        *piece = *rest;
        *rest = STR_NONE;
        return true;
    }
    *piece = str_slice(comma + 1, (size_t)(rest->at + rest->len - comma) - 1);
    rest->len = (size_t)(comma - rest->at);
    return true;
}

/* "1.2.3.4:5678" and "[::1]:5678" as some proxies write them. */
static struct str without_port(struct str text)
{
    const char *end;

    if (text.len > 0 && text.at[0] == '[') {
        end = memchr(text.at, ']', text.len);
        return end ? str_slice(text.at + 1, (size_t)(end - text.at) - 1) : text;
    }
    end = text.len ? memchr(text.at, ':', text.len) : NULL;
    if (end != NULL && memrchr(text.at, ':', text.len) == end)
        return str_slice(text.at, (size_t)(end - text.at));
    return text;
}
