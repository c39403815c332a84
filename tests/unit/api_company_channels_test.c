/* What is told of the channels of a company that is deleted. */
#include "api/companies.h"
#include "channel_fixture.h"
#include "store/company.h"

static struct company company(void)
{
    struct company row = { 0 };

    CHECK(company_find(&channels.tx, channels_id('c', 1), &row));
    return row;
}

TEST(each_channel_of_a_deleted_company_is_told)
{
    struct company rides;

    channels_begin();
    channels_make(1, "1 2");
    channels_make(1, "1 2 3");
    channels_make_of(CHANNEL_COMPANY, 1);
    channels_make_of(CHANNEL_INDIVIDUAL, 1);
    channels_make(2, "4 5");
    rides = company();
    CHECK(company_delete_step(&channels.tx, &rides, 100) < 100);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channels"), 2);
    CHECK_INT(channels_rows("SELECT count(*) FROM events WHERE name = 'message_channel.deleted'"
                            " AND json_array_length(payload, '$.data.memberIds') >= 2"),
              3);
    CHECK_INT(channels_rows("SELECT count(*) FROM events WHERE name = 'message_channel.updated'"),
              0);
    channels_end();
}

TEST(a_company_with_more_channels_than_a_step_takes_goes_in_several)
{
    struct company rides;
    int steps = 1;

    channels_begin();
    channels_make(1, "1 2");
    channels_make(1, "1 3");
    channels_make(1, "2 3");
    rides = company();
    while (company_delete_step(&channels.tx, &rides, 2) == 2)
        steps++;
    CHECK(steps > 2);
    CHECK_INT(channels_rows("SELECT count(*) FROM companies WHERE seq = 1"), 0);
    CHECK_INT(channels_rows("SELECT count(*) FROM events WHERE name = 'message_channel.deleted'"),
              3);
    channels_end();
}
