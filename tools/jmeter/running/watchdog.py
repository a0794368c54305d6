"""The last resort: a thread that kills JMeter at a moment of the monotonic clock, whatever else hangs."""

from __future__ import annotations

import signal
import threading

from perfpilot.tools.jmeter.running.process import Running


class Watchdog:
    """Kills the process group once `seconds` are over, unless it is left before.

    It reads no file and needs no event loop. What ends a load in order is the ladder; this is for the case
    that the thread which climbs it hangs, on a dead file system for one.
    """

    def __init__(self, running: Running, seconds: float) -> None:
        self._running = running
        self._seconds = seconds
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._guard, name="perfpilot-watchdog", daemon=True)
        self.bit = False

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()

    def _guard(self) -> None:
        if not self._left.wait(max(self._seconds, 0.0)):  # waits on the monotonic clock
            self.bit = True
            self._running.signal_group(signal.SIGKILL)
