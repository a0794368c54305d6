"""The schedule of an Open Model Thread Group, in its own small language.

Grammar (JMeter 5.6.3, threads/openmodel/scheduleParser.kt): numbers are digits with an optional fraction,
no sign and no exponent; a piece is `rate(a/unit) even_arrivals(d sec) rate(b/unit)`, and its arrivals are
rounded down to a whole number.
"""

from __future__ import annotations

from perfpilot.domain.load import LoadCurve

LEAD_S = 1.0
"""Pause before the first arrival. The schedule counts from the start of the test, while the threads of
JMeter come up 0.3 to 0.7 s later: without the pause all arrivals of that time come at once (#6352)."""

_DECIMALS = 9
_UNITS = (("sec", 1.0), ("min", 60.0), ("hour", 3600.0))


def schedule(curve: LoadCurve, *, even: bool, tail_s: float) -> str:
    """The schedule string of a curve in arrivals per second, between two pauses.

    Without the last one JMeter interrupts the requests that are still in flight, which then count as errors
    that the target never made (apache/jmeter#6455).
    """
    arrivals = "even_arrivals" if even else "random_arrivals"
    pieces = [
        f"rate({_rate(s.start)}) {arrivals}({plain_number(s.duration_s)} sec) rate({_rate(s.end)})"
        for s in curve.segments
        if s.duration_s > 0
    ]
    return " ".join([f"pause({plain_number(LEAD_S)} sec)", *pieces, f"pause({plain_number(tail_s)} sec)"])


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
