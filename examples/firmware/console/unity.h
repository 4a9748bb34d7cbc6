/* A very small Unity: runs tests and prints what ThrowTheSwitch's Unity prints under ESP-IDF. */
#pragma once

#include <stddef.h>

#define UNITY_MAX_STAGES 2

struct unity_test {
    const char *name;
    const char *tags;
    const char *file;
    int line;
    size_t stage_count;
    struct {
        const char *name;
        void (*run)(void);
    } stages[UNITY_MAX_STAGES];
};

/* TEST_CASE(adds_numbers, "adds numbers", "[math]") { ... } defines `adds_numbers_test`. */
#define TEST_CASE(id, name_, tags_)                                                        \
    static void id(void);                                                                  \
    static const struct unity_test id##_test = {                                           \
        .name = name_, .tags = tags_, .file = "./" __FILE__, .line = __LINE__,             \
        .stage_count = 1, .stages = {{NULL, id}},                                          \
    };                                                                                     \
    static void id(void)

#define TEST_CASE_MULTIPLE_STAGES(id, name_, tags_, first_name, first, second_name, second) \
    static const struct unity_test id##_test = {                                           \
        .name = name_, .tags = tags_ "[multi_stage]", .file = "./" __FILE__,               \
        .line = __LINE__, .stage_count = 2, .stages = {{first_name, first}, {second_name, second}}, \
    }

#define TEST_ASSERT_EQUAL_INT(expected, actual) unity_assert_equal(expected, actual, __LINE__, NULL)
#define TEST_ASSERT_EQUAL_INT_MESSAGE(expected, actual, message) unity_assert_equal(expected, actual, __LINE__, message)
#define TEST_IGNORE_MESSAGE(message) unity_ignore(__LINE__, message)

void unity_begin(void);
void unity_run_stage(const struct unity_test *test, size_t stage);
void unity_end(void);

void unity_assert_equal(long expected, long actual, int line, const char *message);
_Noreturn void unity_ignore(int line, const char *message);
