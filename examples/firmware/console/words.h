/* Takes a command line apart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Cuts the next blank-separated word off `*rest`; "" at the end. `*rest` then starts with the word after it. */
char *next_word(char **rest);

/* A decimal number of at most `max`, and nothing else. */
bool parse_number(const char *text, uint32_t max, uint32_t *number);
