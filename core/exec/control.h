/* Control: ways of writing that are wrong, for the crash tests alone, which must see them fail.
 *
 * FOYER_TEST_CONTROL, with FOYER_TEST=1 and in builds with FOYER_FAULTS, is
 *   early_acknowledgement   answers go out, and then comes COMMIT
 *   outbox_outside          mails are owed by a transaction of their own, after the answer
 *   mail_sent_early         mails are marked as sent, and then they are sent
 */
#ifndef FOYER_EXEC_CONTROL_H
#define FOYER_EXEC_CONTROL_H

#ifdef FOYER_FAULTS

struct batch;

enum control {
    CONTROL_NONE,
    CONTROL_EARLY_ACKNOWLEDGEMENT,
    CONTROL_OUTBOX_OUTSIDE,
    CONTROL_MAIL_SENT_EARLY
};

enum control control_chosen(void);
void control_before_commit(struct batch *batch);
/* After the writes were given back. */
void control_after_release(struct batch *batch);

#endif
#endif
