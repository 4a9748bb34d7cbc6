/* Room for the hash of the ELF file. */
#include "elf_sha256.h"

const volatile uint8_t elf_sha256[32] __attribute__((section(".elf_sha256"), used)) = {0};
