/* The task watchdog, on the port's alarm, and the sleep that pauses it. */
#include "task_wdt.h"

#include <stdio.h>

#include "log.h"
#include "port/port.h"

#define TIMEOUT_US 1000000u

static bool running;
static volatile bool barked;

void task_wdt_start(void) {
    running = true;
    barked = false;
    task_wdt_feed();
}

void task_wdt_stop(void) {
    running = false;
    port_alarm_clear();
}

void task_wdt_feed(void) {
    if (running && !barked) {
        port_alarm_set(port_now_us() + TIMEOUT_US);
    }
}

bool task_wdt_has_barked(void) {
    return barked;
}

void task_wdt_bark(const struct trap_frame *interrupted) {
    barked = true;
    log_write('E', "task_wdt",
              "Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:");
    log_write('E', "task_wdt", " - main (CPU 0)");
    log_write('E', "task_wdt", "Tasks currently running:");
    log_write('E', "task_wdt", "CPU 0: main");
    log_write('E', "task_wdt", "Print CPU 0 (current core) registers");
    port_print_registers(interrupted);
    port_print_backtrace(interrupted);
    printf("\n");
}

void sleep_ms(uint32_t ms) {
    uint64_t until = port_now_us() + (uint64_t)ms * 1000u;
    bool was_running = running;

    task_wdt_stop();
    while (port_now_us() < until) {
        port_idle(until, false);
    }
    if (was_running) {
        task_wdt_start();
    }
}
