"""Files that the command writes where a person asked for them: never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from perfpilot.domain.errors import SpecError


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file that did not exist (`replace`: or did), and its directory where that is missing.

    Raises SpecError: the command line is wrong.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if path.is_file() and not replace:
            raise SpecError(f"{path} exists and is left as it is", mend="give another --out") from None
        reason = error.strerror or os.strerror(error.errno or 0)
        raise SpecError(f"{path} can't be written: {reason}", mend="give another name with --out") from None
