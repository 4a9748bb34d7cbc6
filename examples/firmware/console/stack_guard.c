/* A pattern in the last words of main's stack tells of an overflow. */
#include "stack_guard.h"

#include <stdint.h>
#include <string.h>

#include "panic.h"

#define PATTERN 0xa5a5a5a5u
#define WORDS 8

extern uint32_t __stack_bottom[];

void stack_guard_set(void) {
    for (int i = 0; i < WORDS; i++) {
        __stack_bottom[i] = PATTERN;
    }
}

static int is_intact(void) {
    for (int i = 0; i < WORDS; i++) {
        if (__stack_bottom[i] != PATTERN) {
            return 0;
        }
    }
    return 1;
}

void stack_guard_check(void) {
    if (!is_intact()) {
        panic_abort("***ERROR*** A stack overflow in task main has been detected.");
    }
}

/* The slack below the stack (port/stacks.ld) takes what the last frame writes beyond. */
static int __attribute__((noinline)) recurse(int depth) {
    volatile char room[96];

    memset((char *)room, depth, sizeof room);
    return is_intact() ? recurse(depth + 1) + room[depth % sizeof room] : depth;
}

void stack_guard_overflow(void) {
    recurse(1);
}
