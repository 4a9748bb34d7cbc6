/* QEMU's RISC-V `virt` board: 16550 behind the PLIC, ACLINT timer, sifive_test for reset and power-off. */
#include "port.h"

#include <stddef.h>

#include "board.h"
#include "ns16550.h"
#include "task_wdt.h"
#include "trap.h"

#define MSTATUS_MIE 0x008u
#define MIE_TIMER 0x080u
#define MIE_EXTERNAL 0x800u
#define SOON_TICKS 1000u
#define TICKS_PER_US (MTIME_HZ / 1000000u)

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"(bits) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"(bits) : "memory")

const char port_name[] = "riscv32-virt";

static uint64_t boot_ticks;

static uint64_t ticks(void) {
    uint32_t high, low;

    do {
        high = REG(MTIME + 4);
        low = REG(MTIME);
    } while (high != REG(MTIME + 4));
    return (uint64_t)high << 32 | low;
}

static void timer_at_ticks(uint64_t when) {
    REG(MTIMECMP + 4) = UINT32_MAX; /* no spurious match between the two halves */
    REG(MTIMECMP) = (uint32_t)when;
    REG(MTIMECMP + 4) = (uint32_t)(when >> 32);
}

static void timer_at(uint64_t us) {
    timer_at_ticks(boot_ticks + us * TICKS_PER_US);
}

/*
 * Leaves a time in the past, masked. QEMU forgets an earlier, later time only for a new one, so that comes first: on
 * virtual time (-icount sleep=off) an idle core would jump to whatever is left.
 */
static void timer_off(void) {
    csr_clear(mie, MIE_TIMER);
    timer_at_ticks(ticks() + SOON_TICKS);
    REG(MTIMECMP) = 0;
    REG(MTIMECMP + 4) = 0;
}

void port_init(void) {
    boot_ticks = ticks();
    timer_off();
    REG(PLIC_PRIORITY(UART_IRQ)) = 1;
    REG(PLIC_ENABLE) = 1u << UART_IRQ;
    REG(PLIC_THRESHOLD) = 0;
    ns16550_init();
}

int port_getc(void) {
    return ns16550_rx_ready() ? *ns16550_reg(NS16550_RBR) : -1;
}

bool port_tx_ready(void) {
    return ns16550_tx_ready();
}

void port_putc(char c) {
    *ns16550_reg(NS16550_RBR) = (uint8_t)c;
}

uint64_t port_now_us(void) {
    return (ticks() - boot_ticks) / TICKS_PER_US;
}

/* wfi ends at a pending interrupt even while mstatus.MIE masks it: no handler, no race. */
void port_idle(uint64_t until_us, bool wake_on_input) {
    csr_clear(mstatus, MSTATUS_MIE);
    if (wake_on_input && ns16550_rx_ready()) {
        return;
    }
    if (until_us == PORT_FOREVER) {
        timer_off();
    } else {
        timer_at(until_us);
        csr_set(mie, MIE_TIMER);
    }
    csr_set(mie, wake_on_input ? MIE_EXTERNAL : 0u);
    __asm__ volatile("wfi" ::: "memory");
    csr_clear(mie, MIE_TIMER | MIE_EXTERNAL);
    if (wake_on_input) {
        REG(PLIC_CLAIM) = REG(PLIC_CLAIM); /* claim and complete: the next byte raises it again */
    }
}

void port_alarm_set(uint64_t at_us) {
    timer_at(at_us);
    csr_set(mie, MIE_TIMER);
    csr_set(mstatus, MSTATUS_MIE);
}

void port_alarm_clear(void) {
    csr_clear(mstatus, MSTATUS_MIE);
    timer_off();
}

/* Only the alarm interrupts: console input is polled. */
void port_interrupt(const struct trap_frame *frame) {
    csr_clear(mie, MIE_TIMER);
    task_wdt_bark(frame);
}

_Noreturn void port_hang(void) {
    csr_clear(mstatus, MSTATUS_MIE);
    for (;;) {
    }
}

static _Noreturn void sifive_test(uint32_t what) {
    REG(SIFIVE_TEST) = what;
    port_hang(); /* QEMU acts on it a few instructions later */
}

_Noreturn void port_reset(void) {
    sifive_test(SIFIVE_TEST_RESET);
}

bool port_poweroff(void) {
    sifive_test(SIFIVE_TEST_POWEROFF);
}

_Noreturn void port_trap(void) {
    __asm__ volatile("unimp");
    __builtin_unreachable();
}
