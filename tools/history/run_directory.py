"""The run directory: the record of what happened outside. Writes are atomic, attempts are never reused.

runs/<run-id>/
  spec.yaml  spec.effective.yaml  envelope.json  events.jsonl  monitor.csv  result.json ...
  attempts/1/   plan.json, plan.jmx, smoke.jtl, results.jtl, jmeter.log, control/
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from perfpilot.domain.errors import RunDirectoryError

M = TypeVar("M", bound=BaseModel)

MAJOR_VERSION = 1
LOCK = "lock"
_RUN_ID = re.compile(r"\d{8}-\d{6}-[a-z0-9-]{1,40}-[0-9a-f]{6}")


def mint_run_id(test_name: str, now_s: float | None = None) -> str:
    """A new run id: UTC time, a slug of the name, six random hexadecimal digits."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now_s if now_s is not None else time.time()))
    return f"{stamp}-{_slug(test_name)}-{secrets.token_hex(3)}"


def is_run_id(text: str) -> bool:
    """Whether the text has the form that `mint_run_id` gives; other texts never become paths."""
    return _RUN_ID.fullmatch(text) is not None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a whole file or none: temporary sibling, fsync, rename. Mode 0600."""
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class RunDirectory:
    """One run's files. All methods block: call them in a thread from asynchronous code."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, runs: Path, run_id: str) -> RunDirectory:
        """Make the directory, or open it where an interrupted first node had made it already.

        Raises RunDirectoryError where it can't be written.
        """
        path = runs / run_id
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            directory = cls(path.resolve())
            if not directory.has("version.json"):
                write_atomically(directory.path / "version.json", json.dumps({"version": MAJOR_VERSION}))
        except OSError as error:
            raise RunDirectoryError(
                f"no run can be kept in {runs}: {error.strerror or error}",
                mend="make that folder writable, or name another one for the runs",
            ) from error
        return directory

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Open an existing directory. Raises RunDirectoryError: none there, or another major version."""
        version_file = path / "version.json"
        if not version_file.is_file():
            raise RunDirectoryError(f"{path} is not a run of perfpilot", mend="perfpilot runs lists them")
        version = json.loads(version_file.read_text()).get("version")
        if version != MAJOR_VERSION:
            raise RunDirectoryError(
                f"{path} was written by another major version ({version}, this is {MAJOR_VERSION})",
                mend="use the perfpilot that wrote it",
            )
        return cls(path.resolve())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the run: two that drive it at once would both start its load. A kill lets go of it.

        Raises RunDirectoryError where another perfpilot holds it.
        """
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise RunDirectoryError(
                f"another perfpilot is at work on run {self.id}",
                mend="wait for its end, or end its load with perfpilot stop",
            ) from None
        try:
            yield
        finally:
            os.close(descriptor)

    @property
    def id(self) -> str:
        """The run id."""
        return self.path.name

    def made_ms(self) -> int:
        """When the run was made, epoch milliseconds."""
        return int((self.path / "version.json").stat().st_mtime * 1000)

    def has(self, name: str) -> bool:
        """Whether that file exists."""
        return (self.path / name).is_file()

    def write_text(self, name: str, content: str) -> Path:
        """Write a text file atomically and return its path."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, content)
        return path

    def read_text(self, name: str) -> str:
        """Read a text file. Raises RunDirectoryError where it is missing."""
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RunDirectoryError(f"{self.path} has no {name}", mend="the run ended before it") from None

    def write(self, name: str, model: BaseModel) -> Path:
        """Write a model as JSON, atomically."""
        return self.write_text(name, model.model_dump_json(indent=2))

    def read(self, name: str, kind: type[M]) -> M:
        """Read a model. Raises RunDirectoryError where the file is missing or does not fit."""
        try:
            return kind.model_validate_json(self.read_text(name))
        except ValidationError as error:
            problem = f"{self.path / name} is damaged: {error.error_count()} problems"
            raise RunDirectoryError(problem) from error

    def read_or_none(self, name: str, kind: type[M]) -> M | None:
        """Read a model, or None where the file does not exist."""
        return self.read(name, kind) if self.has(name) else None

    def attempt(self, number: int) -> Path:
        """The directory of an attempt; made by `claim_attempt`."""
        return self.path / "attempts" / str(number)

    def attempts(self) -> tuple[int, ...]:
        """Numbers of the attempts that were claimed, ascending."""
        parent = self.path / "attempts"
        if not parent.is_dir():
            return ()
        return tuple(sorted(int(p.name) for p in parent.iterdir() if p.name.isdigit()))

    def claim_attempt(self, number: int, task: str) -> bool:
        """Claim an attempt for a task. True: claimed now or by this task before; False: another's."""
        path = self.attempt(number)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(mode=0o700, exist_ok=True)
        claim = path / "claim"
        if not claim.is_file():  # new, or its claimer died between the two writes and did nothing yet
            write_atomically(claim, task)
        return claim.read_text() == task

    def request_stop(self) -> None:
        """Ask whoever runs this run to end its load gracefully."""
        (self.path / "stop").touch(mode=0o600)

    def forget_stop(self) -> None:
        """Forget that a stop was asked for: the run is resumed on purpose."""
        (self.path / "stop").unlink(missing_ok=True)

    def stop_requested(self) -> bool:
        """Whether a stop was asked for."""
        return (self.path / "stop").exists()


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "run"
