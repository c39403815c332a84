/* Addresses: which are public, however they are written, and what the operator's list lets through. */
#include "base/address.h"

#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct address address_of(const char *text, int port)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
    struct address address;

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        CHECK(address_read((const struct sockaddr *)&v4, &address));
    } else {
        CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
        CHECK(address_read((const struct sockaddr *)&v6, &address));
    }
    return address;
}

static const char *refusal_of(const char *text)
{
    struct address address = address_of(text, 80);

    return address_refusal(&address);
}

static const char *const public[] = {
    "1.1.1.1",         "8.8.8.8",         "9.255.255.255",    "11.0.0.0",
    "100.63.255.255",  "100.128.0.0",     "126.255.255.255",  "128.0.0.0",
    "169.253.255.255", "169.255.0.0",     "172.15.255.255",   "172.32.0.0",
    "192.0.1.0",       "192.167.255.255", "192.169.0.0",      "198.17.255.255",
    "198.20.0.0",      "223.255.255.255", "2606:4700::1111",  "2001:4860:4860::8888",
    "2a00:1450::1",    "::ffff:8.8.8.8",  "64:ff9b::808:808", "2002:808:808::1",
};
static const char *const refused[] = {
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:1::",
    "4000::1",
    "100::1",
};

TEST(only_public_addresses_are_reached)
{
    for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++)
        if (refusal_of(public[i]))
            harness_failed(__FILE__, __LINE__, "%s was refused: %s", public[i],
                           refusal_of(public[i]));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (!refusal_of(refused[i]))
            harness_failed(__FILE__, __LINE__, "%s was not refused", refused[i]);
    CHECK_STR(str_from(refusal_of("::ffff:10.0.0.1")), "a private address");
    CHECK_STR(str_from(refusal_of("64:ff9b::7f00:1")), "an address of this machine");
}

TEST(sockets_that_are_no_ip_have_no_address)
{
    struct sockaddr unix_socket = { .sa_family = AF_UNIX };
    struct address address;

    CHECK(!address_read(&unix_socket, &address));
}

static bool lets(const char *list, const char *text, int port)
{
    struct address address = address_of(text, port);

    return address_is_listed(list, &address);
}

TEST(the_list_lets_through_what_it_names_and_nothing_else)
{
    CHECK(!lets(NULL, "127.0.0.1", 80));
    CHECK(!lets("", "127.0.0.1", 80));
    CHECK(lets("127.0.0.1", "127.0.0.1", 80));
    CHECK(lets("127.0.0.1", "::ffff:127.0.0.1", 80));
    CHECK(!lets("127.0.0.1", "127.0.0.2", 80));
    CHECK(!lets("127.0.0.1", "::1", 80));
    CHECK(lets("10.1.0.0/16, 127.0.0.1:8080", "10.1.255.255", 1));
    CHECK(!lets("10.1.0.0/16, 127.0.0.1:8080", "10.2.0.0", 1));
    CHECK(lets("10.1.0.0/16, 127.0.0.1:8080", "127.0.0.1", 8080));
    CHECK(!lets("10.1.0.0/16, 127.0.0.1:8080", "127.0.0.1", 8081));
    CHECK(lets("[::1]:443", "::1", 443) && !lets("[::1]:443", "::1", 80));
    CHECK(lets("[fd00::/8]:443", "fd12::1", 443) && lets("fd00::/8", "fd12::1", 80));
    CHECK(lets("0.0.0.0/0", "10.0.0.1", 80) && !lets("0.0.0.0/0", "fd00::1", 80));
    CHECK(lets("192.168.4.0/22", "192.168.7.255", 80) &&
          !lets("192.168.4.0/22", "192.168.8.0", 80));
}

TEST(addresses_are_shown_with_their_port)
{
    struct address v4 = address_of("10.0.0.5", 80), v6 = address_of("fd00::1", 443);
    char text[ADDRESS_TEXT];

    address_format(&v4, text);
    CHECK_STR(str_from(text), "10.0.0.5:80");
    address_format(&v6, text);
    CHECK_STR(str_from(text), "[fd00::1]:443");
}
