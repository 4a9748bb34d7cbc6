/* ESP-IDF's Unity menu (components/unity/unity_runner.c there), word for word on the console. */
#include "unity_menu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line_editor.h"
#include "port/port.h"
#include "retained.h"
#include "unity.h"
#include "unity_demo.h"
#include "words.h"

#define LINE_SIZE 256u

static void print_stages(const struct unity_test *test) {
    for (size_t i = 0; i < test->stage_count; i++) {
        printf("\t(%u)\t\"%s\"\n", (unsigned)i + 1, test->stages[i].name);
    }
}

static void print_menu(void) {
    printf("\n\nHere's the test menu, pick your combo:\n");
    for (size_t i = 0; i < unity_demo_count; i++) {
        const struct unity_test *test = unity_demo_tests[i];

        printf("(%u)\t\"%s\" %s\n", (unsigned)i + 1, test->name, test->tags);
        if (test->stage_count > 1) {
            print_stages(test);
        }
    }
    printf("\nEnter test for running.\n");
}

static void run_chosen_stage(const struct unity_test *test) {
    char line[LINE_SIZE];
    uint32_t number;

    do {
        printf("%s\n", test->name);
        print_stages(test);
        line_editor_read(line, sizeof line);
    } while (*line == '\0');
    if (parse_number(line, test->stage_count, &number) && number >= 1) {
        unity_run_stage(test, number - 1);
    } else {
        printf("Invalid selection, your should input number 1-%u\n", (unsigned)test->stage_count); /* sic */
    }
}

static void run_test(const struct unity_test *test) {
    printf("Running %s...\n", test->name);
    if (test->stage_count == 1) {
        unity_run_stage(test, 0);
    } else {
        run_chosen_stage(test);
    }
}

static void run_all(void) {
    for (size_t i = 0; i < unity_demo_count; i++) {
        run_test(unity_demo_tests[i]);
    }
}

static void run_by_number(const char *text) {
    uint32_t number;
    uint64_t start = port_now_us();

    if (parse_number(text, unity_demo_count, &number) && number >= 1) {
        run_test(unity_demo_tests[number - 1]);
        printf("Test ran in %" PRIu32 "ms\n", (uint32_t)((port_now_us() - start) / 1000));
    }
}

static void run_by_name(char *quoted) {
    char *end = strrchr(quoted, '"');

    *end = '\0';
    for (size_t i = 0; end > quoted && i < unity_demo_count; i++) {
        if (strcmp(unity_demo_tests[i]->name, quoted + 1) == 0) {
            run_test(unity_demo_tests[i]);
        }
    }
}

static void run_by_tag(const char *tag, bool invert) {
    printf("Running tests %smatching '%s'...\n", invert ? "NOT " : "", tag);
    for (size_t i = 0; i < unity_demo_count; i++) {
        if ((strstr(unity_demo_tests[i]->tags, tag) != NULL) != invert) {
            run_test(unity_demo_tests[i]);
        }
    }
}

static void run_selection(char *line) {
    bool invert = *line == '!';
    char *what = line + invert;

    if (*what == '*') {
        run_all();
    } else if (*what == '[') {
        run_by_tag(what, invert);
    } else if (*what == '"') {
        run_by_name(what);
    } else {
        run_by_number(what);
    }
}

static void trim_end(char *line) {
    size_t length = strlen(line);

    while (length > 0 && line[length - 1] == ' ') {
        line[--length] = '\0';
    }
}

/* False when the menu is left. */
static bool serve_line(char *line) {
    if (strcmp(line, "q") == 0 || strcmp(line, "quit") == 0) {
        return false;
    }
    if (*line == '\0') {
        print_menu();
    } else if (*line == '-') {
        unity_end(); /* the summary of the last run once more */
    } else {
        unity_begin();
        run_selection(line);
        unity_end();
        printf("Enter next test, or 'enter' to see menu\n");
    }
    return true;
}

void unity_menu(void) {
    char line[LINE_SIZE];

    retained_set(RETAINED_UNITY_MENU, true);
    printf("\n\nPress ENTER to see the list of tests.\n");
    do {
        line_editor_read(line, sizeof line);
        trim_end(line);
    } while (serve_line(line));
    retained_set(RETAINED_UNITY_MENU, false);
}

static bool are_known(const char *words) {
    char copy[LINE_SIZE];
    char *rest = strncpy(copy, words, sizeof copy - 1);

    copy[sizeof copy - 1] = '\0';
    while (*rest) {
        if (!unity_demo_find_request(next_word(&rest))) {
            return false;
        }
    }
    return true;
}

bool unity_run_on_request(char *args) {
    char defaults[] = "pass fail ignore";
    char *rest = *args ? args : defaults;

    if (!are_known(rest)) {
        return false;
    }
    unity_begin();
    while (*rest) {
        run_test(unity_demo_find_request(next_word(&rest)));
    }
    unity_end();
    return true;
}
