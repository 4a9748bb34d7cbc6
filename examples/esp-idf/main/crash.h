// Breaks the firmware on purpose, in the ways that firmware breaks by accident.
#pragma once

// What `crash` can be told to do, for its help: "null|abort|..."
extern const char *const CRASH_WAYS;

// Does not come back, but from "wdt" and from a way that there isn't: returns 0 after the first, 1 after the second.
int crash(const char *way);
