"""When evidence was spoiled from outside the system under test, and when it was not."""

from __future__ import annotations

import pytest

from perfpilot.analysis.spoiled import mend_of, spoil, spoiled_by
from perfpilot.analysis.verdict import JudgedAttempt, judge
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.loops import Loop, Reason, Trouble
from perfpilot.domain.measure import (
    Attempt,
    ErrorCause,
    GeneratorHealth,
    LabelStats,
    PhaseStats,
    ResourceSeries,
    Series,
)
from perfpilot.domain.outcome import Verdict
from perfpilot.domain.result import Charts, ClosedAttempt
from tests.analysis.result_files import plan


def series(component: str, share: float, *, until_s: int = 70) -> ResourceSeries:
    return ResourceSeries(
        component=component,
        metric="cpu_share",
        t_s=tuple(float(t) for t in range(until_s + 1)),
        values=tuple(share for _ in range(until_s + 1)),
    )


def spoiled(*resources: ResourceSeries, quiet: float = 0.0, busiest: str = "") -> Trouble | None:
    return spoiled_by(resources, 10, 70, load_end_s=70, quiet_neighbours=quiet, busiest=busiest)


@pytest.mark.parametrize(
    ("share", "quiet", "is_spoiled"),
    [
        (0.05, 0.0, False),
        (0.24, 0.0, False),
        (0.25, 0.0, True),
        (0.25, 0.10, True),
        (0.40, 0.25, True),
        (0.40, 0.30, False),
        (0.80, 0.80, False),  # always this busy: the environment that was chosen
    ],
)
def test_neighbours_spoil_by_their_share_and_by_its_rise(
    share: float, quiet: float, is_spoiled: bool
) -> None:
    trouble = spoiled(series("neighbours", share), series("host", 0.9), quiet=quiet)
    assert (trouble is not None) is is_spoiled


def test_the_busiest_neighbour_is_named_with_the_figures() -> None:
    trouble = spoiled(series("neighbours", 0.5), series("host", 0.9), quiet=0.04, busiest="backup (812)")
    assert trouble is not None and trouble.reason is Reason.NEIGHBOUR_CPU
    assert trouble.reason.loop is Loop.RESETUP
    assert trouble.subject == "backup (812)"
    assert all(part in trouble.seen for part in ("50 %", "4 %", "backup (812)"))
    assert trouble.value == pytest.approx(0.5)


@pytest.mark.parametrize("component", ["target", "jmeter", "perfpilot", "host"])
def test_what_belongs_to_the_test_spoils_nothing(component: str) -> None:
    assert spoiled(series(component, 1.0), series("host", 1.0)) is None


def test_neighbours_count_in_the_steady_phase_only() -> None:
    early = ResourceSeries(
        component="neighbours",
        metric="cpu_share",
        t_s=tuple(float(t) for t in range(71)),
        values=tuple(0.9 if t < 10 else 0.02 for t in range(71)),
    )
    assert spoiled(early, series("host", 0.5)) is None


@pytest.mark.parametrize(("until_s", "died"), [(70, False), (60, False), (59, True), (20, True)])
def test_a_monitor_that_falls_silent_more_than_ten_seconds_early_died(until_s: int, died: bool) -> None:
    trouble = spoiled(series("host", 0.5, until_s=until_s), series("target", 0.5))
    assert (trouble is not None and trouble.reason is Reason.MONITOR_DIED) is died


def test_a_target_that_is_no_longer_seen_is_no_reason_to_run_again() -> None:
    assert spoiled(series("target", 0.5, until_s=20), series("host", 0.5)) is None


def test_a_host_that_was_never_monitored_is_no_reason_to_run_again() -> None:
    assert spoiled() is None


NEIGHBOUR = Trouble(reason=Reason.NEIGHBOUR_CPU, subject="backup (812)", seen="backup (812) used 50 %")
DIED = Trouble(reason=Reason.MONITOR_DIED, subject="host", seen="the monitor fell silent at 20 s")


def closed(causes: dict[str, int], results: dict[str, Decision]) -> ClosedAttempt:
    """An attempt of 1,000 samples, of which so many failed, with what its thresholds came to."""
    pooled = LabelStats(
        label="",
        count=1000,
        errors=sum(causes.values()),
        rate_per_s=10,
        causes=tuple(ErrorCause(code=code, count=count) for code, count in causes.items()),
    )
    steady = PhaseStats(phase="steady", from_s=10, to_s=60, pooled=pooled, labels=())
    thresholds = tuple(
        ThresholdResult(text=text, decision=decision, limit=1, unit="", marginal=True)
        for text, decision in results.items()
    )
    attempt = Attempt(
        number=1,
        started_ms=0,
        ended="completed",
        phases=(steady,),
        generator=GeneratorHealth(limited=False, achieved_load=1.0),
    )
    charts = Charts(series=Series(start_ms=0))
    return ClosedAttempt(attempt=attempt, plan=plan(), thresholds=thresholds, charts=charts)


@pytest.mark.parametrize(
    ("trouble", "causes", "results", "verdict"),
    [
        (NEIGHBOUR, {}, {"error_rate < 1%": Decision.MET}, Verdict.INCONCLUSIVE),
        (NEIGHBOUR, {"503": 100}, {"error_rate < 1%": Decision.BROKEN}, Verdict.INCONCLUSIVE),
        (DIED, {}, {"error_rate < 1%": Decision.MET}, Verdict.INCONCLUSIVE),
        (DIED, {}, {"p95 < 1s": Decision.BROKEN}, Verdict.INCONCLUSIVE),
        (DIED, {"timeout": 100}, {"error_rate < 1%": Decision.BROKEN}, Verdict.INCONCLUSIVE),
        (DIED, {"503": 100}, {"error_rate < 1%": Decision.BROKEN, "p95 < 1s": Decision.MET}, Verdict.NO_GO),
    ],
)
def test_what_is_spoiled_is_undecided_and_what_the_target_answered_stands(
    trouble: Trouble, causes: dict[str, int], results: dict[str, Decision], verdict: Verdict
) -> None:
    after = spoil(closed(causes, results), trouble)
    assert after.attempt.spoiled
    assert judge([JudgedAttempt(after.attempt, after.thresholds)]).verdict is verdict
    for result in after.thresholds:
        stands = verdict is Verdict.NO_GO and result.text == "error_rate < 1%"
        expected = Decision.BROKEN if stands else Decision.UNDECIDED
        assert (result.decision, result.marginal) == (expected, stands)


def test_a_spoiled_attempt_says_which_condition_to_change_and_asks_for_the_run_again() -> None:
    after = spoil(closed({}, {"p95 < 1s": Decision.MET}), NEIGHBOUR)
    assert after.attempt.invalid_because == (
        "backup (812) used 50 %: stop backup (812) or move the load generator to a host of its own, then run "
        "the test again"
    )
    assert judge([JudgedAttempt(after.attempt, after.thresholds)]).reasons == (
        f"attempt 1 is not valid: {after.attempt.invalid_because}",
    )
    unknown = spoiled(series("neighbours", 0.5), series("host", 0.9))
    assert unknown is not None and mend_of(unknown).startswith("stop them or move the load generator")
    assert "events.jsonl" in mend_of(DIED) and mend_of(DIED).endswith("then run the test again")
