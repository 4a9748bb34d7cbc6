/* Reads a line from the console with echo. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* CR, LF or CRLF end the line. False, with an empty `line`, if it had `size` characters or more. */
bool line_editor_read(char *line, size_t size);
