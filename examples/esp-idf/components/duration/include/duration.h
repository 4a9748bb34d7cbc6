// Durations as people say them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DURATION_SIZE 40 // enough for any

// Writes "1 d 2 h 3 min 4 s": the largest unit first, none that is 0, but "0 s" for nothing.
void duration_text(char *text, size_t size, uint64_t seconds);
