"""One load at a time: a run holds its target and this load generator while its JMeter runs.

Two loads on one generator disturb each other's figures, two on one target say nothing about either. Locks
are `flock`s on files of this user, and JMeter inherits them: where perfpilot is killed, its JMeter holds
them until it ends, and no crash leaves a lock behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import ValidationError

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.install import cache_directory

LOCKS_VARIABLE = "PERFPILOT_LOCKS"
"""Another directory for the locks: one that several load generators share, for targets that they share."""


class Holder(Frozen):
    """Whose load it is."""

    run_id: str
    run_dir: str
    pid: int  # of the perfpilot that took the lock; its JMeter may have outlived it


@contextmanager
def held(run_id: str, run_dir: Path, targets: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Hold the generator and the targets (`host:port`); gives the file descriptors for JMeter to inherit.

    A lock that a JMeter of the same run still holds is no obstacle. Raises NotReadyError, naming the holder,
    where another run holds one. Blocks on files, never on a lock.
    """
    own = Holder(run_id=run_id, run_dir=str(run_dir), pid=os.getpid())
    with ExitStack() as stack:
        taken = []
        for what, path in _paths(targets):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            stack.callback(os.close, descriptor)
            if not _lock(descriptor):
                other = _holder(path)
                if other is None or other.run_id != run_id:
                    raise _busy(what, other)
                continue
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, own.model_dump_json().encode(), 0)
            taken.append(descriptor)
        yield tuple(taken)


def require_free(run_id: str, run_dir: Path, targets: Sequence[str]) -> None:
    """Raises NotReadyError where another run holds the generator or a target now."""
    with held(run_id, run_dir, targets):
        pass


def _paths(targets: Sequence[str]) -> list[tuple[str, Path]]:
    own = os.environ.get(LOCKS_VARIABLE)
    directory = Path(own) if own else cache_directory("locks")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [("this load generator", directory / "generator.lock")]
    return files + [(f"the target {target}", directory / _name(target)) for target in sorted(set(targets))]


def _name(target: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9.-]", "_", target)[:80]
    return f"target-{readable}-{hashlib.sha256(target.encode()).hexdigest()[:8]}.lock"


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> Holder | None:
    try:
        return Holder.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return None  # taken this very moment, and not signed yet


def _busy(what: str, other: Holder | None) -> NotReadyError:
    if other is None:
        return NotReadyError(f"{what} is held by another run of perfpilot", mend="wait for its end")
    return NotReadyError(
        f"{what} is held by run {other.run_id} (process {other.pid})",
        mend=f"wait for its end, or end it: perfpilot stop {other.run_dir}",
    )
