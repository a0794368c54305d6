"""Open sockets of a process."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from perfpilot.tools.monitoring import sockets
from perfpilot.tools.monitoring.sockets import SocketCount

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc")


def test_sockets_are_counted_and_other_files_are_not() -> None:
    before = SocketCount().read({os.getpid()})
    with Path(os.devnull).open(), socket.socket(), socket.socket():
        after = SocketCount().read({os.getpid()})
    assert before is not None and after == before + 2


def test_a_look_is_taken_every_fifth_second_only() -> None:
    count = SocketCount()
    assert count.read({os.getpid()}) is not None
    assert count.read({os.getpid()}) is None


def test_a_process_that_is_gone_or_has_too_many_files_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SocketCount().read({2**22 + 1}) is None
    monkeypatch.setattr(sockets, "MOST_FILES", 0)
    assert SocketCount().read({os.getpid()}) is None
