"""Why a build failed, in one line: the status and the last line of a run have room for no more."""

from __future__ import annotations

import pytest

from tpf.firmware.causes import cause_of

LAST = "make: *** [Makefile:52: main.o] Error 1\n"

COMPILER = f"main.c: In function 'f':\nmain.c:3:5: error: 'x' undeclared\nmain.c:9:1: error: later\n{LAST}"
LINKER = f"ld: main.o: in function `f':\nmain.c:3: undefined reference to `g'\ncollect2: error: ld returned 1\n{LAST}"
MAKE = "Makefile:31: *** TARGET is 'esp32', but must be riscv32-virt.  Stop.\n"
CMAKE = "-- a\nCMake Error at CMakeLists.txt:3 (message):\n  no such component\n\n\n-- Configuring incomplete\n"
SCRIPT = f"building\nbuild.sh: 3: idf.py: not found\n\n{LAST}"
IDF = "idf.py: the target is not set\nninja failed with exit code 1, output is in build/log\n"


@pytest.mark.parametrize(
    "text, cause",
    [
        (COMPILER, "main.c:3:5: error: 'x' undeclared"),
        (LINKER, "main.c:3: undefined reference to `g'"),
        (MAKE, "Makefile:31: *** TARGET is 'esp32', but must be riscv32-virt. Stop."),
        (CMAKE, "CMake Error at CMakeLists.txt:3 (message): no such component"),
        (SCRIPT, "build.sh: 3: idf.py: not found"),
        (IDF, "idf.py: the target is not set"),
        (LAST, ""),
        ("\n \n", ""),
    ],
)
def test_the_cause_is_the_first_error_else_the_last_words(text: str, cause: str) -> None:
    assert cause_of(text) == cause
