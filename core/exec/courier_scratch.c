/* Courier_scratch: the courier without a thread, for tests of scripts: what is due is worded as ever, and kept
 * instead of sent.
 */
#include "exec/courier_inside.h"
#include "exec/scratch_inside.h"

#include "api/site.h"

void courier_begin(struct courier *courier)
{
    mailer_read(courier->options.config, site.base_url, &courier->kept, &courier->mailer);
}

bool courier_work(struct courier *courier, int64_t *next)
{
    uint64_t before;

    courier_take_saved(courier);
    before = atomic_load(&courier->in_flight);
    *next = courier_take_due(courier);
    return atomic_load(&courier->in_flight) != before || before > 0;
}

bool courier_keep(struct delivery *delivery)
{
    struct scratch *scratch = delivery->courier->options.scratch;

    if (!scratch)
        return false;
    scratch_mail(scratch, &delivery->mail, &delivery->message);
    delivery->result.state = MAIL_SENT;
    delivery->result.answer_code = 250;
    delivery->result.answer_text = STR("kept for the test");
    return true;
}
