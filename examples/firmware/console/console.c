/* The console: bytes to and from the port, and picolibc's stdout on top of it. */
#include "console.h"

#include <stdio.h>

#include "port/port.h"
#include "task_wdt.h"

void console_put(char c) {
    while (!port_tx_ready()) {
        task_wdt_feed(); /* a slow reader is not our hang */
    }
    port_putc(c);
}

void console_write(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        console_put(text[i]);
    }
}

char console_get(void) {
    int c;

    while ((c = port_getc()) < 0) {
        port_idle(PORT_FOREVER, true);
    }
    return (char)c;
}

static int put_text(char c, FILE *stream) {
    (void)stream;
    if (c == '\n') {
        console_put('\r');
    }
    console_put(c);
    return (unsigned char)c;
}

static FILE console = FDEV_SETUP_STREAM(put_text, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &console;
