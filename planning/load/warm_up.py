"""How long a load warms up, over all its patterns."""

from __future__ import annotations

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.spec import Spec
from perfpilot.planning.load.curves import curve

LEAST_S = 2.0
MOST_S = 30.0
"""Bounds of what is set aside after the ramp."""


def warm_up_s(curve: LoadCurve) -> float:
    """Seconds at the start that say nothing about the target: the ramp, and a tenth of the rest.

    The ramp is what climbs from 0; a climb that turns into a fall at once is the load itself, such as a
    wave. The tenth lies between 2 s and 30 s. Never more than half of the run.
    """
    ramp_s = _ramp_s(curve)
    rest_s = curve.duration_s - ramp_s
    return min(ramp_s + min(max(rest_s / 10, LEAST_S), MOST_S), curve.duration_s / 2)


def warm_up_of(spec: Spec) -> float:
    """Warm-up of a description: the longest of the patterns that begin with the load.

    A pattern that begins later meets a target that is warm already.
    """
    return max((warm_up_s(curve(p)) for p in spec.load_patterns if p.begins <= 0), default=0.0)


def _ramp_s(curve: LoadCurve) -> float:
    climbed_s, level = 0.0, 0.0
    for segment in curve.segments:
        if segment.start != level or segment.end < level:
            return 0.0
        if segment.start == segment.end:
            return climbed_s
        climbed_s += segment.duration_s
        level = segment.end
    return climbed_s
