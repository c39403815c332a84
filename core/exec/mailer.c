/* Mailer: see its header. */
#include "exec/mailer.h"

#include "base/arena.h"
#include "mail/message.h"
#include "store/fold.h"

#include <stdlib.h>
#include <string.h>

static struct str host_of_url(struct arena *arena, struct str base_url);

void mailer_read(const struct config *config, struct str base_url, struct arena *arena,
                 struct mailer *mailer)
{
    struct str address, domain, local;

    *mailer = (struct mailer){ .maildir = str_printf(arena, "%s/mail", config->data) };
    if (!config->mail_from ||
        !message_split_address(str_from(config->mail_from), &mailer->name, &address) ||
        str_is_absent(mailer->from = mailer_wire_address(arena, address)))
        mailer->from = str_concat(arena, STR("noreply@"), host_of_url(arena, base_url));
    domain = mailer->from;
    str_cut(&domain, '@', &local);
    mailer->hello = domain;
}

void mailer_smtp_options(const struct config *config, const struct mailer *mailer,
                         struct smtp_options *options)
{
    const char *is_test = getenv("FOYER_TEST"), *text = getenv("FOYER_TEST_SMTP_SECONDS");
    int64_t seconds = 0;

    if (is_test && !strcmp(is_test, "1") && text)
        str_to_int(str_from(text), 1, 3600, &seconds);
    *options = (struct smtp_options){
        .url = config->smtp_url,
        .user = config->smtp_user,
        .password = config->smtp_password,
        .tls = config->smtp_tls,
        .hello = mailer->hello,
        .connect_seconds = (unsigned)seconds,
        .answer_seconds = (unsigned)seconds,
        .end_seconds = (unsigned)seconds,
    };
}

struct str mailer_wire_address(struct arena *arena, struct str address)
{
    struct str domain = address, local, ascii;

    if (!message_address_is_good(address))
        return STR_NONE;
    str_cut(&domain, '@', &local);
    if (domain.at[0] == '[')
        return address;
    ascii = fold_domain(arena, domain);
    return str_is_absent(ascii) ? STR_NONE
                                : str_printf(arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(ascii));
}

/* As it may stand after an @: addresses in brackets (RFC 5321, 4.1.3). */
static struct str host_of_url(struct arena *arena, struct str base_url)
{
    const char *host = base_url.len ? strstr(base_url.at, "://") : NULL;
    size_t len;

    if (!host)
        return STR("localhost");
    host += 3;
    if (host[0] == '[') {
        len = strcspn(host, "]/");
        return str_printf(arena, "[IPv6:%.*s]", (int)len - 1, host + 1);
    }
    len = strcspn(host, ":/");
    if (strspn(host, "0123456789.") >= len)
        return str_printf(arena, "[%.*s]", (int)len, host);
    return str_copy(arena, str_slice(host, len));
}
