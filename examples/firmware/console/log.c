/* Log lines in ESP-IDF's form. */
#include "log.h"

#include <inttypes.h>
#include <stdio.h>

#include "port/port.h"
#include "retained.h"

uint32_t log_timestamp(void) {
    return retained_elapsed_ms() + (uint32_t)(port_now_us() / 1000);
}

void log_write(char level, const char *tag, const char *format, ...) {
    va_list args;

    printf("%c (%" PRIu32 ") %s: ", level, log_timestamp(), tag);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static const char *colour_of(char level) {
    switch (level) {
    case 'E':
        return "\033[0;31m";
    case 'W':
        return "\033[0;33m";
    case 'I':
        return "\033[0;32m";
    default:
        return "";
    }
}

void log_write_coloured(char level, const char *tag, const char *text) {
    const char *colour = colour_of(level);

    printf("%s%c (%" PRIu32 ") %s: %s%s\n", colour, level, log_timestamp(), tag, text, *colour ? "\033[0m" : "");
}
