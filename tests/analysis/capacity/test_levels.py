"""What a level showed is counted exactly, and a level is lost where its thresholds or its queue say so."""

from __future__ import annotations

import numpy as np
import pytest

from perfpilot.analysis.capacity.spans import level_spans
from perfpilot.domain.measure import ResourceSeries
from tests.analysis.capacity.known_queue import judged_levels, ladder_plan, samples_of
from tests.analysis.search.queue_simulator import QueueTarget

LEVELS = (20.0, 40.0, 60.0, 80.0, 100.0)


def _target(service: str = "deterministic", *, even: bool = True) -> QueueTarget:
    return QueueTarget(4, 0.05, service, users=10**6, even=even)


def test_the_first_part_of_a_hold_is_left_out_and_ramps_are_no_levels() -> None:
    spans = level_spans(ladder_plan(LEVELS))
    assert [(span.rate_per_s, span.from_s, span.to_s) for span in spans[:2]] == [(20, 6, 30), (40, 36, 60)]
    assert spans[0].asked == pytest.approx(480)
    assert level_spans(ladder_plan((50,))) == (), "the whole run speaks for a single hold"


def test_a_level_shows_what_came_and_what_was_completed() -> None:
    levels = judged_levels(ladder_plan(LEVELS), samples_of(_target(), LEVELS), ["p95 < 500ms"])
    assert [level.met for level in levels] == [True, True, True, True, False]
    assert [level.reached_per_s for level in levels] == pytest.approx(LEVELS, rel=0.01)
    assert [level.carried_per_s for level in levels] == pytest.approx((20, 40, 60, 80, 80), rel=0.01)
    assert [level.saturated for level in levels] == [False, False, False, False, True]
    assert levels[0].in_flight == pytest.approx(20 * 0.05, rel=0.02)
    assert [level.chance for level in levels] == [0] * 5, "even arrivals of even work are no luck"
    assert levels[-1].why == "p95 < 500ms was broken"


def test_a_queue_that_grows_loses_a_level_whose_thresholds_are_met() -> None:
    levels = judged_levels(
        ladder_plan((20, 60, 82)), samples_of(_target(), (20, 60, 82)), ["p95 < 20s", "error_rate < 1%"]
    )
    assert [level.met for level in levels] == [True, True, False]
    assert "response times climbed" in levels[-1].why


def test_too_few_samples_decide_nothing() -> None:
    levels = judged_levels(ladder_plan((1, 2, 3)), samples_of(_target(), (1, 2, 3)), ["p99 < 1s"])
    assert [level.met for level in levels] == [None] * 3
    assert "samples are too few, 1,000 are needed" in levels[0].why


def test_a_breach_beyond_doubt_counts_on_few_samples() -> None:
    slow = QueueTarget(4, 2.0, users=10**6)
    levels = judged_levels(ladder_plan((1.0, 1.2)), samples_of(slow, (1.0, 1.2)), ["p95 < 1s"])
    assert [level.met for level in levels] == [False, False]


def test_the_level_of_an_abort_is_lost_and_those_behind_are_not_there() -> None:
    levels = judged_levels(
        ladder_plan(LEVELS), samples_of(_target(), LEVELS[:3]), ["p95 < 500ms"], ended_s=80.0, aborted=True
    )
    assert [level.met for level in levels] == [True, True, False]
    assert levels[-1].why == "the load was aborted there"


def test_load_that_did_not_come_in_calm_is_undecided() -> None:
    samples = samples_of(_target(), (20, 40, 30))  # 60 were asked
    levels = judged_levels(ladder_plan((20, 40, 60)), samples, ["p95 < 500ms"])
    assert levels[-1].met is None
    assert levels[-1].why == "50 % of the load asked was reached, in calm"


def test_a_processor_over_its_limit_loses_a_level() -> None:
    seconds = tuple(float(second) for second in range(90))
    cpu = ResourceSeries(
        component="target",
        metric="cpu_share",
        t_s=seconds,
        values=tuple(0.3 + 0.2 * (s // 30) for s in seconds),
    )
    plan, samples = ladder_plan(LEVELS[:3]), samples_of(_target(), LEVELS[:3])
    levels = judged_levels(plan, samples, ["cpu(target) < 60%"], resources=[cpu])
    assert [level.met for level in levels] == [True, True, False]
    assert [level.cpu_share for level in levels] == pytest.approx([0.3, 0.5, 0.7])
    unwatched = judged_levels(plan, samples, ["cpu(target) < 60%"])
    assert [level.met for level in unwatched] == [None] * 3


@pytest.mark.parametrize("service", ["deterministic", "exponential"])
def test_the_pieces_in_which_samples_come_change_nothing(service: str) -> None:
    samples = samples_of(_target(service=service, even=False), LEVELS)
    plan = ladder_plan(LEVELS, even=False)
    whole = judged_levels(plan, samples, ["p95 < 500ms", "p95(home) < 1s"])
    assert judged_levels(plan, samples, ["p95 < 500ms", "p95(home) < 1s"], pieces=7) == whole
    shuffled = [samples[n] for n in np.random.default_rng(1).permutation(len(samples))]
    assert judged_levels(plan, shuffled, ["p95 < 500ms", "p95(home) < 1s"]) == whole


def test_random_work_may_have_been_more_or_less_by_chance() -> None:
    samples = samples_of(_target(service="exponential", even=False), LEVELS)
    levels = judged_levels(ladder_plan(LEVELS, even=False), samples, ["p95 < 500ms"])
    # Two standard deviations of the work of 480 arrivals, with a squared variation of 1 + 1.
    assert levels[0].chance == pytest.approx(2 * (2 / 480) ** 0.5, rel=0.25)
    assert levels[0].chance > levels[-1].chance
