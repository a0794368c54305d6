"""Files that the command writes where a person asked for them: never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from perfpilot.domain.errors import SpecError


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file that did not exist (`replace`: or did). Raises SpecError: the command line is wrong."""
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SpecError(f"{path} exists and is left as it is", mend="give another name with --out") from None
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise SpecError(f"{path} can't be written: {reason}", mend="give another name with --out") from None
