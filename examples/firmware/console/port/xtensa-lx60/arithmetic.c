/* Divisions and the long product that GCC calls for: Debian's libgcc leaves them out, an ESP8266 has them in ROM. */
#include <stdint.h>

struct division {
    uint32_t quotient, remainder;
};

static struct division divide(uint32_t dividend, uint32_t divisor) {
    struct division result = {0, 0};

    for (int bit = 31; bit >= 0; bit--) {
        result.remainder = result.remainder << 1 | (dividend >> bit & 1u);
        if (result.remainder >= divisor) {
            result.remainder -= divisor;
            result.quotient |= 1u << bit;
        }
    }
    return result;
}

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __udivsi3(uint32_t dividend, uint32_t divisor) {
    return divide(dividend, divisor).quotient;
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor);
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor) {
    return divide(dividend, divisor).remainder;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) {
    uint64_t quotient = 0;
    uint64_t remainder = 0;

    for (int bit = 63; bit >= 0; bit--) {
        remainder = remainder << 1 | (dividend >> bit & 1u);
        if (remainder >= divisor) {
            remainder -= divisor;
            quotient |= 1ull << bit;
        }
    }
    return quotient;
}

/* From products of 16-bit halves. GCC calls it by name from version 13 on. */
uint64_t __umulsidi3(uint32_t a, uint32_t b);
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    uint32_t low = (a & 0xffff) * (b & 0xffff);
    uint32_t middle_1 = (a >> 16) * (b & 0xffff) + (low >> 16);
    uint32_t middle_2 = (a & 0xffff) * (b >> 16) + (middle_1 & 0xffff);
    uint32_t high = (a >> 16) * (b >> 16) + (middle_1 >> 16) + (middle_2 >> 16);

    return (uint64_t)high << 32 | (uint32_t)(middle_2 << 16 | (low & 0xffff));
}

/* The low 64 bits. */
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __muldi3(uint64_t a, uint64_t b) {
    uint32_t a_low = (uint32_t)a, b_low = (uint32_t)b;
    uint32_t high = (uint32_t)(a >> 32) * b_low + a_low * (uint32_t)(b >> 32);

    return __umulsidi3(a_low, b_low) + ((uint64_t)high << 32);
}
