/* Notices an overflow of main's stack, as FreeRTOS does: by a pattern at its end. */
#pragma once

void stack_guard_set(void);
void stack_guard_check(void); /* panics if the pattern is gone */

/* Recurses until the pattern is overwritten. */
void stack_guard_overflow(void);
