"""A fake of Espressif's QEMU: takes the real one's command lines, and plays a program that it finds in the flash image.

    emulators = install(tmp_path / "bin")           # qemu-system-xtensa, qemu-system-riscv32: put this first on PATH
    image.write_bytes(flash_image(Program(name="demo", prompt="esp32> "), "esp32c3"))

What is like the real one (versions 8.2 and 9.2; texts read off it, or off its source):

- Arguments: those that it knows, each with its own options; what it doesn't know, or what contradicts itself, is
  refused with QEMU's text on stderr and exit status 1. `arguments.py`, `boards.py`
- Flash: a raw drive with `if=mtd`, of 2, 4, 8 or 16 MB, which is written to. Silence without one, as with `-kernel`,
  and on the esp32 with `-smp 1`. eFuses: a drive that `-global` gives to the eFuse device. `flash.py`, `fuses.py`
- Console: UART0 on standard input and output, CRLF; each byte is taken as typed; nothing is written when standard input
  is at its end. `console.py`
- QMP on an inherited socket, forwarded ports that answer, `-no-reboot`, `-S`, SIGTERM. `monitor.py`, `network.py`

What is not: no instruction is run. The application part of the flash is an ESP image whose only segment holds a program
as JSON (`program.py`); `guest.py` boots and `firmware.py` plays it: boot log, commands, panics, Unity's menu, pages.
Virtual time (`-icount`) is taken, but the clock is the wall's, and what makes a clock audible (`-object`, `-action`,
`-netdev`) is refused. eFuse files of another size than the chip's are refused; the real one reads as far as they go.
"""

from tests.fakes.espressif_qemu.install import install
from tests.fakes.espressif_qemu.program import Program, UnityTest, app_image, flash_image, partition_table

__all__ = ["Program", "UnityTest", "app_image", "flash_image", "install", "partition_table"]
