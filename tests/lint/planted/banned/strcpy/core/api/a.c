/* Planted: "strcpy(" in a comment or string is none. */
#include <string.h>

void copy(char *to, const char *from);

void copy(char *to, const char *from)
{
    strcpy(to, from);
}
