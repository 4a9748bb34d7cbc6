"""The ports that QEMU chose are read from its monitor."""

from __future__ import annotations

import pytest

from tpf.machines.qemu.ports import addresses
from tpf.scenario.model import Forward

# of QEMU 7.2, with a connection open
ANSWER = """Hub -1 (net):\r
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r
  TCP[ESTABLISHED]   16       127.0.0.1 41234       10.0.2.15    80     0     0\r
  TCP[HOST_FORWARD]  13       127.0.0.1 34765       10.0.2.15   443     0     0\r
  TCP[HOST_FORWARD]  12       127.0.0.1 41234       10.0.2.15    80     0     0\r
"""
WEB = Forward(name="web", guest=80)
TLS = Forward(name="tls", guest=443)


def test_each_forward_has_its_port() -> None:
    assert addresses((WEB, TLS), ANSWER) == {"web": "127.0.0.1:41234", "tls": "127.0.0.1:34765"}


def test_two_forwards_to_one_port_of_the_guest() -> None:
    again = ANSWER + "  TCP[HOST_FORWARD]  14       127.0.0.1 50000       10.0.2.15    80     0     0\r\n"
    found = addresses((WEB, Forward(name="again", guest=80)), again)
    assert set(found.values()) == {"127.0.0.1:41234", "127.0.0.1:50000"}


@pytest.mark.parametrize("answer", ["", "no network\r\n", ANSWER.replace("HOST_FORWARD", "CLOSED")])
def test_a_forward_that_is_not_there(answer: str) -> None:
    with pytest.raises(ValueError, match=r"forwards no port to the guest's port 80 \(web\)"):
        addresses((WEB,), answer)
