#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "boots.h"
#include "crash.h"
#include "esp_check.h"
#include "esp_console.h"
#include "esp_system.h"

static const char *const TAG = "commands";

static int do_ping(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("pong\n");
    return 0;
}

static int do_heap(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("free: %" PRIu32 ", least so far: %" PRIu32 "\n", esp_get_free_heap_size(),
           esp_get_minimum_free_heap_size());
    return 0;
}

static int do_nvs(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "count") == 0) {
        printf("boots: %" PRIu32 "\n", boots_read());
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "forget") == 0) {
        return boots_forget() == ESP_OK ? 0 : 1;
    }
    printf("usage: nvs count|forget\n");
    return 1;
}

static int do_crash(int argc, char **argv)
{
    if (argc == 2 && crash(argv[1]) == 0) {
        return 0;
    }
    printf("usage: crash %s\n", CRASH_WAYS);
    return 1;
}

static int do_restart(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    esp_restart();
}

esp_err_t commands_register(void)
{
    static const esp_console_cmd_t commands[] = {
        {.command = "ping", .help = "Answer pong", .func = do_ping},
        {.command = "heap", .help = "Tell how much heap is free, in bytes", .func = do_heap},
        {.command = "nvs", .help = "nvs count: how often the device has started; nvs forget: start over", .func = do_nvs},
        {.command = "crash", .help = "Break in some way", .hint = "null|abort|assert|stack|wdt", .func = do_crash},
        {.command = "restart", .help = "Start over", .func = do_restart},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        ESP_RETURN_ON_ERROR(esp_console_cmd_register(&commands[i]), TAG, "%s", commands[i].command);
    }
    return ESP_OK;
}
