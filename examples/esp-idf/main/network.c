#include "network.h"

#include "sdkconfig.h"

#if CONFIG_ETH_USE_OPENETH

#include <stdio.h>

#include "esp_check.h"
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_netif.h"

static const char *const TAG = "network";
static void (*s_when_up)(void);

static void on_address(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    (void)argument;
    (void)base;
    (void)id;
    const ip_event_got_ip_t *event = data;
    printf("network: address " IPSTR "\n", IP2STR(&event->ip_info.ip));
    s_when_up();
}

static esp_err_t install_driver(esp_eth_handle_t *driver)
{
    eth_mac_config_t mac_config = ETH_MAC_DEFAULT_CONFIG();
    eth_phy_config_t phy_config = ETH_PHY_DEFAULT_CONFIG();
    phy_config.autonego_timeout_ms = 100; // there is nobody to negotiate with
    esp_eth_mac_t *mac = esp_eth_mac_new_openeth(&mac_config);
    esp_eth_phy_t *phy = esp_eth_phy_new_dp83848(&phy_config);
    ESP_RETURN_ON_FALSE(mac != NULL && phy != NULL, ESP_FAIL, TAG, "no emulated Ethernet here");
    esp_eth_config_t config = ETH_DEFAULT_CONFIG(mac, phy);
    return esp_eth_driver_install(&config, driver);
}

esp_err_t network_start(void (*when_up)(void))
{
    esp_eth_handle_t driver = NULL;
    s_when_up = when_up;
    ESP_RETURN_ON_ERROR(esp_netif_init(), TAG, "netif");
    ESP_RETURN_ON_ERROR(esp_event_loop_create_default(), TAG, "event loop");
    ESP_RETURN_ON_ERROR(install_driver(&driver), TAG, "driver");

    esp_netif_config_t config = ESP_NETIF_DEFAULT_ETH();
    esp_netif_t *netif = esp_netif_new(&config);
    ESP_RETURN_ON_FALSE(netif != NULL, ESP_ERR_NO_MEM, TAG, "netif");
    ESP_RETURN_ON_ERROR(esp_netif_attach(netif, esp_eth_new_netif_glue(driver)), TAG, "attach");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(IP_EVENT, IP_EVENT_ETH_GOT_IP, on_address, NULL), TAG, "handler");
    return esp_eth_start(driver);
}

#else

esp_err_t network_start(void (*when_up)(void))
{
    (void)when_up;
    return ESP_ERR_NOT_SUPPORTED;
}

#endif
