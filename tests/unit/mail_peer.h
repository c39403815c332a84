/* Mail_peer: a mail server that does exactly what a script says, on a thread, on a loopback port.
 *
 *   S text   says it (with CRLF)            C text   hears a line that begins so
 *   D        hears a message up to its dot, and keeps it    R   closes as if it had died (RST)
 *   X        closes, waits for the next connection          W   waits until the other end closes
 *
 * At the end of the script it closes. What it heard otherwise than the script says is a fault.
 */
#ifndef FOYER_TESTS_MAIL_PEER_H
#define FOYER_TESTS_MAIL_PEER_H

#include "base/buf.h"
#include "base/thread.h"

struct mail_peer {
    const char *const *script; /* up to a NULL */
    struct thread thread;
    int listener, fd;
    char url[64];      /* smtp://127.0.0.1:PORT */
    struct buf heard;  /* bytes that came */
    size_t taken;      /* of them, by the last step */
    char message[256]; /* of the last D, cut */
    int messages;
    char fault[512]; /* "" : none */
};

void mail_peer_start(struct mail_peer *peer, const char *const *script);
/* Waits for the script's end, and checks that there was no fault. */
void mail_peer_stop(struct mail_peer *peer);

#endif
