/* Operation kinds: everything that is done to many things at once. What an item does is its resource's. */
#include "api/operations.h"

const struct operation_kind operation_kinds[] = {
    { "company.delete_clients", "client.delete", operation_delete_client, NULL },
    { "company.move_clients", "client.update", operation_move_client, NULL },
    { "company.delete", "company.delete", operation_leave_company, operation_delete_company },
    { "invite.create", "invite.create", operation_invite, NULL },
    { "webhook_endpoint.replay", "webhook_endpoint.replay", operation_replay, NULL },
    { 0 },
};

const struct operation_kind *operation_kind_find(struct str name)
{
    for (const struct operation_kind *kind = operation_kinds; kind->name; kind++)
        if (str_is(name, kind->name))
            return kind;
    return NULL;
}
