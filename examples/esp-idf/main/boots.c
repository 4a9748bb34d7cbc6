#include "boots.h"

#include "esp_check.h"
#include "nvs.h"
#include "nvs_flash.h"

static const char *const TAG = "boots";
static const char *const SPACE = "lamp";
static const char *const KEY = "boots";

// A partition that is full, or written by a newer NVS, is made anew: nothing in it is dear.
static esp_err_t open_flash(void)
{
    esp_err_t error = nvs_flash_init();
    if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND) {
        ESP_RETURN_ON_ERROR(nvs_flash_erase(), TAG, "erase");
        error = nvs_flash_init();
    }
    return error;
}

static esp_err_t write(uint32_t number)
{
    nvs_handle_t handle;
    ESP_RETURN_ON_ERROR(nvs_open(SPACE, NVS_READWRITE, &handle), TAG, "open");
    esp_err_t error = nvs_set_u32(handle, KEY, number);
    if (error == ESP_OK) {
        error = nvs_commit(handle);
    }
    nvs_close(handle);
    return error;
}

esp_err_t boots_count_one(void)
{
    ESP_RETURN_ON_ERROR(open_flash(), TAG, "flash");
    return write(boots_read() + 1);
}

uint32_t boots_read(void)
{
    nvs_handle_t handle;
    uint32_t number = 0;
    if (nvs_open(SPACE, NVS_READONLY, &handle) == ESP_OK) {
        nvs_get_u32(handle, KEY, &number); // stays 0 when there is none
        nvs_close(handle);
    }
    return number;
}

esp_err_t boots_forget(void)
{
    return write(0);
}
