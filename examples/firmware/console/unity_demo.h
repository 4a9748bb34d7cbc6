/* The tests of Unity's menu. */
#pragma once

#include <stddef.h>

struct unity_test;

extern const struct unity_test *const unity_demo_tests[];
extern const size_t unity_demo_count;

/* The test behind a word of `unity run`; NULL if there is none. */
const struct unity_test *unity_demo_find_request(const char *word);
