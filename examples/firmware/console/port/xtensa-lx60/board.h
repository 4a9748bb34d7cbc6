/* Addresses of QEMU's `lx60-nommu` board (hw/xtensa/xtfpga.c; `info mtree` in its monitor shows the same). */
#pragma once

#define FPGA_CLOCK_HZ 0x9d020004u
#define FPGA_RESET 0x9d020010u
#define FPGA_RESET_MAGIC 0xdeadu

#define UART_BASE 0x9d050020u
#define UART_STRIDE 4u

/* Interrupts of the lx106 core. */
#define INT_UART (1u << 0)
#define INT_TIMER (1u << 6)
