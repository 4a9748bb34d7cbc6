/* The shell's commands: the table, and the short ones. */
#include "commands.h"

#include <assert.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash.h"
#include "log.h"
#include "panic.h"
#include "port/port.h"
#include "retained.h"
#include "stream.h"
#include "task_wdt.h"
#include "unity_menu.h"
#include "words.h"

#define MAX_SLEEP_MS 3600000u

extern char __heap_end[];

static bool cmd_help(char *args);

static bool cmd_ping(char *args) {
    printf("pong%s%s\n", *args ? " " : "", args);
    return true;
}

static bool cmd_echo(char *args) {
    printf("%s\n", args);
    return true;
}

/* Never taken yet, and taken but given back. */
static size_t heap_free(void) {
    return (size_t)(__heap_end - (char *)sbrk(0)) + (size_t)mallinfo().fordblks;
}

/* `heap leak BYTES` is for tests that watch the heap. */
static bool cmd_heap(char *args) {
    const char *what = next_word(&args);
    uint32_t bytes;

    if (strcmp(what, "leak") == 0) {
        if (!parse_number(next_word(&args), UINT32_MAX, &bytes)) {
            return false;
        }
        if (!malloc(bytes)) {
            printf("out of memory\n");
        }
    } else if (*what) {
        return false;
    }
    printf("free: %u\n", (unsigned)heap_free());
    return true;
}

static bool cmd_uptime(char *args) {
    (void)args;
    printf("up %" PRIu32 " ms\n", (uint32_t)(port_now_us() / 1000));
    return true;
}

static bool cmd_sleep(char *args) {
    uint32_t ms;

    if (!parse_number(next_word(&args), MAX_SLEEP_MS, &ms)) {
        return false;
    }
    sleep_ms(ms);
    printf("slept %" PRIu32 " ms\n", ms);
    return true;
}

static bool cmd_count(char *args) {
    const char *what = next_word(&args);

    if (strcmp(what, "reset") == 0) {
        retained_clear_boot_count();
    } else if (*what) {
        return false;
    }
    printf("count: %" PRIu32 "\n", retained_boot_count());
    return true;
}

static bool cmd_log(char *args) {
    const char *level = next_word(&args);

    if (strlen(level) != 1 || !strchr("EWIDV", *level) || *args == '\0') {
        return false;
    }
    log_write_coloured(*level, "demo", args);
    return true;
}

static bool cmd_crash(char *args) {
    const char *kind = next_word(&args);

    if (strcmp(kind, "assert") == 0) {
        assert(0 && "asked to");
    }
    return crash(kind);
}

static bool cmd_unity(char *args) {
    const char *what = next_word(&args);

    if (strcmp(what, "run") == 0) {
        return unity_run_on_request(args);
    }
    if (*what) {
        return false;
    }
    unity_menu();
    return true;
}

static bool cmd_restart(char *args) {
    (void)args;
    printf("Restarting...\n");
    restart();
}

static bool cmd_poweroff(char *args) {
    (void)args;
    printf("Power off\n");
    if (!port_poweroff()) {
        printf("not supported on %s: stop the emulator instead\n", port_name);
    }
    return true;
}

static const struct command commands[] = {
    {"help", "", "this list", cmd_help},
    {"ping", "[TEXT]", "answers pong", cmd_ping},
    {"echo", "TEXT", "prints TEXT", cmd_echo},
    {"heap", "[leak BYTES]", "free heap, after losing BYTES of it", cmd_heap},
    {"uptime", "", "milliseconds since boot", cmd_uptime},
    {"sleep", "MS", "waits, idle", cmd_sleep},
    {"countdown", "S", "a line a second", cmd_countdown},
    {"flood", "N [LEN]", "N numbered lines, LEN characters each", cmd_flood},
    {"binary", "", "every byte from 0x00 to 0xff", cmd_binary},
    {"count", "[reset]", "boots since power-on", cmd_count},
    {"log", "E|W|I|D|V TEXT", "a coloured log line", cmd_log},
    {"crash", CRASH_KINDS, "goes wrong on purpose", cmd_crash},
    {"unity", "[run [pass] [fail] [ignore] ...]", "Unity's test menu, or these tests at once", cmd_unity},
    {"restart", "", "software reset", cmd_restart},
    {"poweroff", "", "ends the machine", cmd_poweroff},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool cmd_help(char *args) {
    (void)args;
    for (size_t i = 0; i < COMMANDS; i++) {
        printf("%s%s%s: %s\n", commands[i].name, *commands[i].args ? " " : "", commands[i].args, commands[i].help);
    }
    return true;
}
