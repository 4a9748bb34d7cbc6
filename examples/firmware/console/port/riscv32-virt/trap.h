/* The registers of a RISC-V trap, in the order start.S stores them. */
#pragma once

#include <stdint.h>

struct trap_frame {
    uint32_t x[32]; /* x[0] is unused */
    uint32_t mepc, mstatus, mtvec, mcause, mtval, mhartid;
};

_Static_assert(sizeof(struct trap_frame) == 152, "start.S knows these offsets");

void trap_handler(struct trap_frame *frame);
void port_interrupt(const struct trap_frame *frame);
