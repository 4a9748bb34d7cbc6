// The commands of the console; `help` comes with esp_console itself.
#pragma once

#include "esp_err.h"

// Makes them known to esp_console, which has to be there already.
esp_err_t commands_register(void);
