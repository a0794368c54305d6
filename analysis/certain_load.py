"""The part of a load that can be counted ahead: what is reached of it is held against what was asked.

A plan asks by rate for every request that an iteration makes for certain. Results tell samples apart by their
label alone. So a label counts only if all of its samples were asked for like that: a label under which a
step runs that has a condition, or a scenario that is given in users, is left out on both sides. A label that
is certain in one scenario and conditional in another is left out in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.measure import LabelStats
from perfpilot.domain.plan import Plan, Scenario

_BY_RATE = "rate_per_s"


@dataclass(frozen=True)
class CertainLoad:
    """Labels whose samples can be counted ahead, and what is asked of them."""

    labels: frozenset[str]
    whole: bool  # no measured request is left out: the figures of all samples can be held against it
    _parts: tuple[tuple[LoadCurve, int], ...]  # of each scenario: its curve, and the requests that count

    def asked_between(self, from_s: float, to_s: float) -> float:
        """Samples asked for between two moments."""
        return sum(curve.area_between(from_s, to_s) * requests for curve, requests in self._parts)

    def asked_per_s(self, t_s: float) -> float:
        """Samples per second asked for at a moment."""
        return sum(curve.level_at(t_s) * requests for curve, requests in self._parts)

    def reached(self, labels: Iterable[LabelStats]) -> int:
        """Samples of these labels that count."""
        return sum(stats.count for stats in labels if stats.label in self.labels)


def certain_load(plan: Plan) -> CertainLoad:
    """What a plan asks for by rate and for certain."""
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    unsure = {label for s in measured for label, sure in _requests(s, plan) if not sure}
    known = {label for s in measured for label, sure in _requests(s, plan) if sure} - unsure
    by_rate = [scenario for scenario in measured if scenario.curve.unit == _BY_RATE]
    return CertainLoad(
        labels=frozenset(known),
        whole=not unsure,
        _parts=tuple((s.curve, sum(label in known for label, _ in _requests(s, plan))) for s in by_rate),
    )


def _requests(scenario: Scenario, plan: Plan) -> list[tuple[str, bool]]:
    """The label of every request of an iteration, and whether its samples can be counted ahead."""
    by_rate = scenario.curve.unit == _BY_RATE
    login = [(plan.login, by_rate and bool(plan.login))] if scenario.login_first else []
    steps = [
        (step.label, by_rate and not step.only_if) for step in scenario.steps for _ in range(step.repeat)
    ]
    return login + steps
