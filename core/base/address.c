/* Address: the table of nets, and the operator's list. */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Of IPv4 the first 96 bits are ::ffff:0:0. */
struct net {
    uint8_t bytes[16];
    int bits;
    uint16_t port; /* 0: any */
};

#define V4(a, b, c, d, bits)                                                                       \
    {                                                                                              \
        { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (a), (b), (c), (d) }, 96 + (bits), 0           \
    }
#define V6(a, b, bits)                                                                             \
    {                                                                                              \
        { (a) >> 8, (a)&0xff, (b) >> 8, (b)&0xff }, (bits), 0                                      \
    }

/* From the registries of special-purpose addresses (RFC 6890 and its successors). */
static const struct {
    struct net net;
    const char *what;
} refused[] = {
    { V4(0, 0, 0, 0, 8), "an address of this machine" },
    { V4(10, 0, 0, 0, 8), "a private address" },
    { V4(100, 64, 0, 0, 10), "a private address of a provider's" },
    { V4(127, 0, 0, 0, 8), "an address of this machine" },
    { V4(169, 254, 0, 0, 16), "a link-local address" },
    { V4(172, 16, 0, 0, 12), "a private address" },
    { V4(192, 0, 0, 0, 24), "a reserved address" },
    { V4(192, 0, 2, 0, 24), "a reserved address" },
    { V4(192, 88, 99, 0, 24), "a reserved address" },
    { V4(192, 168, 0, 0, 16), "a private address" },
    { V4(198, 18, 0, 0, 15), "a reserved address" },
    { V4(198, 51, 100, 0, 24), "a reserved address" },
    { V4(203, 0, 113, 0, 24), "a reserved address" },
    { V4(224, 0, 0, 0, 4), "a multicast address" },
    { V4(240, 0, 0, 0, 4), "a reserved address" },
    { V6(0xfc00, 0, 7), "a private address" },
    { V6(0xfe80, 0, 10), "a link-local address" },
    { V6(0xfec0, 0, 10), "a private address" },
    { V6(0xff00, 0, 8), "a multicast address" },
    { V6(0x2001, 0x0000, 23), "a reserved address" }, /* with Teredo, which tunnels to any IPv4 */
    { V6(0x2001, 0x0db8, 32), "a reserved address" },
    { V6(0x3fff, 0x0000, 20), "a reserved address" },
};

static bool holds(const struct net *net, const uint8_t bytes[16]);
static bool is_inside(const struct address *address, struct address *inner);
static bool read_piece(struct str piece, struct net *net);
static bool read_ip(struct str text, uint8_t bytes[16], int *most);

bool address_read(const struct sockaddr *from, struct address *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    *address = (struct address){ .port = 0 };
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, from, sizeof(v4));
        memcpy(address->bytes, mapped, sizeof(mapped));
        memcpy(address->bytes + 12, &v4.sin_addr, 4);
        address->port = ntohs(v4.sin_port);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, from, sizeof(v6));
        memcpy(address->bytes, &v6.sin6_addr, 16);
        address->port = ntohs(v6.sin6_port);
        return true;
    }
    return false;
}

bool address_parse(struct str text, struct address *address)
{
    int most;

    return read_ip(text, address->bytes, &most);
}

void address_format(const struct address *address, char text[ADDRESS_TEXT])
{
    static const struct net v4 = V4(0, 0, 0, 0, 0);
    char ip[INET6_ADDRSTRLEN];
    bool is_v4 = holds(&v4, address->bytes);

    inet_ntop(is_v4 ? AF_INET : AF_INET6, address->bytes + (is_v4 ? 12 : 0), ip, sizeof(ip));
    snprintf(text, ADDRESS_TEXT, is_v4 ? "%s:%u" : "[%s]:%u", ip, (unsigned)address->port);
}

