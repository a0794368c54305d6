"""A re-plan changes what was too small, as far as the envelope goes, and never twice the same."""

from __future__ import annotations

import pytest

from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.plan import make_plan
from perfpilot.planning.replan import replan
from tests.planning.sample_specs import pattern, spec
from tests.planning.test_plan import STEERED, granted

PACED = spec(load_patterns=STEERED)
NOTHING: frozenset[str] = frozenset()


def both(described: Spec, **keys: float) -> tuple[Plan, Envelope]:
    envelope = granted(described)
    return make_plan(described, 1, envelope=envelope, **keys), envelope


def short(value: float | None) -> Trouble:
    return Trouble(reason=Reason.LOAD_FELL_SHORT, value=value)


def test_more_users_by_the_measured_response_time() -> None:
    plan, envelope = both(PACED)
    change = replan(short(1.0), plan, envelope, NOTHING)
    assert change is not None
    assert (change.kind, change.value, change.key) == ("users", 60, "users=60")  # 40/s x 1 s x 1.5
    assert change.sentence == "60 users instead of 6: a response took 1000 ms"
    assert make_plan(PACED, 2, envelope=envelope, changes=[change]).users == 60


def test_more_users_end_at_the_envelope_and_say_so() -> None:
    plan, envelope = both(PACED)
    change = replan(short(9.0), plan, envelope.model_copy(update={"users": 50}), NOTHING)
    assert change is not None
    assert change.value == 50
    assert "as far as the envelope goes (540 would be needed)" in change.sentence


@pytest.mark.parametrize("value", [None, 0.0, 0.05, float("nan"), float("inf")])
def test_no_users_are_added_where_they_would_not_help(value: float | None) -> None:
    plan, envelope = both(PACED)
    assert replan(short(value), plan, envelope, NOTHING) is None


@pytest.mark.parametrize(
    "described", [spec(), spec(load_patterns=pattern({"users": 5, "duration": "60s"}, model="closed"))]
)
def test_only_paced_users_can_be_too_few(described: Spec) -> None:
    plan, envelope = both(described)
    assert replan(short(1.0), plan, envelope, NOTHING) is None


def test_a_longer_run_for_more_samples() -> None:
    plan, envelope = both(spec())
    change = replan(Trouble(reason=Reason.TOO_FEW_SAMPLES, value=1.5), plan, envelope, NOTHING)
    assert change is not None
    assert (change.kind, change.value) == ("duration_s", 104)  # 6 s + 54 s x 1.5 x 1.2 = 103.2 s
    assert change.sentence == "104s instead of 1m, for enough samples"
    longer = make_plan(spec(), 2, envelope=envelope, changes=[change])
    steady = longer.asked_between(longer.warm_up_s, longer.duration_s)
    assert steady >= 1.5 * plan.asked_between(plan.warm_up_s, plan.duration_s)


def test_a_run_that_cannot_be_long_enough_is_not_made_longer() -> None:
    plan, envelope = both(spec())
    trouble = Trouble(reason=Reason.TOO_FEW_SAMPLES, value=50)
    assert replan(trouble, plan, envelope, NOTHING) is None
    enough = Trouble(reason=Reason.TOO_FEW_SAMPLES, value=2)
    assert replan(enough, plan, envelope, NOTHING) is not None
    assert replan(enough, plan, envelope, NOTHING, spent_requests=6000) is None
    assert replan(enough, plan, envelope, NOTHING, spent_s=envelope.wall_time_s - 70) is None


@pytest.mark.parametrize("reason", [Reason.TOO_FEW_SAMPLES, Reason.NO_STEADY_STATE])
def test_without_a_figure_the_run_is_doubled(reason: Reason) -> None:
    plan, envelope = both(spec())
    change = replan(Trouble(reason=reason), plan, envelope, NOTHING)
    assert change is not None
    assert change.value == pytest.approx(6 + 54 * 2 * 1.2, abs=1)


def test_what_was_tried_is_not_tried_again() -> None:
    plan, envelope = both(PACED)
    change = replan(short(1.0), plan, envelope, NOTHING)
    assert change is not None
    assert replan(short(1.0), plan, envelope, frozenset({change.key})) is None


@pytest.mark.parametrize(
    "reason", [r for r in Reason if r.loop.value != "metrics_to_planning"], ids=lambda r: str(r.value)
)
def test_other_reasons_are_no_matter_of_planning(reason: Reason) -> None:
    plan, envelope = both(PACED)
    assert replan(Trouble(reason=reason, value=5), plan, envelope, NOTHING) is None
