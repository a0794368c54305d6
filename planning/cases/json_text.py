"""JSON that is written as a text and may hold references where a value stands: `{"id": ${id}}`."""

from __future__ import annotations

import json
import re
from typing import Any

_MARK = "\ue000"  # private use: stands before the reference that a bare `${name}` was
_STRING_OR_REFERENCE = re.compile(r'"(?:[^"\\]|\\.)*"|(\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]{0,127}\})')
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def read(text: str) -> Any:
    """The value, with each bare reference as a text that `is_bare` knows. None for what is no JSON."""
    if _MARK in text:
        return None
    quoted = _STRING_OR_REFERENCE.sub(lambda m: f'"{_MARK}{m[1]}"' if m[1] else m[0], text)
    try:
        return json.loads(quoted)
    except (ValueError, RecursionError):
        return None


def written(value: Any) -> str:
    """The text of a value from `read`, its bare references bare again."""
    return _MARKED.sub(lambda m: m[1], json.dumps(value, ensure_ascii=False))


def is_bare(value: Any) -> bool:
    """Whether a value of `read` is a reference without quotes: a number, most likely."""
    return isinstance(value, str) and value.startswith(_MARK)
