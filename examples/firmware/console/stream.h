/* The commands that write a lot, or for long. */
#pragma once

#include <stdbool.h>

bool cmd_countdown(char *args);
bool cmd_flood(char *args);
bool cmd_binary(char *args);
