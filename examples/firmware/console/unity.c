/* A very small Unity: counts, bails out of a test, prints results. */
#include "unity.h"

#include <setjmp.h>
#include <stdio.h>

static struct {
    const struct unity_test *test;
    unsigned tests, failures, ignored;
    jmp_buf bail;
} unity;

enum outcome { PASSED, FAILED, IGNORED };

void unity_begin(void) {
    unity.tests = unity.failures = unity.ignored = 0;
}

static void print_result(int line, const char *result) {
    printf("%s:%d:%s:%s", unity.test->file, line, unity.test->name, result);
}

void unity_run_stage(const struct unity_test *test, size_t stage) {
    unity.test = test;
    unity.tests++;
    switch (setjmp(unity.bail)) {
    case PASSED:
        test->stages[stage].run();
        print_result(test->line, "PASS");
        break;
    case FAILED:
        unity.failures++;
        break;
    default:
        unity.ignored++;
    }
    printf("\n");
}

void unity_end(void) {
    printf("\n-----------------------\n");
    printf("%u Tests %u Failures %u Ignored \n", unity.tests, unity.failures, unity.ignored);
    printf("%s\n", unity.failures ? "FAIL" : "OK");
}

void unity_assert_equal(long expected, long actual, int line, const char *message) {
    if (expected == actual) {
        return;
    }
    print_result(line, "FAIL");
    printf(": Expected %ld Was %ld. Function %s%s%s", expected, actual, unity.test->tags, message ? ". " : "",
           message ? message : "");
    longjmp(unity.bail, FAILED);
}

_Noreturn void unity_ignore(int line, const char *message) {
    print_result(line, "IGNORE");
    printf(": %s", message);
    longjmp(unity.bail, IGNORED);
}
