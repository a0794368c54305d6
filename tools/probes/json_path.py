"""The small part of JSONPath that reads one value: `$`, `.name` and `[0]`, as in `$.data.items[0].token`."""

from __future__ import annotations

import re

from perfpilot.domain.errors import SpecError

_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,6}\])*")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]")


def take(path: str, document: object) -> object | None:
    """The value at `path`, or None where there is nothing. Raises SpecError for any other form of path."""
    if not _PATH.fullmatch(path):
        raise SpecError(
            f"{path!r} is not a path that perfpilot reads",
            mend="write it like $.token or $.data.items[0].token",
        )
    value: object = document
    for name, index in _STEP.findall(path):
        if name:
            value = value.get(name) if isinstance(value, dict) else None
        else:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
    return value
