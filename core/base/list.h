/* List: a doubly linked list through nodes that lie inside the items.
 *
 * A node is either the head of a list or one item's place in one. Adding and removing cannot fail,
 * allocates nothing, and takes the same time however long the list is. Owns nothing; belongs to
 * one thread at a time. (One page of a table is store/list.h.)
 *
 *   struct conn { struct list_node node; … };
 *   LIST_EACH(&loop->conns, node)
 *       conn_close(LIST_ITEM(node, struct conn, node));
 */
#ifndef FOYER_BASE_LIST_H
#define FOYER_BASE_LIST_H

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next, *prev; /* to itself: an empty list, or in none */
};

/* The item whose member is at node. */
#define LIST_ITEM(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* From the first to the last. The current one may be removed (and freed), no other. */
#define LIST_EACH(head, node)                                                                      \
    for (struct list_node *node = (head)->next, *node##_next = node->next; node != (head);         \
         node = node##_next, node##_next = node->next)

/* For heads, and for nodes before their first use. */
static inline void list_init(struct list_node *node)
{
    node->next = node->prev = node;
}

static inline bool list_is_empty(const struct list_node *head)
{
    return head->next == head;
}

static inline bool list_is_in(const struct list_node *node)
{
    return node->next != node;
}

/* NULL: empty. */
static inline struct list_node *list_first(const struct list_node *head)
{
    return head->next == head ? NULL : head->next;
}

static inline struct list_node *list_last(const struct list_node *head)
{
    return head->prev == head ? NULL : head->prev;
}

/* The node is in no list. Before any node; before the head is at the end. */
static inline void list_insert_before(struct list_node *place, struct list_node *node)
{
    PRE(!list_is_in(node));
    node->next = place;
    node->prev = place->prev;
    place->prev->next = node;
    place->prev = node;
}

static inline void list_append(struct list_node *head, struct list_node *node)
{
    list_insert_before(head, node);
}

static inline void list_prepend(struct list_node *head, struct list_node *node)
{
    list_insert_before(head->next, node);
}

/* Nothing happens to a node that is in no list. */
static inline void list_remove(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* Removes and gives the first; NULL: empty. */
static inline struct list_node *list_pop(struct list_node *head)
{
    struct list_node *node = list_first(head);

    if (node != NULL)
        list_remove(node);
    return node;
}

/* Appends all nodes of `from`, which is empty afterwards. */
static inline void list_move_all(struct list_node *head, struct list_node *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = head->prev;
    head->prev->next = from->next;
    from->prev->next = head;
    head->prev = from->prev;
    list_init(from);
}

#endif
