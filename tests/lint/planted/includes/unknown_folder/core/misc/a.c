/* Planted: a folder that the map does not know. */
#include <stdio.h>
