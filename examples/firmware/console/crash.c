/* Ways to go wrong on purpose, each by really doing it. */
#include "crash.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "port/port.h"
#include "retained.h"
#include "stack_guard.h"
#include "task_wdt.h"

/* Neither board has anything there. Volatile, so that the compiler doesn't see what is coming. */
static volatile uint32_t *volatile null_pointer = NULL;
static volatile uint32_t *volatile wild_pointer = (volatile uint32_t *)0x00000bacu;

static void crash_null(void) {
    (void)*null_pointer;
}

static void crash_load(void) {
    (void)*wild_pointer;
}

static void crash_store(void) {
    *wild_pointer = 0x5709e;
}

static void crash_illegal(void) {
    port_trap();
}

static void crash_abort(void) {
    abort();
}

/* Writes beyond a local array; the check at this function's end sees it. */
static void __attribute__((noinline)) crash_smash(void) {
    char text[8];
    volatile size_t too_much = sizeof text + 12;

    memset(text, 'x', too_much);
    __asm__ volatile("" ::"r"(text) : "memory");
}

static void crash_wdt(void) {
    while (!task_wdt_has_barked()) {
    }
    log_write('I', "demo", "main goes on");
}

static void crash_hang(void) {
    port_hang();
}

static void crash_loop(void) {
    retained_set(RETAINED_CRASH_AT_BOOT, true);
    crash_null();
}

static const struct {
    const char *name;
    void (*run)(void);
} kinds[] = {
    {"null", crash_null},           {"load", crash_load},   {"store", crash_store}, {"illegal", crash_illegal},
    {"abort", crash_abort},         {"smash", crash_smash}, {"wdt", crash_wdt},     {"hang", crash_hang},
    {"stack", stack_guard_overflow}, {"loop", crash_loop},
};

bool crash(const char *kind) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, kind) == 0) {
            kinds[i].run();
            return true;
        }
    }
    return false;
}
