/* Client found: the two halves of a search among clients, by their own text and by their companies. */
#ifndef FOYER_STORE_CLIENT_FOUND_H
#define FOYER_STORE_CLIENT_FOUND_H

#include "store/client.h"

/* Adds a filter to *into for each word of list->search, by the condition where it is below three
 * characters; the others come into *match, for MATCH of an index of trigrams. */
void client_search_words(struct tx *tx, const struct list *list, const char *condition,
                         struct list *into, struct str *match);
/* Rows of clients that are not archived, as the list says; gives how many, limit + 1 at most. */
size_t client_find_rows(struct tx *tx, const struct list *list, struct client *clients);

/* Those whose company is found by list->search (which has a word of three characters), newest first;
 * limit + 1 at most. */
size_t client_search_companies(struct tx *tx, const struct list *list, struct client *clients);
/* How many these are in all. */
int64_t client_count_companies(struct tx *tx, const struct list *list);

#endif
