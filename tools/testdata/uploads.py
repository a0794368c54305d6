"""Files that a test uploads: found below the data roots of the operator's policy, and copied to the attempt.

A description names a file by its path below a data root. Whatever that path is, and whatever links lie on its
way, what is read is a regular file inside of a root: an upload must not carry another file to the target.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from perfpilot.domain.errors import PolicyError, SpecError

MOST_BYTES = 64 * 1024 * 1024
"""Largest file that is uploaded. JMeter reads it from disk for every request."""

_CHUNK = 1024 * 1024


def find_uploads(uploads: Mapping[str, str], roots: Sequence[str]) -> dict[str, Path]:
    """Place in the attempt -> the file to copy there, for `WrittenPlan.uploads`. Reads the disk.

    Raises PolicyError where no data root allows a file, SpecError where there is none that could be sent.
    """
    return {place: _found(path, roots) for place, path in uploads.items()}


def copy_uploads(uploads: Mapping[str, str], roots: Sequence[str], directory: Path) -> None:
    """Copy the files to their places below `directory`; what was there is replaced. Raises as `find_uploads`.

    Copies and no links: what is sent stays the same for the whole attempt.
    """
    for place, source in find_uploads(uploads, roots).items():
        target = directory / place
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy(source, target)


def _found(path: str, roots: Sequence[str]) -> Path:
    if not roots:
        raise PolicyError(
            f"the upload {path!r} is refused: the policy names no data root",
            mend="the operator adds to the policy file (PERFPILOT_POLICY): data_roots: [/srv/test-files]",
        )
    if not path or "\0" in path or Path(path).is_absolute():
        raise SpecError(
            f"the upload {path!r} must be named by its path below a data root",
            mend="write it without a slash at its beginning",
        )
    outside = False
    for root in roots:
        base = Path(root).resolve()
        file = (base / path).resolve()
        if not file.is_relative_to(base):
            outside = True
        elif file.exists():
            return _sendable(file, path)
    if outside:
        raise PolicyError(
            f"the upload {path!r} lies outside of the policy's data roots",
            mend="name a file below one of them; links that lead out of a root are not followed",
        )
    raise SpecError(f"there is no file {path!r} below a data root", mend="put it there, or mend its path")


def _sendable(file: Path, path: str) -> Path:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise SpecError(f"the upload {path!r} is no regular file", mend="name a file")
    if status.st_size > MOST_BYTES:
        raise SpecError(
            f"the upload {path!r} has {status.st_size} bytes; {MOST_BYTES} are the most",
            mend="take a smaller one",
        )
    return file


def _copy(source: Path, target: Path) -> None:
    # The path was resolved: a link at its end, or another kind of file, came there in the meantime.
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file, target.open("wb") as copy:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SpecError(f"the upload {source.name!r} is no regular file any more", mend="name a file")
        left = MOST_BYTES
        while left and (chunk := file.read(min(_CHUNK, left))):
            copy.write(chunk)
            left -= len(chunk)
