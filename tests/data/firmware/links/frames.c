/* For QEMU's lx60-nommu: sends each line of its console as an Ethernet frame, and prints what frames bring. */
#include <stdint.h>

#define UART ((volatile uint8_t *)0x9d050020)
#define UART_DATA 0
#define UART_STATUS (5 * 4)
#define RECEIVED 0x01
#define CAN_SEND 0x20

/* The OpenCores 10/100 Ethernet MAC, https://opencores.org/projects/ethmac: one descriptor to send, one to receive. */
#define ETH ((volatile uint32_t *)0x9d030000)
#define MODE (0x00 / 4)
#define TX_DESCRIPTORS (0x20 / 4)
#define DESCRIPTORS ((volatile uint32_t *)0x9d030400)
#define TX 0
#define RX 2
#define READY 0x8000u /* ours to send, or empty to receive */
#define LAST 0x2000u
#define ENABLE 0xa023u /* receive, send, take all addresses */
#define HEADER 14
#define SHORTEST 60

static uint8_t outgoing[256] __attribute__((aligned(4)));
static uint8_t incoming[1536] __attribute__((aligned(4)));

static void put(char letter) {
    while (!(UART[UART_STATUS] & CAN_SEND)) {
    }
    UART[UART_DATA] = letter;
}

static void say(const char *text) {
    while (*text)
        put(*text++);
}

static void send_frame(uint32_t length) {
    for (int at = 0; at < 6; at++)
        outgoing[at] = 0xff;
    outgoing[12] = 0x88; /* the type for local experiments */
    outgoing[13] = 0xb5;
    outgoing[HEADER + length] = 0;
    length += HEADER + 1;
    DESCRIPTORS[TX + 1] = (uint32_t)(uintptr_t)outgoing;
    DESCRIPTORS[TX] = (length < SHORTEST ? SHORTEST : length) << 16 | READY | LAST;
}

static void receive(void) {
    if (DESCRIPTORS[RX] & READY)
        return;
    say("heard: ");
    say((const char *)incoming + HEADER);
    say("\n");
    DESCRIPTORS[RX] = READY | LAST;
}

void run(void) {
    uint32_t length = 0;
    ETH[TX_DESCRIPTORS] = 1;
    DESCRIPTORS[RX + 1] = (uint32_t)(uintptr_t)incoming;
    DESCRIPTORS[RX] = READY | LAST;
    ETH[MODE] = ENABLE;
    say("up\n");
    for (;;) {
        receive();
        if (!(UART[UART_STATUS] & RECEIVED))
            continue;
        char letter = UART[UART_DATA];
        if (letter == '\n') {
            send_frame(length);
            length = 0;
        } else if (length < sizeof outgoing - HEADER - 1) {
            outgoing[HEADER + length++] = letter;
        }
    }
}

__asm__(".section .start, \"ax\"\n"
        ".literal_position\n"
        ".globl _start\n"
        "_start:\n"
        "  movi a1, 0x3ffc8000\n"
        "  call0 run\n");
