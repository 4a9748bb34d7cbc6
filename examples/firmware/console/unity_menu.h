/* ESP-IDF's Unity menu on the console, and a run without it. */
#pragma once

#include <stdbool.h>

/* Until `q` or `quit`. A chip that restarts from inside comes back to the menu, as ESP-IDF's test applications do. */
void unity_menu(void);

/* Runs the tests named in `args` (pass, fail, ignore; one of each if empty); false if a word is none of them. */
bool unity_run_on_request(char *args);
