/* First instruction after reset, and the one trap handler: registers into a static frame, then C on a stack of its own. */

    .section .text.start, "ax"
    .globl _start
_start:
    csrw mie, zero                  /* a reset doesn't clear it: it may come while a wfi waits for input */
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    la tp, __tls_base
    la t0, trap_entry
    csrw mtvec, t0
    la t0, trap_frame
    csrw mscratch, t0
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
3:  wfi
    j 3b

/* struct trap_frame of trap.h: x1..x31 at their number, then mepc, mstatus, mtvec, mcause, mtval, mhartid. */
    .text
    .balign 4
trap_entry:
    csrrw a0, mscratch, a0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sw x\n, 4 * \n(a0)
    .endr
    csrrw t0, mscratch, a0
    sw t0, 4 * 10(a0)
    csrr t0, mepc
    sw t0, 128(a0)
    csrr t0, mstatus
    sw t0, 132(a0)
    csrr t0, mtvec
    sw t0, 136(a0)
    csrr t0, mcause
    sw t0, 140(a0)
    csrr t0, mtval
    sw t0, 144(a0)
    csrr t0, mhartid
    sw t0, 148(a0)
    la sp, __trap_stack_top
    call trap_handler
    la a0, trap_frame
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    lw x\n, 4 * \n(a0)
    .endr
    lw a0, 4 * 10(a0)
    mret

    .bss
    .balign 4
    .globl trap_frame
trap_frame:
    .space 152
