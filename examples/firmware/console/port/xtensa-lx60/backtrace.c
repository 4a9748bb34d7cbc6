/*
 * Backtrace of Xtensa's call0 code, which keeps no frame chain: read each function's prologue instead.
 *
 * With the flags that the Makefile sets for it, every function of ours starts, 4-byte aligned, with
 *     addi a1, a1, -SIZE            12 c1 xx                (xx: -SIZE)
 * or  movi a9, SIZE; sub a1, a1, a9 92 ah ll 90 11 c0       (h, ll: the 12 bits of SIZE)
 * and, if it calls others, stores its return address soon after with
 *     s32i.n a0, a1, OFFSET         09 x1                   (x: OFFSET / 4)
 * or  s32i   a0, a1, OFFSET         02 61 xx                (xx: OFFSET / 4)
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "port.h"
#include "trap.h"

#define MAX_DEPTH 32
#define MAX_FUNCTION_BYTES 4096u
#define MAX_PROLOGUE_BYTES 32u
#define CALL_BYTES 3u

struct frame_layout {
    uint32_t size;
    uint32_t return_offset; /* of the return address; `size` if the function keeps it in a0 */
};

extern const uint8_t __text_start[], __text_end[];
extern uint32_t __stack_top[], __stack_bottom[];

static bool in_text(uint32_t address) {
    return address >= (uintptr_t)__text_start && address < (uintptr_t)__text_end;
}

/* The frame size that the code at `code` allocates, 0 if it isn't the start of a function. */
static uint32_t allocated_by(const uint8_t *code) {
    if (code[0] == 0x12 && code[1] == 0xc1 && code[2] >= 0x80) {
        return 256u - code[2];
    }
    if (code[0] == 0x92 && (code[1] & 0xf0) == 0xa0 && code[3] == 0x90 && code[4] == 0x11 && code[5] == 0xc0) {
        return (code[1] & 0x0fu) << 8 | code[2];
    }
    return 0;
}

static uint32_t return_offset(const uint8_t *code, uint32_t pc, uint32_t size) {
    const uint8_t *end = code + MAX_PROLOGUE_BYTES;

    while (code < end && (uintptr_t)code < pc) {
        if (code[0] == 0x09 && (code[1] & 0x0f) == 1) {
            return (code[1] >> 4) * 4u;
        }
        if (code[0] == 0x02 && code[1] == 0x61) {
            return code[2] * 4u;
        }
        code += (code[0] & 0x0f) >= 8 ? 2 : 3; /* narrow instructions have an op0 of 8 and above */
    }
    return size;
}

static bool find_layout(uint32_t pc, struct frame_layout *layout) {
    uint32_t start = pc & ~3u;

    for (uint32_t back = 0; back < MAX_FUNCTION_BYTES && in_text(start - back); back += 4) {
        const uint8_t *code = (const uint8_t *)(uintptr_t)(start - back);

        layout->size = allocated_by(code);
        if (layout->size) {
            layout->return_offset = return_offset(code, pc, layout->size);
            return true;
        }
    }
    return false;
}

/* Steps to the caller; false at the end of the chain. */
static bool unwind(uint32_t *pc, uint32_t *sp, uint32_t a0) {
    struct frame_layout layout;

    if (*sp < (uintptr_t)__stack_bottom || *sp >= (uintptr_t)__stack_top || *sp % 4 || !find_layout(*pc, &layout)) {
        return false;
    }
    if (layout.return_offset < layout.size) {
        a0 = *(const uint32_t *)(uintptr_t)(*sp + layout.return_offset);
    }
    *pc = a0 - CALL_BYTES;
    *sp += layout.size;
    return in_text(*pc);
}

void port_print_backtrace(const struct trap_frame *frame) {
    uint32_t pc = frame->pc;
    uint32_t sp = frame->a[1];
    uint32_t a0 = frame->a[0];

    printf("\nBacktrace:");
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
        printf(" 0x%08" PRIx32 ":0x%08" PRIx32, pc, sp);
        if (!unwind(&pc, &sp, a0)) {
            break;
        }
        a0 = 0; /* only the innermost function can still have it in the register */
    }
    printf("\n");
}
