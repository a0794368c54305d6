"""Signals while a run goes on: the first ends the load gracefully, a second SIGINT or SIGTERM kills.

SIGHUP says that the terminal was closed. Nobody watches any more, so the load is ended as by Ctrl-C, and its
report written. It never kills: shell and kernel each send one, so that one terminal's end may come as two.
Whoever started the run with nohup wants it to go on, and it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

FIRST = "ending the load, the report follows; once more kills"
SECOND = "killing the load"

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """`event` is set by the first signal, the task is cancelled by the second; a third acts as by default.

    SIGHUP sets the event and does nothing else.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.event = asyncio.Event()
        self.killed = False
        self._say = say

    @contextlib.contextmanager
    def listening(self, task: asyncio.Task[Any]) -> Iterator[None]:
        """Handle the signals inside the block; the process's own behaviour is back after it."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._caught, loop, task)
        heeds_hangups = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # as under nohup
        if heeds_hangups:
            loop.add_signal_handler(signal.SIGHUP, self._hung_up)
        try:
            yield
        finally:
            _let_go(loop)
            if heeds_hangups:
                loop.remove_signal_handler(signal.SIGHUP)

    def _caught(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        if not self.event.is_set():
            self.event.set()
            self._say(FIRST)
            return
        self.killed = True
        # Whoever presses Ctrl-C a third time wants out, whatever the cancelled task still waits for.
        _let_go(loop)
        task.cancel()
        self._say(SECOND)

    def _hung_up(self) -> None:
        if not self.event.is_set():
            self.event.set()
            self._say(FIRST)


def _let_go(loop: asyncio.AbstractEventLoop) -> None:
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
