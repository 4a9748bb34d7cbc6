/* For QEMU's sifive_e: a bridge between its two serial ports. What comes at one goes out at the other. */
#define UART0 0x10013000
#define UART1 0x10023000
#define TXDATA 0 /* bit 31: full */
#define RXDATA 4 /* bit 31: empty */
#define TXCTRL 8
#define RXCTRL 12

    .globl _start
_start:
    li t0, UART0
    li t1, UART1
    li t2, 1
    sw t2, TXCTRL(t0)
    sw t2, RXCTRL(t0)
    sw t2, TXCTRL(t1)
    sw t2, RXCTRL(t1)
    li t4, '\n'
    sw t4, TXDATA(t0)
loop:
    mv t5, t0
    mv t6, t1
    call pass
    mv t5, t1
    mv t6, t0
    call pass
    j loop

pass: /* a byte from the port at t5, if there is one, to that at t6 */
    lw t3, RXDATA(t5)
    bltz t3, 2f
1:  lw t4, TXDATA(t6)
    bltz t4, 1b
    sw t3, TXDATA(t6)
2:  ret
