/* The 16550 UART of both boards, polled. The board says where it is (UART_BASE) and how far registers are apart (UART_STRIDE). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

#define NS16550_RBR 0 /* read: received byte; write: byte to send */
#define NS16550_IER 1
#define NS16550_LCR 3
#define NS16550_LSR 5

#define NS16550_IER_RX 0x01
#define NS16550_LCR_8N1 0x03
#define NS16550_LSR_RX 0x01
#define NS16550_LSR_TX_EMPTY 0x20

static inline volatile uint8_t *ns16550_reg(int reg) {
    return (volatile uint8_t *)(UART_BASE + (uintptr_t)reg * UART_STRIDE);
}

static inline bool ns16550_rx_ready(void) {
    return *ns16550_reg(NS16550_LSR) & NS16550_LSR_RX;
}

static inline bool ns16550_tx_ready(void) {
    return *ns16550_reg(NS16550_LSR) & NS16550_LSR_TX_EMPTY;
}

/* The FIFOs stay off: switching them on throws away what was typed ahead, and QEMU holds a byte back until we took the last. */
static inline void ns16550_init(void) {
    *ns16550_reg(NS16550_LCR) = NS16550_LCR_8N1;
    *ns16550_reg(NS16550_IER) = NS16550_IER_RX;
}
