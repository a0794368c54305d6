"""When a target that was overloaded is calm again."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.calm import Calm
from perfpilot.analysis.search.growth import growth

LONGEST_S = 30.0
"""A target is given so long."""

_BEGIN_S = 0.7  # the low level is followed by then
_LEAST_S = 2.0
_SAMPLES = 5
_FLAT_S = 6.0
_FLAT_SAMPLES = 12
_WAITING, _WAITING_MS = 0.25, 10.0  # beyond the calm response time
_FLAT = 0.1


class Recovery(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    CALM = "calm"  # or as calm as it will be
    NOT = "not"  # it fails, or does not answer


class Recovered(NamedTuple):
    """`rows`: samples of a calm target; none where it was not seen to be calm."""

    state: Recovery
    rows: Rows
    words: str = ""


def recovery(rows: Rows, from_s: float, now_s: float, start_ms: int, calm: Calm) -> Recovered:
    """Look at a low load that began at `from_s`.

    Calm: the last samples took what their labels take in calm; or, since a target may have become slower
    for good, response times stand still at a low load.
    """
    start_s = (rows.start_ms - start_ms) / 1000
    begun = start_s >= from_s + _BEGIN_S
    order = np.flatnonzero(begun)[np.argsort(start_s[begun], kind="stable")]
    nothing = rows.pick(order[:0])
    for_s = now_s - from_s
    late = for_s >= LONGEST_S
    if len(order) < _SAMPLES:
        return Recovered(Recovery.NOT, nothing, "too few samples ended") if late else _waiting(nothing)
    latest = rows.pick(order[-max(_SAMPLES, len(order) // 3) :])
    failed = int((~latest.success).sum())
    if 2 * failed > latest.size:
        return Recovered(Recovery.NOT, nothing, "requests still failed") if late else _waiting(nothing)
    usual = calm.usual_ms(rows.pick(order))[-latest.size :]
    waited = float(np.median(latest.elapsed_ms - usual))
    if for_s >= _LEAST_S and waited <= max(_WAITING * float(np.median(usual)), _WAITING_MS):
        return Recovered(Recovery.CALM, latest)
    half = order[len(order) // 2 :]
    if for_s >= _FLAT_S and len(half) >= _FLAT_SAMPLES:
        moved = growth(start_s[half], rows.elapsed_ms[half].astype(np.float64))
        if moved is not None and abs(moved.rise_ms) <= max(_FLAT * moved.last_ms, _WAITING_MS):
            return Recovered(Recovery.CALM, latest)
    return Recovered(Recovery.CALM, nothing) if late else _waiting(nothing)


def _waiting(nothing: Rows) -> Recovered:
    return Recovered(Recovery.WAITING, nothing)
