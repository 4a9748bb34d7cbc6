"""The chip revision that an eFuse file tells: the words are the blocks' registers in order, from block 0 on."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.espressif_qemu.boards import Board


def revision(board: Board, path: Path | None) -> tuple[int, int]:
    """Major and minor; of a chip without a file, which has no fuse burnt, 0 and 0."""
    data = path.read_bytes() if path is not None else bytes(board.fuses)
    words = [int.from_bytes(data[place : place + 4], "little") for place in range(0, 60, 4)]
    if board.machine == "esp32":
        burnt = (words[3] >> 15 & 1, words[5] >> 20 & 1)
        return {(0, 0): 0, (1, 0): 1, (1, 1): 3}.get(burnt, 0), words[5] >> 24 & 3
    block1 = words[6:12]
    return block1[5] >> 24 & 3, (block1[3] >> 18 & 7) | (block1[5] >> 23 & 1) << 3
