/* Addresses of QEMU's RISC-V `virt` board (hw/riscv/virt.c). */
#pragma once

#define SIFIVE_TEST 0x00100000u
#define SIFIVE_TEST_POWEROFF 0x5555u
#define SIFIVE_TEST_RESET 0x7777u

#define MTIMECMP 0x02004000u
#define MTIME 0x0200bff8u
#define MTIME_HZ 10000000u

#define PLIC 0x0c000000u
#define PLIC_PRIORITY(irq) (PLIC + 4u * (irq))
#define PLIC_ENABLE (PLIC + 0x2000u)
#define PLIC_THRESHOLD (PLIC + 0x200000u)
#define PLIC_CLAIM (PLIC + 0x200004u)

#define UART_BASE 0x10000000u
#define UART_STRIDE 1u
#define UART_IRQ 10u
