"""ESP-IDF's Unity menu as a scripted firmware: its tests do what a test of ours wants them to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.scripted import ScriptedMachine

PROMPT = "\n\nPress ENTER to see the list of tests.\n"
READY = "Enter next test, or 'enter' to see menu\n"
BANNER = "ESP-ROM:esp32c3\nrst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\n"
PANIC = "Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.\n\nMEPC    : 0x4200\n"

Body = Callable[["UnityFirmware", ScriptedMachine, str], None]  # is given the test's name


@dataclass(frozen=True)
class Test:
    """A test, or with `stages` one of several."""

    __test__ = False

    name: str
    body: Body | None = None
    tags: str = ""
    stages: tuple[tuple[str, Body], ...] = ()


def passes(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    firmware.result(device, name, "PASS")


def fails(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    firmware.result(device, name, "FAIL: Expected 5 Was 4", failures=1)


def ignores(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    firmware.result(device, name, "IGNORE: not today", ignored=1)


def crashes(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    device.say(f"{PANIC}Rebooting...\n")
    device.start()


def restarts(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    device.start()


def hangs(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    device.say("waiting for ever\n")


def exits(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
    device.end("killed by SIGSEGV")


@dataclass
class UnityFirmware:
    """Satisfies `tests.fakes.scripted.Firmware`."""

    tests: tuple[Test, ...]
    ready: bool = True  # whether it says that it waits for the next test: older menus don't
    starts_with_menu: bool = True
    torn_menus: int = 0  # lists that lack an entry
    broken: bool = False  # panics whenever it starts
    asked: list[str] = field(default_factory=list)
    _stages: Test | None = None

    def __call__(self, device: ScriptedMachine, line: str) -> None:
        if device.starts != int(device.flash.get("seen", "0")):
            device.flash["seen"] = str(device.starts)
            self._stages = None
            if self.broken:
                device.say(f"{BANNER}{PANIC}Rebooting...\n")
                device.soon(device.start, 0.005)
                return
            device.say(f"{BANNER}{PROMPT if self.starts_with_menu else 'shell> '}")
            return
        self.asked.append(line)
        if self._stages is not None:
            self._stage(device, self._stages, int(line))
        elif line.isdecimal():
            self._run(device, self.tests[int(line) - 1])
        elif line == "":
            device.say(self._menu())

    def _menu(self) -> str:
        lines = ["", "", "Here's the test menu, pick your combo:"]
        for number, test in enumerate(self.tests, 1):
            if self.torn_menus and number == 1:
                self.torn_menus -= 1
                continue
            lines.append(f'({number})\t"{test.name}" {test.tags}')
            lines.extend(f'\t({stage})\t"{name}"' for stage, (name, _) in enumerate(test.stages, 1))
        return "\n".join((*lines, "", "Enter test for running.", ""))

    def _run(self, device: ScriptedMachine, test: Test) -> None:
        device.say(f"Running {test.name}...\n")
        if test.stages:
            self._stages = test
            names = "".join(f'\t({stage})\t"{name}"\n' for stage, (name, _) in enumerate(test.stages, 1))
            device.say(f"{test.name}\n{names}")
        elif test.body is not None:
            test.body(self, device, test.name)

    def _stage(self, device: ScriptedMachine, test: Test, number: int) -> None:
        self._stages = None
        test.stages[number - 1][1](self, device, test.name)

    def result(
        self, device: ScriptedMachine, name: str, result: str, *, tests: int = 1, failures: int = 0, ignored: int = 0
    ) -> None:
        """What the menu says at a test's end."""
        line = f"./main/main.c:{len(name)}:{name}:{result}\n" if result else ""
        device.say(f"{line}Test ran in 12ms\n\n-----------------------\n")
        device.say(f"{tests} Tests {failures} Failures {ignored} Ignored \n{'FAIL' if failures else 'OK'}\n")
        if self.ready:
            device.say(READY)
