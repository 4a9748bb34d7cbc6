"""Counts the resets that nobody asked for: a few of them are a reboot loop."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tpf.console.guards import Hit
from tpf.console.quoting import quote

MOST: Final = 3  # so many that nobody asked for, within a case, are a reboot loop


class Resets:
    """Reset banners since the case or boot began, as far as nobody asked for them."""

    def __init__(self) -> None:
        self._wanted = 0  # banners that are still to come and are fine
        self._unasked: list[int] = []  # the numbers of their lines

    def forget(self) -> None:
        """A case begins."""
        self._unasked.clear()

    def boot(self) -> None:
        """A boot begins, with a banner of its own."""
        self.forget()
        self._wanted = 1

    def ask(self) -> None:
        """The next banner is fine."""
        self._wanted += 1

    def pardon(self, number: int) -> None:
        """The banner in this line is fine."""
        if number in self._unasked:
            self._unasked.remove(number)

    def pardon_after(self, number: int) -> None:
        """The first banner behind this line is fine, also when it is still to come."""
        late = next((unasked for unasked in self._unasked if unasked > number), None)
        if late is None:
            self.ask()
        else:
            self.pardon(late)

    def count(self, hit: Hit) -> Hit | None:
        """The hit of a reboot loop when this banner is one too many."""
        if self._wanted:
            self._wanted -= 1
            return None
        self._unasked.append(hit.number)
        if len(self._unasked) < MOST:
            return None
        count = f"{len(self._unasked)} times and nothing asked it to"
        return replace(
            hit, headline=f"reboot loop: the device has reset {count}; the last one says {quote(hit.line.strip())}"
        )
