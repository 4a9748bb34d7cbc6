"""The machine kind `qemu` as the engine sees it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from tpf.errors import EnvironmentLacks, UsageError
from tpf.machines.base import BootRequest, Machine, Receiver
from tpf.machines.qemu.endings import no_emulator
from tpf.machines.qemu.lookup import candidates, search_of
from tpf.machines.qemu.machine import QemuMachine, booted
from tpf.machines.qemu.options import Options
from tpf.machines.qemu.plan import board_for, check_links, check_wishes, plan_for
from tpf.machines.qemu.preflight import preflight
from tpf.machines.qemu.virtual import VirtualMachine
from tpf.scenario.model import MachineSpec


class QemuKind:
    """Firmware on a board that QEMU emulates."""

    name = "qemu"
    Options: type[Any] = Options
    targets: tuple[str, ...] = ()  # any: a board without a record is named by hand

    def describe(self, request: BootRequest) -> str:
        options: Options = request.spec.options
        return f"qemu {options.board or request.target}"

    def check_target(self, target: str, options: Any) -> None:
        """For the reader of scenarios. Raises ValueError when target and options stand for no board."""
        board_for(target, options)

    def check_links(self, target: str, machine: MachineSpec, kinds: tuple[str, ...]) -> None:
        """For the reader of scenarios. Raises ValueError when the board has no room for these links."""
        try:
            board = board_for(target, machine.options)
        except ValueError:
            return  # told already
        if machine.has_own_time and kinds:
            which = f"the board {board.machine} is on virtual time"
            raise ValueError(f"{which}, in which it stands still while others run: with a link, leave clock= out")
        check_links(board, bool(machine.forwards), kinds)

    def check(self, request: BootRequest) -> None:
        """What can be told before there is firmware."""
        try:
            board = board_for(request.target, request.spec.options)
            check_wishes(board, request.spec)
        except ValueError as error:
            raise UsageError(f"{request.spec.source}: <machine>: {error}") from None
        if board.package and candidates(board, search_of(request)):
            return
        try:
            request.processes.find(board.emulator, request.checkout)
        except EnvironmentLacks as error:
            raise no_emulator(board, error) from error

    async def preflight(self, request: BootRequest) -> tuple[str, ...]:
        """See `tpf.machines.base.HasPreflight`."""
        return await preflight(request)

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        plan = plan_for(request)
        of_time = VirtualMachine if plan.options.clock == "virtual" else QemuMachine
        return booted(plan, request, lambda prepared: of_time(prepared, request, receiver))
