/* The task watchdog: barks, once, when a command runs for a second without feeding it. Not fatal, as in ESP-IDF. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct trap_frame;

void task_wdt_start(void);
void task_wdt_stop(void);
void task_wdt_feed(void);
bool task_wdt_has_barked(void); /* since it was started */

/* Called by the port from its timer interrupt. */
void task_wdt_bark(const struct trap_frame *interrupted);

/* Gives `ms` of device time away: the core idles, the watchdog pauses. */
void sleep_ms(uint32_t ms);
