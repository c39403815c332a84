/* Config_check: the form of single values. */
#include "base/config_check.h"

#include "base/address.h"
#include "base/bytes.h"

#include <arpa/inet.h>
#include <string.h>

static bool split_port(struct str value, struct str *host, struct str *port);
static bool is_host(struct str host);
static bool is_ip(struct str text, int *bits);
static bool is_authority(struct str authority);

const char *check_not_empty(struct str value)
{
    return value.len > 0 ? NULL : "given";
}

const char *check_listen(struct str value)
{
    struct str host, port;
    int64_t number;

    if (split_port(value, &host, &port) && is_host(host) && str_to_int(port, 0, 65535, &number))
        return NULL;
    return "an address and a port, like 127.0.0.1:8080 or [::1]:8080";
}

const char *check_base_url(struct str value)
{
    static const char needed[] = "https://name or http://name, with a port or without, and no path";

    if (str_starts(value, STR("https://")))
        value = str_slice(value.at + 8, value.len - 8);
    else if (str_starts(value, STR("http://")))
        value = str_slice(value.at + 7, value.len - 7);
    else
        return needed;
    return is_authority(value) ? NULL : needed;
}

const char *check_smtp_url(struct str value)
{
    static const char needed[] = "smtp://host:587 or smtps://host:465";

    if (str_starts(value, STR("smtps://")))
        value = str_slice(value.at + 8, value.len - 8);
    else if (str_starts(value, STR("smtp://")))
        value = str_slice(value.at + 7, value.len - 7);
    else
        return needed;
    return is_authority(value) ? NULL : needed;
}

const char *check_addresses(struct str value)
{
    struct str piece;

    while (str_cut(&value, ',', &piece)) {
        struct str prefix = str_trim(piece), address;
        int64_t number;
        int bits;

        str_cut(&prefix, '/', &address);
        if (!is_ip(address, &bits) ||
            (!str_is_absent(prefix) && !str_to_int(prefix, 0, bits, &number)))
            return "IP addresses by commas, like 10.0.0.1, 192.168.0.0/16, ::1";
    }
    return NULL;
}

const char *check_native_plugins(struct str value)
{
    static const char needed[] = "ID=SHA-256 by commas, each in 64 hex digits (sha256sum FILE.so)";
    uint8_t digest[32];
    struct str piece;

    while (str_cut(&value, ',', &piece)) {
        struct str rest = piece, id;

        str_cut(&rest, '=', &id);
        rest = str_trim(rest);
        if (str_is_empty(str_trim(id)) || str_is_absent(rest) || rest.len != 64 ||
            !bytes_from_hex(rest, digest, sizeof(digest)))
            return needed;
    }
    return NULL;
}

const char *check_targets(struct str value)
{
    struct str piece;

    while (str_cut(&value, ',', &piece))
        if (!address_is_piece(piece))
            return "IP addresses by commas, like 10.0.0.5, 192.168.0.0/16, 127.0.0.1:8080, "
                   "[::1]:8080";
    return NULL;
}

const char *check_mail_from(struct str value)
{
    static const char needed[] =
        "an address, like noreply@example.com or Foyer <noreply@example.com>";
    struct str address = value, local;
    const char *open = value.len > 0 ? memchr(value.at, '<', value.len) : NULL;

    if (open != NULL) {
        if (value.at[value.len - 1] != '>')
            return needed;
        address = str_slice(open + 1, (size_t)(value.at + value.len - 1 - (open + 1)));
    }
    for (size_t i = 0; i < address.len; i++)
        if (strchr(" <>,;\"", address.at[i]) != NULL)
            return needed;
    str_cut(&address, '@', &local);
    return local.len > 0 && is_host(address) ? NULL : needed;
}

/* Optimal string alignment; of short names one letter only, for two would make them another name. */
bool check_is_typo(struct str written, struct str meant)
{
    enum { LONGEST = 40 };
    unsigned row[3][LONGEST + 1], distance;

    if (written.len > LONGEST || meant.len > LONGEST)
        return false;
    for (size_t i = 0; i <= written.len; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

        for (size_t k = 0; k <= meant.len; k++) {
            unsigned best;

            if (i == 0 || k == 0) {
                now[k] = (unsigned)(i + k);
                continue;
            }
            best = last[k - 1] + (written.at[i - 1] != meant.at[k - 1]);
            if (last[k] + 1 < best)
                best = last[k] + 1;
            if (now[k - 1] + 1 < best)
                best = now[k - 1] + 1;
            if (i > 1 && k > 1 && written.at[i - 1] == meant.at[k - 2] &&
                written.at[i - 2] == meant.at[k - 1] && before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            now[k] = best;
        }
    }
    distance = row[written.len % 3][meant.len];
    return distance >= 1 && distance <= (meant.len < 8 ? 1u : 2u);
}

static bool is_authority(struct str authority)
{
    struct str host, port;
    int64_t number;

    if (split_port(authority, &host, &port))
        return is_host(host) && str_to_int(port, 1, 65535, &number);
    return is_host(authority);
}

/* At the last colon that is not inside of brackets. */
static bool split_port(struct str value, struct str *host, struct str *port)
{
    for (size_t i = value.len; i > 0 && value.at[i - 1] != ']'; i--) {
        if (value.at[i - 1] != ':')
            continue;
        *host = str_slice(value.at, i - 1);
        *port = str_slice(value.at + i, value.len - i);
        return true;
    }
    return false;
}

static bool is_host(struct str host)
{
    int bits;

    if (host.len > 2 && host.at[0] == '[')
        return host.at[host.len - 1] == ']' && is_ip(str_slice(host.at + 1, host.len - 2), &bits) &&
               bits == 128;
    if (host.len == 0 || host.len > 253 || host.at[0] == '.' || host.at[0] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.'))
            return false;
    }
    return true;
}

static bool is_ip(struct str text, int *bits)
{
    unsigned char address[16];
    char copy[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *bits = 32;
    if (inet_pton(AF_INET, copy, address) == 1)
        return true;
    *bits = 128;
    return inet_pton(AF_INET6, copy, address) == 1;
}
