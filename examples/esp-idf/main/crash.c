#include "crash.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

const char *const CRASH_WAYS = "null|abort|assert|stack|wdt";

static void by_null(void)
{
    volatile uint32_t *volatile nowhere = NULL; // volatile, or the compiler sees what is coming
    printf("never printed: %u\n", (unsigned)*nowhere);
}

static void by_abort(void)
{
    abort();
}

static void by_assert(void)
{
    volatile int lamps = 0;
    assert(lamps == 1 && "there is a lamp");
}

// Fills more of the stack than its task has. FreeRTOS looks at the end of a stack when it switches to another task.
static void dig(int depth)
{
    volatile uint8_t ground[128];
    memset((void *)ground, depth, sizeof(ground));
    if (depth > 0) {
        dig(depth - 1);
    }
    vTaskDelay(1);
    printf("%u", ground[0]); // so that no level can be left out
}

static void digger(void *argument)
{
    (void)argument;
    dig(32);
    vTaskDelete(NULL);
}

static void by_stack(void)
{
    xTaskCreate(digger, "digger", 2048, NULL, 5, NULL);
    vTaskDelay(pdMS_TO_TICKS(1000));
}

// Keeps the processor from idling for longer than the task watchdog allows.
static void by_wdt(void)
{
    int64_t end = esp_timer_get_time() + (CONFIG_ESP_TASK_WDT_TIMEOUT_S + 1) * 1000000LL;
    while (esp_timer_get_time() < end) {
    }
    printf("the work is done\n");
}

int crash(const char *way)
{
    static const struct {
        const char *name;
        void (*how)(void);
    } ways[] = {
        {"null", by_null}, {"abort", by_abort}, {"assert", by_assert}, {"stack", by_stack}, {"wdt", by_wdt},
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(way, ways[i].name) == 0) {
            ways[i].how();
            return 0;
        }
    }
    return 1;
}
