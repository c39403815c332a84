/* Planted: uses a type of a header that it does not include. */
#ifndef FOYER_STORE_A_H
#define FOYER_STORE_A_H

struct str a_name(void);
uint64_t a_count(void);

#endif
