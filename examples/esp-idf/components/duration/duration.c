#include "duration.h"

#include <inttypes.h>
#include <stdio.h>

void duration_text(char *text, size_t size, uint64_t seconds)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    size_t used = 0;

    snprintf(text, size, "0 s");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        uint64_t count = seconds / units[i].seconds;
        seconds %= units[i].seconds;
        if (count == 0 || used >= size) {
            continue;
        }
        int more = snprintf(text + used, size - used, "%s%" PRIu64 " %s", used ? " " : "", count, units[i].name);
        used += more > 0 ? (size_t)more : 0;
    }
}
