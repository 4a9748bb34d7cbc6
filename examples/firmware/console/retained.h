/* What the firmware remembers over resets, but not over a power cycle. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Reads the retained memory at boot and counts the boot. True if the chip restarted itself, false after power-on. */
bool retained_open(void);

uint32_t retained_boot_count(void);
void retained_clear_boot_count(void);

/* Milliseconds of the earlier boots since power-on: log time stamps go on after a restart. */
uint32_t retained_elapsed_ms(void);

/* Call right before a reset the firmware asks for. */
void retained_note_restart(uint32_t elapsed_ms);

/* Switches that outlive a restart of the chip's own. */
enum retained_switch {
    RETAINED_CRASH_AT_BOOT = 1u << 0,
    RETAINED_UNITY_MENU = 1u << 1,
    RETAINED_STAGE_ONE_RAN = 1u << 2,
};
void retained_set(enum retained_switch which, bool on);
bool retained_get(enum retained_switch which);
