/* Log lines in ESP-IDF's form: `I (123) tag: text`. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since power-on. */
uint32_t log_timestamp(void);

/* `level` is one of E W I D V. */
void log_write(char level, const char *tag, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same in the colour of the level, as older ESP-IDFs print it. */
void log_write_coloured(char level, const char *tag, const char *text);
