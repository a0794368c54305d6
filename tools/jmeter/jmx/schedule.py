"""The schedule of an Open Model Thread Group, in its own small language.

Grammar (JMeter 5.6.3, threads/openmodel/scheduleParser.kt): numbers are digits with an optional fraction,
no sign and no exponent; a piece is `rate(a/unit) even_arrivals(d sec) rate(b/unit)`, and its arrivals are
rounded down to a whole number. What a curve of many pieces would lose by that is given to the next piece.
"""

from __future__ import annotations

import math

from perfpilot.domain.load import LoadCurve, Segment

_DECIMALS = 9
_UNITS = (("sec", 1.0), ("min", 60.0), ("hour", 3600.0))
_SPARE = 1e-3
"""Of an arrival: decimals that are cut off must not cost one."""


def schedule(curve: LoadCurve, *, even: bool, lead_s: float, tail_s: float) -> str:
    """The schedule string of a curve in arrivals per second, between two pauses.

    It asks for the arrivals of the curve, rounded down once, not once for each piece. Without the first pause
    all arrivals that are due while JMeter starts come at once (#6352); without the last one JMeter interrupts
    the requests that are still in flight, which then count as errors that the target never made
    (apache/jmeter#6455).
    """
    parts = [_pause(lead_s)]
    asked, given = 0.0, 0
    for segment in curve.segments:
        if segment.duration_s <= 0:
            continue
        if segment.start <= 0 and segment.end <= 0:
            parts.append(_pause(segment.duration_s))
            continue
        asked += _area(segment)
        text, arrivals = _piece(segment, math.floor(asked + 1e-6) - given, even)
        parts.append(text)
        given += arrivals
    return " ".join([*parts, _pause(tail_s)])


def _piece(segment: Segment, wanted: int, even: bool) -> tuple[str, int]:
    """A piece and its arrivals. Its rates are raised where else it would have one less than `wanted`."""
    start, end = _rate(segment.start), _rate(segment.end)
    arrivals = _arrivals(start, end, segment.duration_s)
    if arrivals < wanted and _area(segment) > _SPARE:
        factor = (wanted + _SPARE) / _area(segment)
        start, end = _rate(segment.start * factor), _rate(segment.end * factor)
        arrivals = _arrivals(start, end, segment.duration_s)
    kind = "even_arrivals" if even else "random_arrivals"
    return f"rate({start}) {kind}({plain_number(segment.duration_s)} sec) rate({end})", arrivals


def _arrivals(start: str, end: str, duration_s: float) -> int:
    """What JMeter makes of a piece, with its own arithmetic: 28 of 0.29 a second for 100 s."""
    rates = [float(number) / dict(_UNITS)[unit] for number, unit in (start.split("/"), end.split("/"))]
    return int((rates[0] + rates[1]) / 2 * float(plain_number(duration_s)))


def _area(segment: Segment) -> float:
    return (segment.start + segment.end) / 2 * segment.duration_s


def _pause(seconds: float) -> str:
    return f"pause({plain_number(seconds)} sec)"


def plain_number(value: float) -> str:
    """A number without exponent and without trailing zeros."""
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".") or "0"


def _rate(per_s: float) -> str:
    """A rate in the first unit that holds it exactly.

    20 a minute is no decimal fraction per second: `rate(0.333333333/sec)` for 30 s would give 9 arrivals.
    """
    for unit, seconds in _UNITS:
        text = plain_number(per_s * seconds)
        if float(text) / seconds == per_s:
            return f"{text}/{unit}"
    return f"{plain_number(per_s)}/sec"
