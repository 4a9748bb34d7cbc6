/* QEMU's Xtensa `lx60-nommu` board with an lx106 core: 16550, CCOUNT and CCOMPARE, the FPGA's reset register. */
#include "port.h"

#include "board.h"
#include "ns16550.h"
#include "task_wdt.h"
#include "trap.h"

#define MAX_TIMER_CYCLES 0x7fffffffu
#define MIN_TIMER_CYCLES 200u

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define rsr(reg, value) __asm__ volatile("rsr %0, " #reg : "=a"(value)::"memory")
#define wsr(reg, value) __asm__ volatile("wsr %0, " #reg "\n rsync" ::"a"(value) : "memory")

const char port_name[] = "xtensa-lx60";

static uint64_t elapsed_cycles;
static uint32_t last_ccount;
static uint32_t cycles_per_us;
static bool alarm_is_set;

static uint32_t irq_lock(void) {
    uint32_t ps;

    __asm__ volatile("rsil %0, 1" : "=a"(ps)::"memory");
    return ps;
}

/* CCOUNT has 32 bits (7 minutes at 10 MHz): port_idle wakes early enough to see each turn. */
static uint64_t cycles(void) {
    uint32_t ps = irq_lock();
    uint32_t now;

    rsr(ccount, now);
    elapsed_cycles += now - last_ccount;
    last_ccount = now;
    uint64_t result = elapsed_cycles;
    wsr(ps, ps);
    return result;
}

static void timer_at(uint64_t us) {
    uint64_t now = cycles();
    uint64_t left = MAX_TIMER_CYCLES;

    if (us != PORT_FOREVER) {
        uint64_t when = us * cycles_per_us;
        left = when > now + MIN_TIMER_CYCLES ? when - now : MIN_TIMER_CYCLES;
    }
    if (left > MAX_TIMER_CYCLES) {
        left = MAX_TIMER_CYCLES;
    }
    uint32_t compare = last_ccount + (uint32_t)left;
    wsr(ccompare0, compare); /* takes a pending timer interrupt back, too */
}

void port_init(void) {
    cycles_per_us = REG(FPGA_CLOCK_HZ) / 1000000u;
    rsr(ccount, last_ccount);
    elapsed_cycles = 0;
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
    return cycles() / cycles_per_us;
}

/* waiti opens the interrupts and stops in one instruction, so none can slip in between; its handler only ends the wait. */
void port_idle(uint64_t until_us, bool wake_on_input) {
    irq_lock();
    alarm_is_set = false;
    if (wake_on_input && ns16550_rx_ready()) {
        return;
    }
    timer_at(until_us);
    wsr(intenable, wake_on_input ? INT_TIMER | INT_UART : INT_TIMER);
    __asm__ volatile("waiti 0" ::: "memory");
    irq_lock();
    wsr(intenable, 0);
}

void port_alarm_set(uint64_t at_us) {
    irq_lock();
    timer_at(at_us);
    alarm_is_set = true;
    wsr(intenable, INT_TIMER);
    __asm__ volatile("rsil a2, 0" ::: "a2", "memory");
}

void port_alarm_clear(void) {
    irq_lock();
    alarm_is_set = false;
    wsr(intenable, 0);
}

/* Masks everything: who waits sets up the next wait anew. */
void port_interrupt(const struct trap_frame *frame) {
    wsr(intenable, 0);
    if (alarm_is_set) {
        alarm_is_set = false;
        task_wdt_bark(frame);
    }
}

_Noreturn void port_hang(void) {
    irq_lock();
    for (;;) {
    }
}

_Noreturn void port_reset(void) {
    REG(FPGA_RESET) = FPGA_RESET_MAGIC;
    port_hang(); /* QEMU acts on it a few instructions later */
}

bool port_poweroff(void) {
    return false;
}

_Noreturn void port_trap(void) {
    __asm__ volatile("ill");
    __builtin_unreachable();
}
