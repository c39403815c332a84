/* Nearest: by how many letters two words differ. */
#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 40, LETTERS = 3 };

static unsigned distance(struct str a, struct str b);

void nearest_init(struct nearest *nearest, struct str given)
{
    *nearest = (struct nearest){ given, NULL, LETTERS };
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    unsigned this = distance(nearest->given, str_from(word));

    if (this >= nearest->least || this >= strlen(word))
        return;
    nearest->least = this;
    nearest->word = word;
}

/* How many letters must be added, taken away or changed (Levenshtein). */
static unsigned distance(struct str a, struct str b)
{
    unsigned row[WORD_MAX + 1];
    size_t i, j;

    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return WORD_MAX;
    for (j = 0; j <= b.len; j++)
        row[j] = (unsigned)j;
    for (i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (j = 1; j <= b.len; j++) {
            unsigned changed = diagonal + (a.at[i - 1] != b.at[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b.len];
}
