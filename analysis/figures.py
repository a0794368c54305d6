"""Figures as people read them: three significant digits, thousands separators, a unit that fits."""

from __future__ import annotations

import math

_BINARY = ("bytes", "KiB", "MiB", "GiB", "TiB")
_WHOLE = frozenset({"samples", "users"})


def figure(value: float, unit: str) -> str:
    """A value with its unit: `212 ms`, `12.3 s`, `92.1 %`, `180/s`, `1,234 samples`, `1.5 GiB`.

    `%` takes percent, not a share. Counts are exact; all else is rounded to three significant digits.
    """
    if unit in _WHOLE and float(value).is_integer():
        return f"{int(value):,} {unit.removesuffix('s') if value == 1 else unit}"
    if unit == "bytes":
        return _bytes(value)
    if unit == "ms" and abs(value) >= 10_000:
        return f"{three_digits(value / 1000)} s"
    if unit == "/s":
        return f"{three_digits(value)}/s"
    return f"{three_digits(value)} {unit}".rstrip()


def three_digits(value: float) -> str:
    """Three significant digits without exponent: 0.00123, 0.12, 4.57, 212, 12,300."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    decimals = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    if decimals <= 0:
        return f"{rounded:,.0f}"
    return f"{rounded:,.{decimals}f}".rstrip("0").rstrip(".")


def _bytes(value: float) -> str:
    size, unit = float(value), 0
    while abs(size) >= 1024 and unit < len(_BINARY) - 1:
        size, unit = size / 1024, unit + 1
    return f"{three_digits(size)} {_BINARY[unit]}"
