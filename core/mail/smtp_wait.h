/* Smtp_wait: drives an smtp by poll(2), for those who have no event loop: commands and tests. */
#ifndef FOYER_MAIL_SMTP_WAIT_H
#define FOYER_MAIL_SMTP_WAIT_H

#include "base/limits.h"
#include "mail/smtp.h"

#include <poll.h>

/* Begin with zeroes and smtp_wait_options; lies still while the smtp lives. */
struct smtp_wait {
    struct pollfd fds[LIMIT_MAIL_IN_FLIGHT * 8];
    size_t count;
    uint64_t deadline; /* monotonic; 0: none */
};

/* Sets watch, set_timer and context. */
void smtp_wait_options(struct smtp_wait *wait, struct smtp_options *options);
/* Waits for something and has it done; false: there is nothing to wait for. */
bool smtp_wait_once(struct smtp_wait *wait, struct smtp *smtp);

#endif
