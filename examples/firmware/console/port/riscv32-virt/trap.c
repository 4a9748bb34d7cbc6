/* A RISC-V trap: hand an interrupt to the port, anything else to the panic; print a frame the way ESP-IDF does. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "panic.h"
#include "port.h"
#include "trap.h"

#define CAUSE_INTERRUPT 0x80000000u
#define STACK_DUMP_BYTES 1024u
#define WORDS_PER_LINE 8u

extern uint32_t __stack_top[];

static const char *const reasons[] = {
    "Instruction address misaligned", "Instruction access fault", "Illegal instruction", "Breakpoint",
    "Load address misaligned",        "Load access fault",        "Store address misaligned", "Store access fault",
};

/* The order ESP-IDF prints them in; each an offset into the frame. */
#define X(n) (offsetof(struct trap_frame, x) + 4 * (n))
#define CSR(name) offsetof(struct trap_frame, name)
static const struct {
    char name[9];
    uint8_t offset;
} registers[] = {
    {"MEPC", CSR(mepc)}, {"RA", X(1)},   {"SP", X(2)},   {"GP", X(3)},   {"TP", X(4)},   {"T0", X(5)},
    {"T1", X(6)},        {"T2", X(7)},   {"S0/FP", X(8)}, {"S1", X(9)},  {"A0", X(10)},  {"A1", X(11)},
    {"A2", X(12)},       {"A3", X(13)},  {"A4", X(14)},  {"A5", X(15)},  {"A6", X(16)},  {"A7", X(17)},
    {"S2", X(18)},       {"S3", X(19)},  {"S4", X(20)},  {"S5", X(21)},  {"S6", X(22)},  {"S7", X(23)},
    {"S8", X(24)},       {"S9", X(25)},  {"S10", X(26)}, {"S11", X(27)}, {"T3", X(28)},  {"T4", X(29)},
    {"T5", X(30)},       {"T6", X(31)},  {"MSTATUS", CSR(mstatus)}, {"MTVEC", CSR(mtvec)},
    {"MCAUSE", CSR(mcause)}, {"MTVAL", CSR(mtval)}, {"MHARTID", CSR(mhartid)},
};

void trap_handler(struct trap_frame *frame) {
    if (frame->mcause & CAUSE_INTERRUPT) {
        port_interrupt(frame);
    } else {
        panic(frame);
    }
}

const char *port_trap_reason(const struct trap_frame *frame) {
    size_t known = sizeof reasons / sizeof reasons[0];

    return frame->mcause < known ? reasons[frame->mcause] : "Unknown cause";
}

void port_print_registers(const struct trap_frame *frame) {
    printf("Core  0 register dump:");
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        uint32_t value = *(const uint32_t *)((const char *)frame + registers[i].offset);

        printf("%s%-8s: 0x%08" PRIx32 "  ", i % 4 == 0 ? "\n" : "", registers[i].name, value);
    }
    printf("\n");
}

/* RISC-V code keeps no frame chain: the host unwinds from registers and stack (gdb, esp-idf-panic-decoder). */
void port_print_backtrace(const struct trap_frame *frame) {
    uint32_t sp = frame->x[2] & ~3u;
    uint32_t top = (uint32_t)(uintptr_t)__stack_top;
    uint32_t end = sp + STACK_DUMP_BYTES < top ? sp + STACK_DUMP_BYTES : top;

    printf("\nStack memory:\n");
    for (; sp < end; sp += 4 * WORDS_PER_LINE) {
        const uint32_t *words = (const uint32_t *)(uintptr_t)sp;

        printf("%08" PRIx32 ":", sp);
        for (size_t i = 0; i < WORDS_PER_LINE; i++) {
            printf(" 0x%08" PRIx32, words[i]);
        }
        printf("\n");
    }
}
