/* Planted: memory outside base is an arena's or xmalloc's. */
#include <stdlib.h>

void *block(void);

void *block(void)
{
    return malloc(8);
}
