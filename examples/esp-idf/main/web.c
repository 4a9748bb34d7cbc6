#include "web.h"

#include <inttypes.h>
#include <stdio.h>

#include "boots.h"
#include "duration.h"
#include "esp_app_desc.h"
#include "esp_http_server.h"
#include "esp_log.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "sdkconfig.h"

static const char *const TAG = "web";

static esp_err_t on_page(httpd_req_t *request)
{
    char uptime[DURATION_SIZE];
    char page[256];
    duration_text(uptime, sizeof(uptime), (uint64_t)esp_timer_get_time() / 1000000);
    snprintf(page, sizeof(page), "<!doctype html><title>Lamp</title><h1>Hello from the lamp</h1><p>%s, up for %s</p>\n",
             CONFIG_IDF_TARGET, uptime);
    httpd_resp_set_type(request, "text/html; charset=utf-8");
    return httpd_resp_sendstr(request, page);
}

static esp_err_t on_status(httpd_req_t *request)
{
    char json[256];
    snprintf(json, sizeof(json),
             "{\"target\": \"%s\", \"version\": \"%s\", \"boots\": %" PRIu32 ", \"free_heap\": %" PRIu32
             ", \"uptime_ms\": %" PRId64 "}\n",
             CONFIG_IDF_TARGET, esp_app_get_description()->version, boots_read(), esp_get_free_heap_size(),
             esp_timer_get_time() / 1000);
    httpd_resp_set_type(request, "application/json");
    return httpd_resp_sendstr(request, json);
}

void web_start(void)
{
    static httpd_handle_t server = NULL;
    static const httpd_uri_t pages[] = {
        {.uri = "/", .method = HTTP_GET, .handler = on_page},
        {.uri = "/api/status", .method = HTTP_GET, .handler = on_status},
    };
    if (server != NULL) {
        return; // a new address is no new server
    }
    httpd_config_t config = HTTPD_DEFAULT_CONFIG();
    esp_err_t error = httpd_start(&server, &config);
    for (size_t i = 0; error == ESP_OK && i < sizeof(pages) / sizeof(pages[0]); i++) {
        error = httpd_register_uri_handler(server, &pages[i]);
    }
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "no web server: %s", esp_err_to_name(error));
        return;
    }
    printf("web: listening on port %u\n", config.server_port);
}
