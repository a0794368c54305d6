"""What a level of load makes in a second: samples of each label, and iterations."""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.domain.base import Frozen
from perfpilot.domain.labels import is_measured
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.spec import Spec
from perfpilot.planning.load.placement import Placed, placed
from perfpilot.planning.plan import EXPECTED_RESPONSE_S


class Flow(Frozen):
    """A steady load, cases left out."""

    samples_per_s: dict[str, float]  # by label, "" for all; what runs under a condition only is not certain
    iterations_per_s: float
    scenarios: int  # that have a part of it


def flow_at(spec: Spec, levels: Mapping[int, float]) -> Flow:
    """The load that patterns (by their number) make while they hold these levels; others are left out.

    Users of the closed model are taken to be answered in `EXPECTED_RESPONSE_S`: nothing was measured yet.
    """
    curves = [
        LoadCurve(
            unit="rate_per_s" if pattern.model == "open" else "users",
            segments=(Segment(duration_s=1.0, start=levels.get(n, 0.0), end=levels.get(n, 0.0)),),
        )
        for n, pattern in enumerate(spec.load_patterns)
    ]
    login = spec.environment.auth.login if spec.environment.auth else ""
    samples: dict[str, float] = {}
    iterations_per_s, scenarios = 0.0, 0
    for entry in placed(spec, curves):
        if entry.number in levels:
            scenarios += 1
            per_s = _iterations_per_s(entry)
            iterations_per_s += per_s
            for label, times in _certain(entry, login):
                samples[label] = samples.get(label, 0.0) + per_s * times
                samples[""] = samples.get("", 0.0) + per_s * times
    return Flow(samples_per_s=samples, iterations_per_s=iterations_per_s, scenarios=scenarios)


def _iterations_per_s(entry: Placed) -> float:
    if entry.curve.unit == "rate_per_s":
        return entry.curve.peak
    return entry.curve.peak / (entry.draft.requests * EXPECTED_RESPONSE_S + entry.draft.think_time_s)


def _certain(entry: Placed, login: str) -> list[tuple[str, int]]:
    """Labels of one iteration, with how often each is sent."""
    found = [(step.label, step.repeat) for step in entry.draft.steps if not step.only_if]
    if entry.draft.login_first and login:
        found.append((login, 1))
    return [(label, times) for label, times in found if is_measured(label)]
