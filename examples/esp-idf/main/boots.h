// How often the device has started, counted in flash.
#pragma once

#include <stdint.h>

#include "esp_err.h"

// Makes the flash storage ready, and counts this start.
esp_err_t boots_count_one(void);

// The number as it is in flash; 0 when there is none.
uint32_t boots_read(void);

// Starts over: the next start is the first.
esp_err_t boots_forget(void);
