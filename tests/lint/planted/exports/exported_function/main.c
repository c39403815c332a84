/* Planted: a program that is exported from or built as its FLAGS say. */
#include <stdio.h>
#include <string.h>

void handy(const char *text);

__attribute__((noinline)) void handy(const char *text)
{
    char copy[64];

    snprintf(copy, strlen(text) + 10, "%s", text);
    puts(copy);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        handy(argv[1]);
    return 0;
}
