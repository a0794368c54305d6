"""Installing into the user's cache so that a half-finished install is never taken for a whole one.

An install is filled in a temporary directory beside its destination, gets a marker file that names every
file with its SHA-256, and is then renamed into place. Whoever installs holds a lock; the others wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError

MARKER = "perfpilot-install.json"
_PARTIAL = ".partial-"
_LOCK_POLL_S = 0.2

Progress = Callable[[str], None]


class Install(Frozen):
    """The marker of a whole install: what it is, where it came from, SHA-256 by relative path."""

    version: str
    source: str
    files: dict[str, str]


class SourceFailed(NotReadyError):
    """One source of an install could not deliver. The next one is tried."""


def cache_directory(kind: str) -> Path:
    """Where installs of `kind` ("jmeter", "java") live: `$XDG_CACHE_HOME` or `~/.cache`, `perfpilot/<kind>`.

    A relative `$XDG_CACHE_HOME` is ignored, as the XDG base directory specification asks.
    """
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(xdg) if xdg and Path(xdg).is_absolute() else Path.home() / ".cache"
    return base / "perfpilot" / kind


def read_install(directory: Path) -> Install:
    """The marker of `directory`, after every file it names was read and compared (about 0.1 s for JMeter).

    Raises:
        ValueError: what is missing or damaged; the directory must not be used.
    """
    try:
        install = Install.model_validate_json((directory / MARKER).read_bytes())
    except (OSError, ValidationError):
        raise ValueError(f"{directory} is not a finished install: it has no valid {MARKER}") from None
    for name, digest in install.files.items():
        try:
            intact = _sha256(directory / name) == digest
        except OSError:
            raise ValueError(f"{directory / name} is missing") from None
        if not intact:
            raise ValueError(f"{directory / name} is damaged: its SHA-256 differs from the installed one")
    return install


@asynccontextmanager
async def install_lock(directory: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the lock for installing into `directory`; wait, without blocking the loop, while another has it.

    The kernel gives the lock back when its holder dies, also by kill -9.

    Raises:
        NotReadyError: the cache can't be written.
    """
    try:
        lock = await asyncio.to_thread(_open_lock, directory)
    except OSError as error:
        raise _not_writable(directory, error) from error
    try:
        told = False
        while not await asyncio.to_thread(_try_lock, lock):
            if not told:
                progress(f"another perfpilot is installing into {directory}: waiting for it")
                told = True
            await asyncio.sleep(_LOCK_POLL_S)
        yield
    finally:
        os.close(lock)


async def install(
    destination: Path, fill: Callable[[Path], Awaitable[None]], *, version: str, source: str
) -> Install:
    """Let `fill` put the files into a temporary sibling of `destination`, mark them, rename it into place.

    What stood at `destination` is replaced. The caller holds `install_lock`.

    Raises:
        SourceFailed: raised by `fill`; nothing is left behind.
        NotReadyError: the cache can't be written.
    """
    try:
        partial = await asyncio.to_thread(_make_partial, destination)
        try:
            await fill(partial)
            return await asyncio.to_thread(_publish, partial, destination, version, source)
        finally:
            await asyncio.to_thread(_remove_partials, destination.parent)
    except OSError as error:
        raise _not_writable(destination, error) from error


def _open_lock(directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)
    return os.open(directory / "install.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(lock: int) -> bool:
    import fcntl  # not on native Windows, where `doctor` must still be able to say so

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_partial(destination: Path) -> Path:
    _remove_partials(destination.parent)
    return Path(tempfile.mkdtemp(prefix=f"{_PARTIAL}{destination.name}-", dir=destination.parent))


def _remove_partials(directory: Path) -> None:
    # Only the holder of the lock has a partial directory, so any other one was left by a killed installer.
    # Done before and after an install: a Maven that outlived its killed parent may still write at first.
    for partial in directory.glob(f"{_PARTIAL}*"):
        shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, destination: Path, version: str, source: str) -> Install:
    files = {
        str(path.relative_to(partial)): _sha256(path) for path in sorted(partial.rglob("*")) if path.is_file()
    }
    done = Install(version=version, source=source, files=files)
    (partial / MARKER).write_text(done.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if destination.exists():
        # A directory that is not empty can't be renamed over: move it aside, for the next clean-up.
        aside = Path(tempfile.mkdtemp(prefix=f"{_PARTIAL}old-", dir=destination.parent))
        destination.rename(aside / destination.name)
        partial.rename(destination)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        partial.rename(destination)
    return done


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_writable(where: Path, error: OSError) -> NotReadyError:
    return NotReadyError(
        f"The cache {where} can't be written: {error.strerror or error}.",
        mend="export XDG_CACHE_HOME=<a directory that can be written and has 1 GiB free>",
    )
