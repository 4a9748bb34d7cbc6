// A lamp without a lamp: what an ESP-IDF application needs so that there is something to test.
#include <inttypes.h>
#include <stdio.h>

#include "boots.h"
#include "commands.h"
#include "esp_console.h"
#include "esp_err.h"
#include "network.h"
#include "sdkconfig.h"
#include "web.h"

static void start_console(void)
{
    esp_console_repl_t *repl = NULL;
    esp_console_repl_config_t config = ESP_CONSOLE_REPL_CONFIG_DEFAULT();
    config.prompt = CONFIG_IDF_TARGET ">";
    esp_console_dev_uart_config_t uart = ESP_CONSOLE_DEV_UART_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_console_new_repl_uart(&uart, &config, &repl));
    ESP_ERROR_CHECK(commands_register());
    ESP_ERROR_CHECK(esp_console_start_repl(repl));
}

void app_main(void)
{
    ESP_ERROR_CHECK(boots_count_one());
    printf("lamp: boot %" PRIu32 "\n", boots_read());
    esp_err_t error = network_start(web_start);
    if (error == ESP_ERR_NOT_SUPPORTED) {
        printf("lamp: this build has no network\n");
    } else {
        ESP_ERROR_CHECK(error);
    }
    start_console();
}
