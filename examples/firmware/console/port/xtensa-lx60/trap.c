/* An Xtensa trap: hand an interrupt to the port, anything else to the panic; print a frame the way ESP-IDF does. */
#include "trap.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "panic.h"
#include "port.h"

#define CAUSE_LEVEL1_INTERRUPT 4u

static const char *const reasons[] = {
    [0] = "IllegalInstruction",     [1] = "Syscall",
    [2] = "InstructionFetchError",  [3] = "LoadStoreError",
    [5] = "Alloca",                 [6] = "IntegerDivideByZero",
    [8] = "Privileged",             [9] = "LoadStoreAlignment",
    [12] = "InstrPDAddrError",      [13] = "LoadStorePIFDataError",
    [14] = "InstrPIFAddrError",     [15] = "LoadStorePIFAddrError",
    [20] = "InstrFetchProhibited",  [28] = "LoadProhibited",
    [29] = "StoreProhibited",
};

void trap_handler(struct trap_frame *frame) {
    if (frame->exccause == CAUSE_LEVEL1_INTERRUPT) {
        port_interrupt(frame);
    } else {
        panic(frame);
    }
}

const char *port_trap_reason(const struct trap_frame *frame) {
    size_t known = sizeof reasons / sizeof reasons[0];
    const char *reason = frame->exccause < known ? reasons[frame->exccause] : NULL;

    return reason ? reason : "Unknown cause";
}

void port_print_registers(const struct trap_frame *frame) {
    printf("Core  0 register dump:\n");
    printf("PC      : 0x%08" PRIx32 "  PS      : 0x%08" PRIx32 "  ", frame->pc, frame->ps);
    for (int i = 0; i < 16; i++) {
        printf("%sA%-7d: 0x%08" PRIx32 "  ", i % 4 == 2 ? "\n" : "", i, frame->a[i]);
    }
    printf("SAR     : 0x%08" PRIx32 "  EXCCAUSE: 0x%08" PRIx32 "  \n", frame->sar, frame->exccause);
    printf("EXCVADDR: 0x%08" PRIx32 "  \n", frame->excvaddr);
}
