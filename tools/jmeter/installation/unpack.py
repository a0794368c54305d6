"""Unpacking archives into a directory: regular files only, never outside of it."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

Choose = Callable[[PurePosixPath], PurePosixPath | None]


def unpack_tar(archive: Path, into: Path, choose: Choose) -> int:
    """Write the regular files of a gzipped tar and return how many.

    `choose` maps a member's path to the path it gets under `into`, or to None to leave it out. Links and
    devices are left out. Written by hand because `tarfile`'s own filter is missing before Python 3.11.4.

    Raises:
        ValueError: the archive is damaged, or a member would land outside of `into`.
    """
    written = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                path = choose(PurePosixPath(member.name)) if member.isfile() else None
                source = tar.extractfile(member) if path else None
                if path and source:
                    target = _inside(into, path)
                    with source, target.open("wb") as out:
                        shutil.copyfileobj(source, out)
                    target.chmod(0o755 if member.mode & 0o100 else 0o644)
                    written += 1
    except (tarfile.TarError, EOFError) as error:
        raise ValueError(f"{archive.name} is damaged: {error}") from error
    return written


def unpack_zip(archive: Path, into: Path, choose: Choose) -> int:
    """Write the files of a zip or jar and return how many; `choose` and errors as in `unpack_tar`."""
    written = 0
    try:
        with zipfile.ZipFile(archive) as jar:
            for member in jar.infolist():
                path = None if member.is_dir() else choose(PurePosixPath(member.filename))
                if path:
                    with jar.open(member) as source, _inside(into, path).open("wb") as out:
                        shutil.copyfileobj(source, out)
                    written += 1
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive.name} is damaged: {error}") from error
    return written


def _inside(into: Path, path: PurePosixPath) -> Path:
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"the archive has a member outside of its directory: {path}")
    target = into / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
