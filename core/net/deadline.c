/* Deadline: rings in the order of their ends. */
#include "net/deadline.h"

#include "base/check.h"
#include "base/limits.h"

#include <stddef.h>

static void unlink_one(struct deadline *deadline);

void deadlines_init(struct deadlines *deadlines, unsigned divisor)
{
    static const uint64_t seconds[DEADLINE_KINDS] = {
        [DEADLINE_IDLE] = LIMIT_IDLE_SECONDS,        [DEADLINE_HEADER] = LIMIT_HEADER_SECONDS,
        [DEADLINE_BODY] = LIMIT_BODY_WINDOW_SECONDS, [DEADLINE_WRITE] = LIMIT_WRITE_STALL_SECONDS,
        [DEADLINE_LINGER] = LIMIT_LINGER_SECONDS,    [DEADLINE_GONE] = LIMIT_GONE_SECONDS,
    };

    PRE(divisor > 0);
    for (int i = 0; i < DEADLINE_KINDS; i++) {
        struct deadline *head = &deadlines->heads[i];

        *head = (struct deadline){ .previous = head, .next = head };
        deadlines->milliseconds[i] = seconds[i] * 1000 / divisor;
    }
}

void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum deadline_kind kind,
                  uint64_t now)
{
    struct deadline *head = &deadlines->heads[kind];

    unlink_one(deadline);
    deadline->kind = kind;
    if (kind == DEADLINE_NONE)
        return;
    deadline->at = now + deadlines->milliseconds[kind];
    deadline->previous = head->previous;
    deadline->next = head;
    head->previous->next = deadline;
    head->previous = deadline;
}

struct deadline *deadline_due(struct deadlines *deadlines, uint64_t now)
{
    for (int i = 1; i < DEADLINE_KINDS; i++) {
        struct deadline *first = deadline_first(deadlines, (enum deadline_kind)i);

        if (first != NULL && first->at <= now) {
            unlink_one(first);
            return first;
        }
    }
    return NULL;
}

struct deadline *deadline_first(struct deadlines *deadlines, enum deadline_kind kind)
{
    struct deadline *head = &deadlines->heads[kind];

    return head->next == head ? NULL : head->next;
}

uint64_t deadline_age(const struct deadlines *deadlines, const struct deadline *deadline,
                      uint64_t now)
{
    return now + deadlines->milliseconds[deadline->kind] - deadline->at;
}

uint64_t deadline_body_bytes(const struct deadlines *deadlines)
{
    return deadlines->milliseconds[DEADLINE_BODY] * LIMIT_BODY_BYTES_PER_SECOND / 1000;
}

static void unlink_one(struct deadline *deadline)
{
    if (deadline->next == NULL)
        return;
    deadline->previous->next = deadline->next;
    deadline->next->previous = deadline->previous;
    deadline->next = deadline->previous = NULL;
}
