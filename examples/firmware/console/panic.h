/* The end of a boot: a panic in ESP-IDF's words, or a restart on request. */
#pragma once

struct trap_frame;

/* Prints what happened and where, then resets the chip. */
_Noreturn void panic(const struct trap_frame *frame);

/* A panic that `details` explains, at the place of the call. */
_Noreturn void panic_abort(const char *details);

/* Resets the chip, remembering that it was us. */
_Noreturn void restart(void);
