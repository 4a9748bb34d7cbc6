/* The shell's commands. */
#pragma once

#include <stdbool.h>

struct command {
    const char *name;
    const char *args; /* for the usage line */
    const char *help;
    bool (*run)(char *args); /* false: the arguments are wrong */
};

/* NULL if there is no such command. */
const struct command *command_find(const char *name);
