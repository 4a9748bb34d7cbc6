#include <string.h>

#include "duration.h"
#include "unity.h"

static const char *text_of(uint64_t seconds)
{
    static char text[DURATION_SIZE];
    duration_text(text, sizeof(text), seconds);
    return text;
}

TEST_CASE("nothing is 0 s", "[duration]")
{
    TEST_ASSERT_EQUAL_STRING("0 s", text_of(0));
}

TEST_CASE("units that are 0 are left out", "[duration]")
{
    TEST_ASSERT_EQUAL_STRING("59 s", text_of(59));
    TEST_ASSERT_EQUAL_STRING("1 min", text_of(60));
    TEST_ASSERT_EQUAL_STRING("1 h 1 s", text_of(3601));
    TEST_ASSERT_EQUAL_STRING("1 d 2 h 3 min 4 s", text_of(93784));
}

TEST_CASE("a short buffer is not overrun", "[duration]")
{
    char text[8] = "xxxxxxx";
    duration_text(text, 4, 93784);
    TEST_ASSERT_EQUAL_STRING("1 d", text);
    TEST_ASSERT_EQUAL_HEX8('x', text[4]);
}

TEST_CASE("the longest fits", "[duration]")
{
    TEST_ASSERT_LESS_THAN(DURATION_SIZE, strlen(text_of(UINT64_MAX)) + 1);
}
