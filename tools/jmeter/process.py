"""A JMeter process: started in a session of its own, recorded by identity, found again, ended for certain."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from perfpilot.domain.base import Frozen
from perfpilot.tools.history.run_directory import write_atomically

RECORD = "jmeter.json"

_PRIVATELY = ("/bin/sh", "-c", 'umask 077; exec "$0" "$@"')
"""What JMeter writes is nobody else's business. uvloop, under LangGraph's server, takes no `umask=`."""


class Identity(Frozen):
    """Which process: a pid alone may be reused, a pid with its start time is not."""

    pid: int
    create_time: float
    marker: str  # `run-id/attempt`, also on the command line


class Running:
    """A JMeter that was started by us, or adopted from a perfpilot that died."""

    def __init__(self, identity: Identity, child: asyncio.subprocess.Process | None) -> None:
        self.identity = identity
        self._child = child

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self.identity.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code once ended; None while it runs, and for an adopted process."""
        return self._child.returncode if self._child else None

    def alive(self) -> bool:
        """Whether this very process still runs."""
        if self._child:
            return self._child.returncode is None
        return is_alive(self.identity)

    async def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long. True: it ended."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.alive():
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to its whole group, after proving that the group is still this process."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.identity.pid, number)


async def start(
    command: Sequence[str], *, directory: Path, record: Path, marker: str, environment: Mapping[str, str]
) -> Running:
    """Start a command in its own session and record its identity, with its output, in `record`.

    Its output goes to a file, not a pipe: JMeter must survive the death of perfpilot.
    """
    output = await asyncio.to_thread(_open_to_append, record / "jmeter.out")
    try:
        child = await asyncio.create_subprocess_exec(
            *_PRIVATELY,
            *command,
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=dict(environment),
        )
    finally:
        os.close(output)
    try:
        identity = await asyncio.to_thread(_identify, child.pid, marker)
        await asyncio.to_thread(write_atomically, record / RECORD, identity.model_dump_json())
    except BaseException:
        if child.returncode is None:  # an unrecorded JMeter must not live
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
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
    return f"-Jperfpilot.run={marker}"


def _open_to_append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _identify(pid: int, marker: str) -> Identity:
    try:
        return Identity(pid=pid, create_time=psutil.Process(pid).create_time(), marker=marker)
    except psutil.NoSuchProcess:  # gone already: recorded all the same, so that nothing starts twice
        return Identity(pid=pid, create_time=0.0, marker=marker)
