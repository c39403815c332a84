/* Nearest: by how many letters two words differ. */
#include "base/nearest.h"

#include <stddef.h>

enum { WORD_MAX = 40, LETTERS = 3 };

/* A word without what people write differently: given_name and givenName are one. */
struct plain {
    char at[WORD_MAX];
    size_t len; /* WORD_MAX + 1: too long to be compared */
};

static struct plain plain_of(struct str word);
static unsigned distance(const struct plain *a, const struct plain *b);

void nearest_init(struct nearest *nearest, struct str given)
{
    *nearest = (struct nearest){ given, NULL, LETTERS };
}

/* A word of which nothing would be left is not what was meant. */
void nearest_offer(struct nearest *nearest, const char *word)
{
    struct plain given = plain_of(nearest->given), offered = plain_of(str_from(word));
    unsigned this = distance(&given, &offered);

    if (this >= nearest->least || this >= offered.len || this >= given.len)
        return;
    nearest->least = this;
    nearest->word = word;
}

static struct plain plain_of(struct str word)
{
    struct plain plain = { .len = 0 };

    for (size_t i = 0; i < word.len && plain.len <= WORD_MAX; i++) {
        char c = word.at[i];

        if (c == '_' || c == '-' || c == ' ')
            continue;
        if (plain.len < WORD_MAX)
            plain.at[plain.len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        plain.len++;
    }
    return plain;
}

/* How many letters must be added, taken away or changed (Levenshtein). */
static unsigned distance(const struct plain *a, const struct plain *b)
{
    unsigned row[WORD_MAX + 1];
    size_t i, j;

    if (a->len > WORD_MAX || b->len > WORD_MAX)
        return WORD_MAX;
    for (j = 0; j <= b->len; j++)
        row[j] = (unsigned)j;
    for (i = 1; i <= a->len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (j = 1; j <= b->len; j++) {
            unsigned changed = diagonal + (a->at[i - 1] != b->at[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b->len];
}
