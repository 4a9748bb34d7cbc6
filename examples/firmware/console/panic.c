/* The panic handler, and all that ends in it: abort, assert and GCC's stack protector. */
#include "panic.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "elf_sha256.h"
#include "log.h"
#include "port/port.h"
#include "retained.h"

#define CALL_BYTES 3u /* ESP-IDF subtracts as much to land inside of the calling instruction */

static const char *abort_details;
static bool panicking;

_Noreturn void restart(void) {
    retained_note_restart(log_timestamp());
    port_reset();
}

static void print_reason(const struct trap_frame *frame) {
    if (abort_details) {
        printf("\n%s\n", abort_details);
    } else {
        printf("Guru Meditation Error: Core  0 panic'ed (%s). Exception was unhandled.\n", port_trap_reason(frame));
    }
}

static void print_elf_sha256(void) {
    printf("ELF file SHA256: ");
    for (unsigned i = 0; i < ELF_SHA256_DIGITS; i++) {
        printf("%x", elf_sha256[i / 2] >> (i % 2 ? 0 : 4) & 0xf);
    }
    printf("\n");
}

_Noreturn void panic(const struct trap_frame *frame) {
    if (panicking) {
        printf("Panic handler entered multiple times. Abort panic handling. Rebooting ...\n");
        restart();
    }
    panicking = true;
    print_reason(frame);
    printf("\n");
    port_print_registers(frame);
    port_print_backtrace(frame);
    printf("\n\n\n");
    print_elf_sha256();
    printf("\nRebooting...\n");
    restart();
}

_Noreturn void panic_abort(const char *details) {
    abort_details = details;
    port_trap();
}

/* Static, since whoever aborts may be out of stack. */
static char message[160];

_Noreturn void abort(void) {
    uint32_t caller = (uint32_t)(uintptr_t)__builtin_return_address(0) - CALL_BYTES;

    snprintf(message, sizeof message, "abort() was called at PC 0x%08" PRIx32 " on core 0", caller);
    panic_abort(message);
}

_Noreturn void __assert_func(const char *file, int line, const char *function, const char *expression) {
    snprintf(message, sizeof message, "assert failed: %s %s:%d (%s)", function, file, line, expression);
    panic_abort(message);
}

uintptr_t __stack_chk_guard = 0xe5dac0deu;

_Noreturn void __stack_chk_fail(void) {
    panic_abort("Stack smashing protect failure!");
}
