"""What C sources tell about a console."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.starter.console import console_of, evaluate, without_comments
from testarena_ci.starter.facts import Console, Guess, Unity
from testarena_ci.starter.sources import Text


def console(code: str, settings: str = "", kconfig: str = "") -> Console:
    return console_of(
        (Text(name="main/main.c", text=code),),
        (Text(name="sdkconfig", text=settings),),
        (Text(name="main/Kconfig.projbuild", text=kconfig),),
    )


@pytest.mark.parametrize(
    "code, prompt",
    [
        ('x();\nrepl_config.prompt = "lamp> ";', "lamp>"),
        ('#define PROMPT_STR CONFIG_IDF_TARGET\nrepl_config.prompt = PROMPT_STR ">";', "${target}>"),
        ('const char *prompt = LOG_COLOR_I "lamp> " LOG_RESET_COLOR;', "lamp>"),
        ('esp_console_repl_config_t c = { .prompt = "lamp $", };', "lamp $"),
        ('char *line = linenoise("in\\tput: ");', "in\tput:"),
        ('prompt = "\\033[0;32mlamp>\\x1b[0m";', "lamp>"),
        ('prompt = "${lamp}>";', "$${lamp}>"),
        ("esp_console_repl_config_t c = ESP_CONSOLE_REPL_CONFIG_DEFAULT();", "esp>"),
        ('// prompt = "old>";\nprompt = "new>";', "new>"),
        ('puts("// not a comment"); prompt = "new>";', "new>"),
    ],
)
def test_prompts(code: str, prompt: str) -> None:
    found = console(code).prompt
    assert found is not None
    assert found.value == prompt


def test_a_prompt_has_its_place() -> None:
    found = console('/* first\n */ x();\n\n  repl_config.prompt = "lamp>";').prompt
    assert found == Guess(value="lamp>", why="main/main.c:4")


@pytest.mark.parametrize(
    "code",
    [
        "prompt = make_prompt();",
        "prompt = name;",
        'prompt = "";',
        'prompt = "a\\nb";',
        'prompt == "x"',
        "prompt = A B C",
    ],
)
def test_what_is_no_prompt(code: str) -> None:
    assert console(code).prompt is None


def test_names_from_sdkconfig_win_over_the_default_in_kconfig() -> None:
    kconfig = 'menu "x"\n    config LAMP_PROMPT\n        string "Prompt"\n        default "kconf>"\n    config B\n'
    code = "prompt = CONFIG_LAMP_PROMPT;"
    by_default, by_settings = console(code, "", kconfig), console(code, 'CONFIG_LAMP_PROMPT="set>"\n', kconfig)
    assert by_default.prompt is not None
    assert by_default.prompt.value == "kconf>"
    assert by_settings.prompt is not None
    assert by_settings.prompt.value == "set>"


def test_names_that_stand_for_each_other_end() -> None:
    assert evaluate("A", {"A": "B", "B": "A"}) is None


@pytest.mark.parametrize(
    "code, greeting",
    [
        ('void app_main(void)\n{\n  printf("Hello world!\\n");\n}', "Hello world!"),
        ('void app_main(void) { printf("\\nfree: %d\\n", n); }', "free:"),
        ('void app_main(void) { ESP_LOGI(TAG, "lamp is on"); }', "lamp is on"),
        ('void app_main(void) { if (bad) { printf("it broke"); } puts("it works"); }', "it works"),
        ('void help(void) { printf("usage"); }\nvoid app_main(void) { char c = \'x\'; puts("ready"); }', "ready"),
    ],
)
def test_greetings(code: str, greeting: str) -> None:
    found = console(code).greeting
    assert found is not None
    assert found.value == greeting


@pytest.mark.parametrize(
    "code",
    ['void app_main(void) { ESP_LOGE(TAG, "it broke"); }', 'void app_main(void) { printf("%d"); }', 'puts("x");'],
)
def test_what_is_no_greeting(code: str) -> None:
    assert console(code).greeting is None


def test_unity_and_help() -> None:
    assert console("unity_run_menu();").unity == Guess(value=Unity.MENU, why="main/main.c:1")
    assert console("UNITY_BEGIN();\nunity_run_all_tests();").unity == Guess(value=Unity.RUN, why="main/main.c:1")
    assert console("// unity_run_menu();").unity is None
    assert console("\nesp_console_register_help_command();").help == Guess(value="help", why="main/main.c:2")


def test_comments_become_blanks_and_places_stay() -> None:
    code = 'a /* b\n c */ "// d" // e\nf'
    assert without_comments(code) == 'a     \n      "// d"     \nf'


@pytest.mark.parametrize(
    "code",
    [
        "prompt = " + "a" * 50_000 + "+",
        "prompt = " + "a " * 50_000 + "+",
        'prompt = "' + "\\" * 50_001,
        'prompt = "' + '" "' * 30_000,
        "/*" * 50_000,
        "#define A " + "B " * 50_000,
        "void app_main(void) " + "{" * 50_000 + 'printf("x' * 1000,
        "config A\n" * 20_000,
    ],
    ids=range(8),
)
@pytest.mark.timeout(30)
def test_no_text_makes_a_search_go_on_for_hours(code: str) -> None:
    assert console(code, code, code).help is None


@given(st.text())
def test_any_text_will_do(text: str) -> None:
    console(text, text, text)
