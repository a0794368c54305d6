"""Durations, rates and shares as people write them (`90s`, `1m30s`, `300/s`, `1 %`), as floats inside."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_PER_SECOND = {"s": 1.0, "sec": 1.0, "m": 1 / 60, "min": 1 / 60, "h": 1 / 3600}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|sec|m|min|h)")
_BYTES = {
    "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
}  # fmt: skip
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGT]?i?B)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def parse_duration_s(value: object) -> float:
    """Seconds in a duration such as `400ms`, `90s`, `1m30s`. A bare number is refused: it has no unit.

    Raises ValueError, whose text names the right form.
    """
    if isinstance(value, str):
        text = value.strip()
        parts = _DURATION_PART.findall(text)
        if parts and _DURATION_PART.sub("", text).strip() == "":
            # Ten decimals keep 400 ms from becoming 0.4000000000000001 s in messages and files.
            return round(sum(float(number) * _SECONDS[unit] for number, unit in parts), 10)
    raise ValueError(f"{value!r} is not a duration: write a number with its unit, such as 400ms, 90s or 5m")


def parse_rate_per_s(value: object) -> float:
    """Events per second in `300`, `300/s` or `18000/min`. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        match = _RATE.fullmatch(value.strip())
        if match:
            return float(match[1]) * _PER_SECOND[match[2]]
        if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
            return float(value)
    raise ValueError(f"{value!r} is not a rate: write 300, 300/s or 18000/min")


def parse_share(value: object) -> float:
    """A share between 0 and 1 from `1 %` or `0.01`. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if (match := _SHARE.fullmatch(text)) and float(match[1]) <= 100:
            return float(match[1]) / 100
        if re.fullmatch(r"[01](\.\d+)?", text) and float(text) <= 1:
            return float(text)
    raise ValueError(f"{value!r} is not a share: write 1% or 0.01")


def parse_bytes(value: object) -> float:
    """Bytes in `2GB` (10^9), `512MiB` (2^20) or `300 kB`. A bare number is refused: it has no unit.

    Raises ValueError, whose text names the right form.
    """
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())) and match[2] in _BYTES:
        return float(match[1]) * _BYTES[match[2]]
    raise ValueError(f"{value!r} is not a size: write a number with its unit, such as 512MiB or 2GB")


def format_duration(seconds: float) -> str:
    """The shortest exact form that `parse_duration_s` reads back: `400ms`, `90s`, `5m`."""
    milliseconds = round(seconds * 1000, 7)
    if milliseconds % 1000:
        return f"{milliseconds:.10g}ms"
    whole = int(milliseconds // 1000)
    for unit, size in (("h", 3600), ("m", 60)):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"


Duration = Annotated[
    float,
    BeforeValidator(lambda v: v if isinstance(v, float) else parse_duration_s(v)),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["400ms", "90s", "5m"]}),
]
"""Seconds in Python; a text with its unit in YAML and JSON."""

Rate = Annotated[
    float,
    BeforeValidator(parse_rate_per_s),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "examples": [300, "300/s"]}),
]
"""Events per second."""

Share = Annotated[
    float,
    BeforeValidator(parse_share),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "examples": ["1%", 0.01]}),
]
"""A share between 0 and 1."""
