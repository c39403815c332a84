/* Nearest: what somebody who mistyped a word probably meant. */
#ifndef FOYER_CLI_NEAREST_H
#define FOYER_CLI_NEAREST_H

/* Of words that are offered one after the other, the one that differs least. */
struct nearest {
    const char *given;
    const char *word; /* NULL: none is near enough to be what was meant */
    unsigned least;
};

void nearest_init(struct nearest *nearest, const char *given);
/* word is borrowed. */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
