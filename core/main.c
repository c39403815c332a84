/* Foyer: finds the command that the first argument names, and runs it. */
#include "cli/command.h"

int main(int argc, char **argv)
{
    return command_main(argc, argv);
}
