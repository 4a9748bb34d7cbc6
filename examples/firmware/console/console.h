/* The console: printf and puts go through here, lines end in CRLF. */
#pragma once

#include <stddef.h>

void console_put(char c);     /* one byte as it is */
void console_write(const char *text, size_t length);
char console_get(void);       /* waits, idle */
