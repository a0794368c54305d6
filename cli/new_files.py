"""Files that the command writes where a person asked for them: never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from perfpilot.domain.errors import SpecError


def write_new(path: Path, content: str | bytes, *, replace: bool = False, option: str = "--out") -> None:
    """Write a file that did not exist (`replace`: or did), and its directory where that is missing.

    `option` is the one that names the file. Raises SpecError: the command line is wrong.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb" if replace else "xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        if path.is_file() and not replace:
            raise SpecError(f"{path} exists and is left as it is", mend=f"give another {option}") from None
        reason = error.strerror or os.strerror(error.errno or 0)
        raise SpecError(
            f"{path} can't be written: {reason}", mend=f"give another name with {option}"
        ) from None
