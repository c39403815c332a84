/* Diff: the longest common subsequence of lines. */
#include "base/diff.h"

#include "base/check.h"

#include <stdlib.h>

enum { CONTEXT = 3, CELLS_MAX = 16 * 1024 * 1024 };

struct lines {
    struct str *at;
    size_t count;
};

/* What is done to one line. */
struct edit {
    char mark; /* ' ', '-', '+' */
    struct str line;
    size_t old, new; /* numbers, from 1, before this line */
};

struct edits {
    struct edit *at;
    size_t count;
};

static struct lines split(struct str text);
static struct edits compare(const struct lines *old, const struct lines *new);
static void compare_middle(const struct lines *old, const struct lines *new, size_t begin,
                           size_t old_end, size_t new_end, struct edits *edits);
static void add(struct edits *edits, char mark, struct str line, size_t old, size_t new);
static void write_hunks(const struct edits *edits, struct buf *out);
static void write_hunk(const struct edit *edits, size_t count, struct buf *out);

void diff_write(const struct diff_text *before, const struct diff_text *after, struct buf *out)
{
    struct lines old = split(before->text), new = split(after->text);
    struct edits edits = compare(&old, &new);
    bool differs = false;

    for (size_t i = 0; i < edits.count; i++)
        differs |= edits.at[i].mark != ' ';
    if (differs) {
        buf_printf(out, "--- %.*s\n+++ %.*s\n", STR_ARG(before->name), STR_ARG(after->name));
        write_hunks(&edits, out);
    }
    free(edits.at);
    free(old.at);
    free(new.at);
}

static struct lines split(struct str text)
{
    struct lines lines = { NULL, 0 };
    size_t most = 1;
    struct str line;

    for (size_t i = 0; i < text.len; i++)
        most += text.at[i] == '\n';
    lines.at = xcalloc(most, sizeof(*lines.at));
    if (text.len && text.at[text.len - 1] == '\n')
        text.len--;
    while (!str_is_absent(text) && str_cut(&text, '\n', &line))
        lines.at[lines.count++] = line;
    return lines;
}

/* What is the same at both ends needs no comparing. */
static struct edits compare(const struct lines *old, const struct lines *new)
{
    struct edits edits = { xcalloc(old->count + new->count + 1, sizeof(struct edit)), 0 };
    size_t begin = 0, old_end = old->count, new_end = new->count;

    while (begin < old_end && begin < new_end && str_eq(old->at[begin], new->at[begin])) {
        add(&edits, ' ', old->at[begin], begin, begin);
        begin++;
    }
    while (old_end > begin && new_end > begin &&
           str_eq(old->at[old_end - 1], new->at[new_end - 1])) {
        old_end--;
        new_end--;
    }
    compare_middle(old, new, begin, old_end, new_end, &edits);
    for (size_t i = 0; old_end + i < old->count; i++)
        add(&edits, ' ', old->at[old_end + i], old_end + i, new_end + i);
    return edits;
}

/* The longest common subsequence by the square of lengths; texts that are too different for it are
 * shown as all old, all new. */
static void compare_middle(const struct lines *old, const struct lines *new, size_t begin,
                           size_t old_end, size_t new_end, struct edits *edits)
{
    size_t rows = old_end - begin, columns = new_end - begin, width = columns + 1;
    size_t i = 0, k = 0;
    uint32_t *longest = NULL;

    if (rows && columns && (rows + 1) * width <= CELLS_MAX) {
        longest = xcalloc((rows + 1) * width, sizeof(*longest));
        for (i = rows; i-- > 0;)
            for (k = columns; k-- > 0;) {
                uint32_t down = longest[(i + 1) * width + k], right = longest[i * width + k + 1];

                longest[i * width + k] = str_eq(old->at[begin + i], new->at[begin + k])
                                             ? longest[(i + 1) * width + k + 1] + 1
                                             : (down > right ? down : right);
            }
        i = k = 0;
    }
    while (i < rows || k < columns) {
        bool both = i < rows && k < columns;

        if (longest && both && str_eq(old->at[begin + i], new->at[begin + k])) {
            add(edits, ' ', old->at[begin + i], begin + i, begin + k);
            i++;
            k++;
        } else if (i < rows && (!both || !longest ||
                                longest[(i + 1) * width + k] >= longest[i * width + k + 1])) {
            add(edits, '-', old->at[begin + i], begin + i, begin + k);
            i++;
        } else {
            add(edits, '+', new->at[begin + k], begin + i, begin + k);
            k++;
        }
    }
    free(longest);
}

static void add(struct edits *edits, char mark, struct str line, size_t old, size_t new)
{
    edits->at[edits->count++] = (struct edit){ mark, line, old + 1, new + 1 };
}

/* Changes with at most twice the context between them are one hunk. */
static void write_hunks(const struct edits *edits, struct buf *out)
{
    size_t i = 0;

    while (i < edits->count) {
        size_t first, last;

        if (edits->at[i].mark == ' ') {
            i++;
            continue;
        }
        first = i > CONTEXT ? i - CONTEXT : 0;
        for (last = i; i < edits->count && i - last <= 2 * CONTEXT; i++)
            if (edits->at[i].mark != ' ')
                last = i;
        i = last + 1 + CONTEXT < edits->count ? last + 1 + CONTEXT : edits->count;
        write_hunk(&edits->at[first], i - first, out);
    }
}

static void write_hunk(const struct edit *edits, size_t count, struct buf *out)
{
    size_t old = 0, new = 0;

    for (size_t i = 0; i < count; i++) {
        old += edits[i].mark != '+';
        new += edits[i].mark != '-';
    }
    buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", edits[0].old, old, edits[0].new, new);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%c%.*s\n", edits[i].mark, STR_ARG(edits[i].line));
}