const char *address_refusal(const struct address *address)
{
    static const struct net global = V6(0x2000, 0, 3), v4 = V4(0, 0, 0, 0, 0);
    struct address inner;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (holds(&refused[i].net, address->bytes))
            return refused[i].what;
    if (holds(&v4, address->bytes))
        return NULL;
    if (is_inside(address, &inner))
        return address_refusal(&inner);
    /* All other unicast IPv6 is reserved, with :: and ::1 in it. */
    if (!holds(&global, address->bytes))
        return address->bytes[0] == 0 ? "an address of this machine" : "a reserved address";
    return NULL;
}

bool address_is_listed(const char *list, const struct address *address)
{
    struct str rest = str_from(list), piece;
    struct net net;

    while (!str_is_absent(rest) && str_cut(&rest, ',', &piece))
        if (read_piece(str_trim(piece), &net) && (!net.port || net.port == address->port) &&
            holds(&net, address->bytes))
            return true;
    return false;
}

bool address_is_piece(struct str piece)
{
    struct net net;

    return read_piece(str_trim(piece), &net);
}

static bool holds(const struct net *net, const uint8_t bytes[16])
{
    int whole = net->bits / 8, rest = net->bits % 8;

    return memcmp(net->bytes, bytes, (size_t)whole) == 0 &&
           (!rest || ((net->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0);
}

/* Addresses that a gateway turns into IPv4: 6to4 and NAT64. Where one stands they lead to the inner one. */
static bool is_inside(const struct address *address, struct address *inner)
{
    static const struct net six_to_four = V6(0x2002, 0, 16), nat64 = V6(0x0064, 0xff9b, 96),
                            nat64_local = { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, 0 };
    int at;

    if (holds(&six_to_four, address->bytes))
        at = 2;
    else if (holds(&nat64, address->bytes) || holds(&nat64_local, address->bytes))
        at = 12;
    else
        return false;
    *inner = (struct address){ .bytes = { [10] = 0xff, [11] = 0xff }, .port = address->port };
    memcpy(inner->bytes + 12, address->bytes + at, 4);
    return true;
}

/* IP, IP/BITS, and either with a port; IPv6 with a port stands in brackets. */
static bool read_piece(struct str piece, struct net *net)
{
    struct str host = piece, prefix = STR_NONE, port = STR_NONE;
    const char *end;
    int64_t number;
    int most;

    *net = (struct net){ .port = 0 };
    if (piece.len > 0 && piece.at[0] == '[') {
        end = memchr(piece.at, ']', piece.len);
        if (!end || (end + 1 < piece.at + piece.len && end[1] != ':'))
            return false;
        host = str_slice(piece.at + 1, (size_t)(end - piece.at) - 1);
        if (end + 1 < piece.at + piece.len)
            port = str_slice(end + 2, (size_t)(piece.at + piece.len - (end + 2)));
        if (!memchr(host.at, ':', host.len))
            return false;
    } else if (piece.len > 0 && (end = memchr(piece.at, ':', piece.len)) &&
               end == memrchr(piece.at, ':', piece.len)) {
        host = str_slice(piece.at, (size_t)(end - piece.at));
        port = str_slice(end + 1, (size_t)(piece.at + piece.len - (end + 1)));
    }
    if (!str_is_absent(port)) {
        if (!str_to_int(port, 1, 65535, &number))
            return false;
        net->port = (uint16_t)number;
    }
    prefix = host;
    str_cut(&prefix, '/', &host);
    if (!read_ip(host, net->bytes, &most))
        return false;
    net->bits = 128;
    if (str_is_absent(prefix))
        return true;
    if (!str_to_int(prefix, 0, most, &number))
        return false;
    net->bits = 128 - most + (int)number;
    return true;
}

static bool read_ip(struct str text, uint8_t bytes[16], int *most)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    char copy[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *most = 32;
    if (inet_pton(AF_INET, copy, bytes + 12) == 1) {
        memcpy(bytes, mapped, sizeof(mapped));
        return true;
    }
    *most = 128;
    return inet_pton(AF_INET6, copy, bytes) == 1;
}
