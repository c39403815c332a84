/* People: names and addresses of made-up clients, the same for every server and every run.
 *
 * Person n of seed s is always the same; no two share an address. Some 60 given names and 13,000
 * family names, so that an exact filter and a search have few, some or many hits, as in life.
 */
#ifndef BENCH_PEOPLE_H
#define BENCH_PEOPLE_H

#include <stdint.h>

struct person {
    char given[16];
    char family[24];
    char email[64];
};

void person_make(uint32_t seed, uint32_t number, struct person *person);

/* A small fast generator (xorshift64*); *state is never 0. */
uint64_t random_next(uint64_t *state);

#endif
