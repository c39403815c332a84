/* Miswrite: ways of writing that are wrong, for the crash tests alone, which must see them fail.
 *
 * FOYER_TEST_MISWRITE, with FOYER_TEST=1 and in builds with FOYER_FAULTS, is
 *   early_acknowledgement   answers go out, and then comes COMMIT
 *   outbox_outside          mails are owed by a transaction of their own, after the answer
 *   mail_sent_early         mails are marked as sent, and then they are sent
 *   steps_forgotten         what a handler of events changed is not kept with its delivery
 */
#ifndef FOYER_EXEC_MISWRITE_H
#define FOYER_EXEC_MISWRITE_H

#ifdef FOYER_FAULTS

struct batch;

enum miswrite {
    MISWRITE_NONE,
    MISWRITE_EARLY_ACKNOWLEDGEMENT,
    MISWRITE_OUTBOX_OUTSIDE,
    MISWRITE_MAIL_SENT_EARLY,
    MISWRITE_STEPS_FORGOTTEN
};

enum miswrite miswrite_chosen(void);
void miswrite_before_commit(struct batch *batch);
/* After the writes were given back. */
void miswrite_after_release(struct batch *batch);

#endif
#endif
