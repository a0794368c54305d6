"""The plan of a load that JMeter ran elsewhere, as far as a description tells it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.domain.units import format_duration
from perfpilot.planning.plan import make_plan

SAME_LENGTH = 0.10
"""A file that is longer or shorter by more is of another load than the one described."""

_ANY_LOAD = Envelope(
    hosts=(),
    addresses=(),
    peak_rate_per_s=math.inf,
    users=10**9,
    requests=10**15,
    wall_time_s=math.inf,
    needs_approval=False,
    why="nothing is sent",
)


def described_plan(spec: Spec, length_s: float, samples: Mapping[str, int]) -> tuple[Plan | None, str]:
    """The plan that the description asks for, or None and why the file is not of this load.

    `length_s` is the file's, `samples` are its samples by label. What was asked counts only where both agree:
    the lengths within a tenth, and a label of the file for every request that is asked for certain. A search
    for the highest load asks for no load in particular.
    """
    if spec.searches:
        return None, "the description asks for a search, and so for no load in particular"
    try:
        plan = make_plan(spec, 1, envelope=_ANY_LOAD)
    except PerfpilotError as error:
        return None, f"the description could not be planned: {error.problem}"
    if abs(length_s - plan.duration_s) > SAME_LENGTH * plan.duration_s:
        asked, found = (format_duration(float(round(length))) for length in (plan.duration_s, length_s))
        return None, f"the load of the description lasts {asked}, that of the file {found}"
    missing = sorted(_certain(plan) - {label for label, count in samples.items() if count})
    if missing:
        return None, f"the file has no sample of {_names(missing)}, which the description asks for"
    further = sorted(set(samples) - _all(plan))
    if further:
        return None, f"the file has samples of {_names(further)}, which the description does not know"
    return plan, ""


def _certain(plan: Plan) -> set[str]:
    return {step.label for s in plan.scenarios if s.measured for step in s.steps if not step.only_if}


def _all(plan: Plan) -> set[str]:
    steps = {step.label for s in plan.scenarios if s.measured for step in s.steps}
    return steps | ({plan.login} if plan.login else set())


def _names(labels: Iterable[str]) -> str:
    several = list(labels)
    return ", ".join(several[:3]) + (f" and {len(several) - 3} more" if len(several) > 3 else "")
