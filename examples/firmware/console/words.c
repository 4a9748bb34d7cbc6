/* Takes a command line apart. */
#include "words.h"

#include <stddef.h>
#include <string.h>

char *next_word(char **rest) {
    char *word = *rest + strspn(*rest, " ");
    char *end = word + strcspn(word, " ");

    *rest = end + strspn(end, " ");
    if (*end != '\0') {
        *end = '\0';
    }
    return word;
}

bool parse_number(const char *text, uint32_t max, uint32_t *number) {
    uint64_t value = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 10 || text[digits] != '\0') {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *number = (uint32_t)value;
    return value <= max;
}
