/* The shell: reads lines, runs the command of each under the task watchdog. */
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "line_editor.h"
#include "stack_guard.h"
#include "task_wdt.h"
#include "words.h"

#define PROMPT "demo> "
#define LINE_SIZE 256u

static void run_line(char *line) {
    char *rest = line;
    const char *name = next_word(&rest);
    const struct command *command = command_find(name);

    if (*name == '\0') {
        return;
    }
    if (!command) {
        printf("Unknown command: %s (try help)\n", name);
        return;
    }
    task_wdt_start();
    if (!command->run(rest)) {
        printf("Usage: %s %s\n", command->name, command->args);
    }
    task_wdt_stop();
    stack_guard_check();
}

_Noreturn void shell_run(void) {
    char *line = malloc(LINE_SIZE);

    for (;;) {
        printf(PROMPT);
        if (line_editor_read(line, LINE_SIZE)) {
            run_line(line);
        } else {
            printf("Line too long: at most %u characters\n", LINE_SIZE - 1);
        }
    }
}
