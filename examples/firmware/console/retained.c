/* What the firmware remembers over resets, in memory that neither the loader nor the start-up code touches. */
#include "retained.h"

#define MAGIC 0x7e57a4e2u

static struct {
    uint32_t magic;
    uint32_t boot_count;
    uint32_t elapsed_ms;
    uint32_t switches;
    uint32_t software_reset;
    uint32_t checksum;
} memory __attribute__((section(".noinit")));

static uint32_t checksum(void) {
    const uint32_t words[] = {memory.magic, memory.boot_count, memory.elapsed_ms, memory.switches, memory.software_reset};
    uint32_t sum = 2166136261u; /* FNV-1a, a word at a time */

    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        sum = (sum ^ words[i]) * 16777619u;
    }
    return sum;
}

static void seal(void) {
    memory.checksum = checksum();
}

bool retained_open(void) {
    bool valid = memory.magic == MAGIC && memory.checksum == checksum();
    bool restarted = valid && memory.software_reset;

    if (!valid) {
        memory.magic = MAGIC;
        memory.boot_count = 0;
        memory.switches = 0;
    }
    if (!restarted) {
        memory.elapsed_ms = 0;
        memory.switches &= RETAINED_CRASH_AT_BOOT; /* only power-off ends the boot loop */
    }
    memory.boot_count++;
    memory.software_reset = false;
    seal();
    return restarted;
}

uint32_t retained_boot_count(void) {
    return memory.boot_count;
}

void retained_clear_boot_count(void) {
    memory.boot_count = 0;
    seal();
}

uint32_t retained_elapsed_ms(void) {
    return memory.elapsed_ms;
}

void retained_note_restart(uint32_t elapsed_ms) {
    memory.elapsed_ms = elapsed_ms;
    memory.software_reset = true;
    seal();
}

void retained_set(enum retained_switch which, bool on) {
    memory.switches = on ? memory.switches | which : memory.switches & ~(uint32_t)which;
    seal();
}

bool retained_get(enum retained_switch which) {
    return memory.switches & which;
}
