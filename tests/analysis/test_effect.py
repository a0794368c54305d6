"""What planning again did is said of the attempt that followed, by what it was planned again for."""

from __future__ import annotations

import pytest

from perfpilot.analysis.effect import effect_of
from perfpilot.domain.judgement import Decision
from perfpilot.domain.loops import Loop, Reason
from perfpilot.domain.result import ClosedAttempt
from tests.analysis.observed import threshold
from tests.analysis.stepped import closed_attempt, series, stepped_plan

STEADY = stepped_plan((50,) * 5)
LEVELS = stepped_plan((200, 220, 240, 260))


def test_users_that_were_added_are_held_against_the_load_reached() -> None:
    few = closed_attempt(STEADY, series(STEADY, most_per_s=25))
    more = closed_attempt(STEADY, series(STEADY, most_per_s=49), number=2)
    assert effect_of(Reason.LOAD_FELL_SHORT, few, more) == (
        "attempt 2 reached 98 % of the load asked, attempt 1 reached 50 % of the load asked"
    )


def test_a_longer_run_says_what_became_of_the_lines_it_was_made_for() -> None:
    thin = threshold("p99 < 1s", Decision.UNDECIDED, samples=400)
    close = threshold("p95 < 400ms").model_copy(update={"marginal": True, "times_longer": 2.0})
    before = closed_attempt(STEADY, series(STEADY), thin, close)
    broken = threshold("p95 < 400ms", Decision.BROKEN, samples=9000)
    now = closed_attempt(STEADY, series(STEADY), threshold("p99 < 1s", samples=2400), broken, number=2)
    assert effect_of(Reason.TOO_FEW_SAMPLES, before, now) == "attempt 2: p99 < 1s is met over 2,400 samples"
    assert (
        effect_of(Reason.INTERVAL_TOO_WIDE, before, now)
        == "attempt 2: p95 < 400ms is broken over 9,000 samples"
    )
    still = effect_of(
        Reason.INTERVAL_TOO_WIDE, before, closed_attempt(STEADY, series(STEADY), close, number=2)
    )
    assert still == "attempt 2: p95 < 400ms is met and still marginal over 3,000 samples"


def test_a_run_that_settled_and_one_that_did_not() -> None:
    calm = closed_attempt(STEADY, series(STEADY), number=2)
    assert effect_of(Reason.NO_STEADY_STATE, calm, calm) == "attempt 2 came to a steady state"
    drifting = series(STEADY).model_copy(update={"p50_ms": tuple(200.0 - s for s in range(100))})
    said = effect_of(Reason.NO_STEADY_STATE, calm, closed_attempt(STEADY, drifting, number=2))
    assert said.startswith("attempt 2 drifted as well: the response time went from 18")


@pytest.mark.parametrize(
    ("most_per_s", "said"),
    [
        (225, "attempt 2 kept up with 220/s and not with 240/s: 93.8 % of the load asked was reached"),
        (1000, "attempt 2 kept up with every level, up to 260/s"),
        (100, "attempt 2 kept up with none of its levels, from 200/s on"),
    ],
)
def test_a_search_says_how_far_it_came(most_per_s: float, said: str) -> None:
    now = closed_attempt(LEVELS, series(LEVELS, most_per_s=most_per_s), number=2)
    assert effect_of(Reason.KNEE_BETWEEN, now, now) == said


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.loop is Loop.REPLAN])
def test_an_attempt_that_is_not_valid_did_nothing(reason: Reason) -> None:
    before = closed_attempt(STEADY, series(STEADY))
    died = closed_attempt(STEADY, series(STEADY), number=2, valid=False, ended="generator_died")
    said = "attempt 2 ended generator died and decides nothing"
    assert effect_of(reason, before, died) == said
    cut: ClosedAttempt = died.model_copy(
        update={"attempt": died.attempt.model_copy(update={"valid": True, "phases": ()})}
    )
    assert effect_of(reason, before, cut) == said
