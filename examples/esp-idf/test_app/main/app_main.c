// Shows Unity's menu on the console, which <unity> drives.
#include "unity.h"

void app_main(void)
{
    unity_run_menu();
}
