/* Nearest: by how many letters two words differ. */
#include "cli/nearest.h"

#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 40, LETTERS = 3 };

static unsigned distance(const char *a, const char *b);

void nearest_init(struct nearest *nearest, const char *given)
{
    *nearest = (struct nearest){ given, NULL, LETTERS };
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    unsigned this = distance(nearest->given, word);

    if (this >= nearest->least || this >= strlen(word))
        return;
    nearest->least = this;
    nearest->word = word;
}

/* How many letters must be added, taken away or changed (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[WORD_MAX + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    size_t i, j;

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return WORD_MAX;
    for (j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (j = 1; j <= b_len; j++) {
            unsigned changed = diagonal + (a[i - 1] != b[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b_len];
}
