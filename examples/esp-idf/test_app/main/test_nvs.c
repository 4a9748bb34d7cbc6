#include "esp_system.h"
#include "nvs.h"
#include "nvs_flash.h"
#include "unity.h"

static void write_number(uint32_t number)
{
    nvs_handle_t handle;
    TEST_ASSERT_EQUAL(ESP_OK, nvs_flash_init());
    TEST_ASSERT_EQUAL(ESP_OK, nvs_open("tests", NVS_READWRITE, &handle));
    TEST_ASSERT_EQUAL(ESP_OK, nvs_set_u32(handle, "number", number));
    TEST_ASSERT_EQUAL(ESP_OK, nvs_commit(handle));
    nvs_close(handle);
}

static uint32_t read_number(void)
{
    nvs_handle_t handle;
    uint32_t number = 0;
    TEST_ASSERT_EQUAL(ESP_OK, nvs_flash_init());
    TEST_ASSERT_EQUAL(ESP_OK, nvs_open("tests", NVS_READONLY, &handle));
    TEST_ASSERT_EQUAL(ESP_OK, nvs_get_u32(handle, "number", &number));
    nvs_close(handle);
    return number;
}

TEST_CASE("what is written can be read", "[nvs]")
{
    write_number(41);
    TEST_ASSERT_EQUAL_UINT32(41, read_number());
}

static void write_and_restart(void)
{
    write_number(42);
    esp_restart();
}

static void read_after_restart(void)
{
    TEST_ASSERT_EQUAL_UINT32(42, read_number());
}

TEST_CASE_MULTIPLE_STAGES("what is written survives a restart", "[nvs][restart]", write_and_restart, read_after_restart)
