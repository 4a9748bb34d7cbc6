/* The hash of the ELF file this firmware was loaded from; elf_sha256.py writes it after linking and says what it covers. */
#pragma once

#include <stdint.h>

#define ELF_SHA256_DIGITS 9 /* as many as ESP-IDF prints */

extern const volatile uint8_t elf_sha256[32]; /* volatile: the compiler must not believe in the zeros */
