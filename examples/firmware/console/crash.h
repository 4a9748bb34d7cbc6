/* Ways to go wrong on purpose. */
#pragma once

#include <stdbool.h>

#define CRASH_KINDS "null|store|load|illegal|abort|assert|stack|smash|wdt|hang|loop"

/* Goes wrong in the way of that name; returns true if it survives (wdt), false if there is no such kind. */
bool crash(const char *kind);
