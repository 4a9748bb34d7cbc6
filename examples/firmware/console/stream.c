/* The commands that write a lot, or for long. */
#include "stream.h"

#include <inttypes.h>
#include <stdio.h>

#include "console.h"
#include "task_wdt.h"
#include "words.h"

#define MAX_COUNTDOWN_S 3600u
#define MAX_LINES 100000000u
#define MAX_LINE_LENGTH 100000u

bool cmd_countdown(char *args) {
    uint32_t seconds;

    if (!parse_number(next_word(&args), MAX_COUNTDOWN_S, &seconds)) {
        return false;
    }
    for (; seconds > 0; seconds--) {
        printf("countdown: %" PRIu32 "\n", seconds);
        sleep_ms(1000);
    }
    printf("countdown: done\n");
    return true;
}

/* `line 7` and then letters up to `length` characters. */
static void flood_line(uint32_t number, uint32_t length) {
    uint32_t written = (uint32_t)printf("line %" PRIu32, number);

    if (written < length) {
        console_put(' ');
        written++;
    }
    for (; written < length; written++) {
        console_put((char)('a' + written % 26));
    }
    printf("\n");
}

bool cmd_flood(char *args) {
    const char *lines_text = next_word(&args);
    const char *length_text = next_word(&args);
    uint32_t lines, length = 0;

    if (!parse_number(lines_text, MAX_LINES, &lines) ||
        (*length_text && !parse_number(length_text, MAX_LINE_LENGTH, &length))) {
        return false;
    }
    for (uint32_t number = 1; number <= lines; number++) {
        flood_line(number, length);
        task_wdt_feed();
    }
    printf("flood: %" PRIu32 " lines\n", lines);
    return true;
}

bool cmd_binary(char *args) {
    (void)args;
    printf("binary: begin\n");
    for (int byte = 0; byte < 256; byte++) {
        console_put((char)byte);
    }
    printf("\nbinary: end\n");
    return true;
}
