/* Reads a line from the console with echo, backspace and a limit. */
#include "line_editor.h"

#include "console.h"

#define BACKSPACE '\b'
#define DELETE 0x7f

static bool ends_line(char c) {
    static bool after_cr; /* CRLF is one end of line, even if the LF comes later */
    bool ends = c == '\r' || (c == '\n' && !after_cr);

    after_cr = c == '\r';
    return ends;
}

static bool is_printable(char c) {
    return (unsigned char)c >= ' ' && c != DELETE;
}

static void rub_out(size_t *length) {
    if (*length > 0) {
        --*length;
        console_write("\b \b", 3);
    }
}

bool line_editor_read(char *line, size_t size) {
    size_t length = 0;
    bool fits = true;
    char c;

    while (!ends_line(c = console_get())) {
        if (c == BACKSPACE || c == DELETE) {
            rub_out(&length);
        } else if (is_printable(c) && length + 1 < size) {
            line[length++] = c;
            console_put(c);
        } else if (is_printable(c)) {
            fits = false;
        }
    }
    console_write("\r\n", 2);
    line[fits ? length : 0] = '\0';
    return fits;
}
