"""How numbers are written, once for every report: the same figure looks the same everywhere.

Times are milliseconds with three significant digits, rates have one decimal, shares are in per cent.
A figure that does not exist is a dash, never a zero.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TypeGuard

DASH = "–"


def count(value: float | None) -> str:
    """A whole number with separators: `12,340`."""
    return f"{value:,.0f}" if _known(value) else DASH


def digits(value: float | None, significant: int = 3) -> str:
    """A number with so many significant digits: `0.0412`, `12.3`, `1,230`."""
    if not _known(value):
        return DASH
    if abs(value) < 1e-6:
        return "0"
    rounded = round(value, significant - 1 - math.floor(math.log10(abs(value))))
    decimals = max(0, significant - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def ms(value: float | None) -> str:
    """A response time in ms: `212 ms`."""
    return f"{digits(value)} ms" if _known(value) else DASH


def rate(value: float | None) -> str:
    """Events per second: `299.4/s`."""
    return f"{rate_number(value)}/s" if _known(value) else DASH


def rate_number(value: float | None) -> str:
    """Events per second without the unit, for a column that names it: `299.4`."""
    return f"{value:,.1f}" if _known(value) else DASH


def share(value: float | None, significant: int = 3) -> str:
    """A share (0..1) in per cent: `0.42 %`. Only what is whole is written `100 %`."""
    if not _known(value):
        return DASH
    text = _short(digits(value * 100, significant))
    if text == "100" and value < 1:
        text = f"{math.floor(value * 10_000) / 100:.2f}"
    return f"{text} %"


def change(value: float | None) -> str:
    """A relative change with its sign: `+12.3 %`."""
    if not _known(value):
        return DASH
    return f"{'+' if value > 0 else ''}{share(value)}"


def score(value: float | None) -> str:
    """An Apdex score, two decimals as its specification asks: `0.94`."""
    return f"{value:.2f}" if _known(value) else DASH


def seconds(value: float | None) -> str:
    """A length of time: `0.21 s`, `3.2 s`, `45 s`, `5 min 30 s`, `2 h 5 min`."""
    if not _known(value):
        return DASH
    if value < 1:
        return f"{value:.2f} s"
    if value < 10:
        return f"{_short(f'{value:.1f}')} s"
    whole = round(value)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 120:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def size(value: float | None) -> str:
    """Bytes in binary units: `812 B`, `1.21 MiB`."""
    if not _known(value):
        return DASH
    scaled = float(value)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(scaled) < 1024:
            return f"{scaled:.0f} B" if unit == "B" else f"{digits(scaled)} {unit}"
        scaled /= 1024
    return f"{digits(scaled)} TiB"


def amount(value: float | None, unit: str) -> str:
    """A value with its unit, bytes in binary units: `182 MiB`, `41.5 %`, `212 ms`."""
    return size(value) if unit == "bytes" else in_unit(value, unit)


def signed(value: float | None, unit: str) -> str:
    """A difference with its sign: `+42.1 MiB`, `-3 ms`, `+0.2 %`."""
    if not _known(value):
        return DASH
    return f"{'+' if value > 0 else ''}{amount(value, unit)}"


def moment(epoch_ms: int) -> str:
    """A moment of UTC: `2026-11-22 15:20:36 UTC`."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def in_unit(value: float | None, unit: str, significant: int = 3) -> str:
    """A value with a unit of the domain: `ms`, `%` (the value is in per cent), `/s`, or any other word."""
    if not _known(value):
        return DASH
    if unit == "%":
        return share(value / 100, significant)
    if unit == "/s":
        return rate(value) if significant <= 3 else f"{_short(digits(value, significant))}/s"
    text = _short(digits(value, significant))
    return f"{text} {unit}" if unit else text


def against_limit(value: float | None, limit: float, unit: str) -> tuple[str, str]:
    """A value and its limit, with as many digits as it takes to tell unequal ones apart.

    400.4 ms against 400 ms must not read as 400 ms against 400 ms.
    """
    for significant in (3, 4, 5, 6, 8):
        written = in_unit(value, unit, significant), in_unit(limit, unit, significant)
        if written[0] != written[1] or value == limit:
            break
    return written


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
