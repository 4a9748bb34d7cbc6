/* The tests of Unity's menu: some pass, one fails, one is ignored, one takes its time, one crashes, one needs a reset. */
#include "unity_demo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "panic.h"
#include "retained.h"
#include "task_wdt.h"
#include "unity.h"

TEST_CASE(adds_numbers, "adds numbers", "[math]") {
    TEST_ASSERT_EQUAL_INT(4, 2 + 2);
}

TEST_CASE(fails_on_purpose, "fails on purpose", "[math][fail]") {
    TEST_ASSERT_EQUAL_INT_MESSAGE(5, 2 + 2, "two and two");
}

TEST_CASE(is_ignored, "is ignored", "[ignore]") {
    TEST_IGNORE_MESSAGE("not today");
}

TEST_CASE(odd_name, "a <name> & \"quotes\", with blanks", "[names]") {
    TEST_ASSERT_EQUAL_INT(1, strlen("&"));
}

TEST_CASE(heap_gives_and_takes, "heap gives and takes", "[heap]") {
    void *block = malloc(1024);

    TEST_ASSERT_EQUAL_INT(1, block != NULL);
    free(block);
}

TEST_CASE(takes_its_time, "takes its time", "[slow][timeout=5]") {
    sleep_ms(2000);
}

TEST_CASE(crashes_the_chip, "crashes the chip", "[crash]") {
    crash("null");
}

static void stage_one(void) {
    retained_set(RETAINED_STAGE_ONE_RAN, true);
    restart();
}

static void stage_two(void) {
    TEST_ASSERT_EQUAL_INT_MESSAGE(1, retained_get(RETAINED_STAGE_ONE_RAN), "stage one ran before");
    retained_set(RETAINED_STAGE_ONE_RAN, false);
}

TEST_CASE_MULTIPLE_STAGES(survives_a_reset, "survives a reset", "[reset]", "stage one", stage_one, "stage two", stage_two);

const struct unity_test *const unity_demo_tests[] = {
    &adds_numbers_test, &fails_on_purpose_test, &is_ignored_test,       &odd_name_test, &heap_gives_and_takes_test,
    &takes_its_time_test, &crashes_the_chip_test, &survives_a_reset_test,
};
const size_t unity_demo_count = sizeof unity_demo_tests / sizeof unity_demo_tests[0];

static const struct {
    const char *word;
    const struct unity_test *test;
} requests[] = {
    {"pass", &adds_numbers_test},
    {"fail", &fails_on_purpose_test},
    {"ignore", &is_ignored_test},
};

const struct unity_test *unity_demo_find_request(const char *word) {
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (strcmp(requests[i].word, word) == 0) {
            return requests[i].test;
        }
    }
    return NULL;
}
