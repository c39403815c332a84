/* Planted: a process with threads never forks. */
#include <unistd.h>

int split(void);

int split(void)
{
    return (int)fork();
}
