// The network: the Ethernet that QEMU emulates. A real board would bring its own driver up here.
#pragma once

#include "esp_err.h"

// Brings it up; `when_up` is called once the device has an address. A build without CONFIG_ETH_USE_OPENETH has none,
// and says so with ESP_ERR_NOT_SUPPORTED.
esp_err_t network_start(void (*when_up)(void));
