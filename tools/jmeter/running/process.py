"""A JMeter process: started in a session of its own, recorded by identity, found again, ended for certain.

Everything here blocks and needs no event loop: whoever watches a load does so in a thread of its own, so
that a loop that hangs can't keep a load running.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from perfpilot.domain.base import Frozen
from perfpilot.tools.history.run_directory import write_atomically

RECORD = "jmeter.json"
ARGUMENT = "-Jperfpilot.run="
"""Begins the argument by which each JMeter of ours is known; its marker follows."""

_LOOK_S = 0.05


class Identity(Frozen):
    """Which process: a pid alone may be reused, a pid with its start time is not."""

    pid: int
    create_time: float
    marker: str  # `run-id/attempt`, also on the command line
    begun_s: float | None = None  # on the monotonic clock of the machine, which all processes share


class Running:
    """A JMeter that was started by us, or adopted from a perfpilot that died."""

    def __init__(self, identity: Identity, child: subprocess.Popen[bytes] | None) -> None:
        self.identity = identity
        self._child = child

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self.identity.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code once ended; None while it runs, and for an adopted process."""
        return self._child.poll() if self._child else None

    def age_s(self) -> float:
        """How long it has been running, whatever was done to the wall clock."""
        if self.identity.begun_s is not None:
            return time.monotonic() - self.identity.begun_s
        return max(time.time() - self.identity.create_time, 0.0)

    def alive(self) -> bool:
        """Whether this very process still runs."""
        if self._child:
            return self._child.poll() is None
        return is_alive(self.identity)

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long. True: it ended."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_S)
        return True

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to its whole group, after proving that the group is still this process."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.identity.pid, number)


def start(
    command: Sequence[str],
    *,
    directory: Path,
    record: Path,
    marker: str,
    environment: Mapping[str, str],
    keep_open: Sequence[int] = (),
) -> Running:
    """Start a command in its own session and record its identity, with its output, in `record`.

    Its output goes to a file, not a pipe: JMeter must survive the death of perfpilot. `keep_open`: file
    descriptors that it inherits, whose locks it holds as long as it lives.
    """
    output = os.open(record / "jmeter.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            list(command),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=dict(environment),
            pass_fds=tuple(keep_open),
            umask=0o077,  # what JMeter writes is nobody else's business
        )
    finally:
        os.close(output)
    try:
        identity = _identify(child.pid, marker)
        write_atomically(record / RECORD, identity.model_dump_json())
    except BaseException:
        if child.poll() is None:  # an unrecorded JMeter must not live
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        raise
    return Running(identity, child)


def adopt(record_dir: Path, marker: str) -> Running | None:
    """The JMeter that an earlier perfpilot started here, if it still runs.

    Looks at the record, and where there is none (killed between start and record) for the marker
    on the command lines of this machine.
    """
    record = record_dir / RECORD
    if record.is_file():
        identity = Identity.model_validate_json(record.read_text())
        return Running(identity, None) if is_alive(identity) else None
    for process in psutil.process_iter(["pid", "cmdline", "create_time"]):
        if _argument(marker) in (process.info["cmdline"] or ()):
            identity = Identity(pid=process.pid, create_time=process.info["create_time"], marker=marker)
            write_atomically(record, identity.model_dump_json())
            return Running(identity, None)
    return None


def is_alive(identity: Identity) -> bool:
    """Whether that process, not another with its pid, runs and is no zombie.

    A start time is counted from the wall clock: where that was set since, the command line tells.
    """
    try:
        process = psutil.Process(identity.pid)
        same = abs(process.create_time() - identity.create_time) < 1.0
        same = same or _argument(identity.marker) in process.cmdline()
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _argument(marker: str) -> str:
    return f"{ARGUMENT}{marker}"


def _identify(pid: int, marker: str) -> Identity:
    begun_s = time.monotonic()
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # gone already: recorded all the same, so that nothing starts twice
        created = 0.0
    return Identity(pid=pid, create_time=created, marker=marker, begun_s=begun_s)
