/* The registers of an Xtensa trap, in the order start.S stores them. */
#pragma once

#include <stdint.h>

struct trap_frame {
    uint32_t a[16];
    uint32_t pc, ps, sar, exccause, excvaddr;
};

_Static_assert(sizeof(struct trap_frame) == 84, "start.S knows these offsets");

void trap_handler(struct trap_frame *frame);
void port_interrupt(const struct trap_frame *frame);
