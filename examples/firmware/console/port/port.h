/* What a board gives the firmware: console bytes, device time, idling, an alarm, reset and the meaning of a trap frame. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PORT_FOREVER UINT64_MAX

struct trap_frame; /* the registers at a trap, as the port's start-up code stores them */

extern const char port_name[];

void port_init(void);

/* Console. port_getc answers -1 when nothing is there; port_putc wants port_tx_ready. */
int port_getc(void);
bool port_tx_ready(void);
void port_putc(char c);

/* Device time since port_init. */
uint64_t port_now_us(void);

/* Stops the core until `until_us`, or until the console has input if `wake_on_input`. May return early. */
void port_idle(uint64_t until_us, bool wake_on_input);

/* Interrupts whatever runs at `at_us` and calls task_wdt_bark from there, once. port_idle and port_alarm_clear unset it. */
void port_alarm_set(uint64_t at_us);
void port_alarm_clear(void);

_Noreturn void port_hang(void); /* interrupts off, spin */
_Noreturn void port_reset(void);
bool port_poweroff(void); /* false: the board can't */

/* Traps. port_trap raises an illegal instruction; the others read a frame. */
_Noreturn void port_trap(void);
const char *port_trap_reason(const struct trap_frame *frame);
void port_print_registers(const struct trap_frame *frame);
void port_print_backtrace(const struct trap_frame *frame);
