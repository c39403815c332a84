/* Host: the syntax of Host, and the names that are ours. */
#include "http/host.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 253 };

struct host_policy {
    bool takes_literals; /* no base URL is set: any IP literal is ours */
    size_t count;
    char *names[]; /* lower case, without port, brackets and last dot */
};

static void add(struct host_policy *policy, struct str host);
static bool is_port(struct str port);
static bool is_name_char(char c);
static bool is_ipv6(struct str text);
static struct str authority_of(struct str url);

struct host_policy *host_policy_new(const char *base_url, const char *listen,
                                    const struct str *domains, size_t count)
{
    struct host_policy *policy = xcalloc(1, sizeof *policy + (count + 3) * sizeof(char *));

    policy->takes_literals = base_url == NULL;
    add(policy, STR("localhost"));
    add(policy, str_from(listen));
    if (base_url != NULL)
        add(policy, authority_of(str_from(base_url)));
    for (size_t i = 0; i < count; i++)
        add(policy, domains[i]);
    return policy;
}

void host_policy_free(struct host_policy *policy)
{
    if (policy == NULL)
        return;
    for (size_t i = 0; i < policy->count; i++)
        free(policy->names[i]);
    free(policy);
}

bool host_is_ours(const struct host_policy *policy, struct str host)
{
    struct str name = host_name(host);

    if (policy->takes_literals && host_is_literal(name))
        return true;
    for (size_t i = 0; i < policy->count; i++)
        if (str_eq_nocase(name, str_from(policy->names[i])))
            return true;
    return false;
}

bool host_is_valid(struct str host)
{
    struct str name = host, port = STR_NONE;

    if (host.len == 0)
        return false;
    if (host.at[0] == '[') {
        const char *end = memchr(host.at, ']', host.len);
        size_t len = end ? (size_t)(end - host.at) + 1 : 0;

        if (len == 0 || !is_ipv6(str_slice(host.at + 1, len - 2)))
            return false;
        port = str_slice(host.at + len, host.len - len);
        return port.len == 0 ||
               (port.at[0] == ':' && is_port(str_slice(port.at + 1, port.len - 1)));
    }
    port = host;
    str_cut(&port, ':', &name);
    if (port.at != NULL && !is_port(port))
        return false;
    if (name.len == 0 || name.len > NAME_MAX_LENGTH || name.at[0] == '.' || name.at[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_char(name.at[i]) ||
            (name.at[i] == '.' && i + 1 < name.len && name.at[i + 1] == '.'))
            return false;
    return true;
}

struct str host_name(struct str host)
{
    struct str name = host, rest = host;

    if (host.len > 0 && host.at[0] == '[') {
        const char *end = memchr(host.at, ']', host.len);

        return end ? str_slice(host.at + 1, (size_t)(end - host.at) - 1) : host;
    }
    str_cut(&rest, ':', &name);
    if (name.len > 1 && name.at[name.len - 1] == '.')
        name.len--;
    return name;
}

bool host_is_literal(struct str name)
{
    unsigned char address[sizeof(struct in_addr)];
    char text[INET_ADDRSTRLEN];

    if (is_ipv6(name))
        return true;
    if (name.len >= sizeof text)
        return false;
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    return inet_pton(AF_INET, text, address) == 1;
}

static void add(struct host_policy *policy, struct str host)
{
    struct str name = host_name(host);
    char *copy;

    if (name.len == 0)
        return;
    copy = xmalloc(name.len + 1);
    memcpy(copy, name.at, name.len);
    copy[name.len] = '\0';
    policy->names[policy->count++] = copy;
}

static bool is_port(struct str port)
{
    int64_t number;

    return port.len <= 5 && str_to_int(port, 1, 65535, &number);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static bool is_ipv6(struct str text)
{
    unsigned char address[sizeof(struct in6_addr)];
    char copy[INET6_ADDRSTRLEN];

    if (text.len >= sizeof copy || text.len == 0 || !memchr(text.at, ':', text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return inet_pton(AF_INET6, copy, address) == 1;
}

static struct str authority_of(struct str url)
{
    const char *begin = memmem(url.at, url.len, "://", 3);
    struct str rest = begin ? str_slice(begin + 3, url.len - (size_t)(begin + 3 - url.at)) : url;
    struct str authority = rest;

    str_cut(&rest, '/', &authority);
    return authority;
}
