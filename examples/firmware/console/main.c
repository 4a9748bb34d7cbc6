/* Boots like an ESP chip does, then hands over to the shell. */
#include <inttypes.h>
#include <stdio.h>

#include "crash.h"
#include "log.h"
#include "port/port.h"
#include "retained.h"
#include "shell.h"
#include "stack_guard.h"
#include "task_wdt.h"
#include "unity_menu.h"

#define LOOP_PAUSE_MS 100u /* about what a real chip needs to boot */

extern char __heap_start[], __heap_end[];

static void print_rom_banner(bool restarted) {
    printf("demo-ROM:%s\n", port_name);
    printf("rst:%s,boot:0x8 (SPI_FAST_FLASH_BOOT)\n", restarted ? "0xc (RTC_SW_CPU_RST)" : "0x1 (POWERON)");
}

static void print_boot_log(void) {
    log_write('I', "boot", "TestArena demo console for %s", port_name);
    log_write('I', "heap_init", "RAM available for dynamic allocation: %u", (unsigned)(__heap_end - __heap_start));
    log_write('I', "main_task", "Started on CPU0");
    log_write('I', "main_task", "Calling app_main()");
}

static void app_main(void) {
    log_write('I', "demo", "boot count %" PRIu32, retained_boot_count());
    if (retained_get(RETAINED_CRASH_AT_BOOT)) {
        log_write('W', "demo", "crashing at every boot until power-off");
        sleep_ms(LOOP_PAUSE_MS);
        crash("null");
    }
    if (retained_get(RETAINED_UNITY_MENU)) {
        unity_menu();
    }
    shell_run();
}

int main(void) {
    bool restarted;

    stack_guard_set();
    port_init();
    restarted = retained_open();
    print_rom_banner(restarted);
    print_boot_log();
    app_main();
}
