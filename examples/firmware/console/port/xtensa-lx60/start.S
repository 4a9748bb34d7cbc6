/* First instruction of the program, and the one trap handler: registers into a static frame, then C on a stack of its own. */

#define PS_UM 0x20
#define PS_INTLEVEL_1 0x01
#define ATTR_NO_ACCESS 15

/* The core jumps to VECBASE + offset; all that matter lead to trap_entry. */
    .section .vectors, "ax"
    .balign 1024
vectors:
    .org 0x30                       /* exception in kernel mode */
    wsr a0, excsave1
    j trap_entry
    .org 0x50                       /* exception in user mode, level-1 interrupts */
    wsr a0, excsave1
    j trap_entry
    .org 0x70                       /* exception in the trap handler */
    wsr a0, excsave1
    j trap_entry

    .text
    .globl _start
    .balign 4
_start:
    movi a2, PS_UM | PS_INTLEVEL_1
    wsr a2, ps
    movi a2, vectors
    wsr a2, vecbase
    movi a2, 0
    wsr a2, intenable
    movi a3, ATTR_NO_ACCESS         /* the region of address 0: loads, stores and jumps there fault */
    wdtlb a3, a2
    witlb a3, a2
    isync
    movi a1, __stack_top
    movi a3, __bss_start
    movi a4, __bss_end
1:  bgeu a3, a4, 2f
    s32i a2, a3, 0
    addi a3, a3, 4
    j 1b
2:  movi a0, 0                      /* the backtrace ends here */
    call0 main
3:  waiti 0
    j 3b

/* struct trap_frame of trap.h: a0..a15, then pc, ps, sar, exccause, excvaddr. */
    .balign 4
trap_entry:
    movi a0, trap_frame
    s32i a1, a0, 4
    s32i a2, a0, 8
    s32i a3, a0, 12
    s32i a4, a0, 16
    s32i a5, a0, 20
    s32i a6, a0, 24
    s32i a7, a0, 28
    s32i a8, a0, 32
    s32i a9, a0, 36
    s32i a10, a0, 40
    s32i a11, a0, 44
    s32i a12, a0, 48
    s32i a13, a0, 52
    s32i a14, a0, 56
    s32i a15, a0, 60
    rsr a2, excsave1
    s32i a2, a0, 0
    rsr a2, epc1
    s32i a2, a0, 64
    rsr a2, ps
    s32i a2, a0, 68
    rsr a2, sar
    s32i a2, a0, 72
    rsr a2, exccause
    s32i a2, a0, 76
    rsr a2, excvaddr
    s32i a2, a0, 80
    movi a1, __trap_stack_top
    mov a2, a0
    call0 trap_handler
    movi a0, trap_frame
    l32i a2, a0, 72
    wsr a2, sar
    l32i a1, a0, 4
    l32i a2, a0, 8
    l32i a3, a0, 12
    l32i a4, a0, 16
    l32i a5, a0, 20
    l32i a6, a0, 24
    l32i a7, a0, 28
    l32i a8, a0, 32
    l32i a9, a0, 36
    l32i a10, a0, 40
    l32i a11, a0, 44
    l32i a12, a0, 48
    l32i a13, a0, 52
    l32i a14, a0, 56
    l32i a15, a0, 60
    l32i a0, a0, 0
    rfe

    .bss
    .balign 4
    .globl trap_frame
trap_frame:
    .space 84
