/* Rule bare: bare/rule.c in a loop. */
#include "rule_bare.h"

#include "bare/bare.h"

#include <stdlib.h>

void rule_bare(unsigned questions)
{
    struct key key = { .may = MAY_VIEW };
    struct rule *rule = rule_new();

    while (questions--)
        if (!rule_allows(rule, &key, MAY_VIEW))
            abort();
    rule_free(rule);
}
