from __future__ import annotations

import pytest

from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.soak import SlowChange, Soak
from perfpilot.domain.trend import MetricTrend, Trend
from perfpilot.reporting import soak_shown, trend_shown
from tests.reporting.sample_outlook import soak, trend


def still(decision: ChangeDecision = ChangeDecision.NO_CHANGE, because: str = "") -> MetricTrend:
    return MetricTrend(
        metric="p50", label="", unit="ms", runs=9, newest=40.0, decision=decision, because=because
    )


def test_only_figures_that_moved_have_a_row() -> None:
    (row,) = trend_shown.trend_rows(trend())
    assert (row.subject, row.newest, row.expected, row.decision) == (
        "p95 of checkout", "346 ms", "298 ms to 344 ms", "regression",
    )  # fmt: skip
    assert row.shifts == ("+11.7 % since 2026-11-15 (run 202617-021500-11aa), 288 ms to 322 ms",)
    assert (row.slope, row.limit) == ("+2.1 ms", "meets 400 ms in 26 days (14 days or later)")
    assert trend_shown.quiet_words(trend()) == "4 other figures over 25 runs neither shifted nor stood out."


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (Trend(because="there are no earlier runs"), "No trend: there are no earlier runs."),
        (
            Trend(runs=9, because="", metrics=(still(),)),
            "1 figure over 9 runs neither shifted nor stood out.",
        ),
        (Trend(runs=25, because="", metrics=trend().metrics[:1]), "Over 25 runs."),
    ],
)
def test_a_calm_trend_takes_one_line(made: Trend, says: str) -> None:
    assert trend_shown.quiet_words(made) == says


def test_why_runs_could_not_be_judged_is_said_once() -> None:
    unsure = still(ChangeDecision.UNDECIDED, "it takes 5 runs")
    other = unsure.model_copy(update={"metric": "p95"})
    made = Trend(runs=3, metrics=(unsure, other))
    assert trend_shown.open_questions(made) == (
        "p50 of all endpoints, p95 of all endpoints: it takes 5 runs",
    )


def test_a_way_to_the_limit_is_told_where_nothing_shifted() -> None:
    slope = still().model_copy(
        update={"limit": 60.0, "days_to_limit": 1.5, "days_low": 1.0, "days_high": 3.0}
    )
    assert trend_shown.told(slope) == "p50 of all endpoints: meets 60 ms in 36 h (24 h to 3 days)"


def test_slow_changes_have_their_slope_interval_and_time_left() -> None:
    target, answers, jmeter = soak_shown.soak_rows(soak())
    assert (target.per_hour, target.interval) == ("+378 MiB", "+349 MiB to +402 MiB")
    assert (target.limit, target.left) == ("4.00 GiB", "10 h (9.7 h to 11 h)")
    assert answers.left == "further off than can be told"
    assert jmeter.kind == "leak, not of the target" and jmeter.left == "–"


@pytest.mark.parametrize(
    ("left", "says"),
    [
        ({"hours_left": 0.0}, "passed already"),
        ({"hours_left": 1.2}, "72 min"),
        ({"hours_left": 9.0, "hours_low": 7.0}, "9.0 h (7.0 h or later)"),
        ({"hours_left": 240.0, "hours_low": 90.0, "hours_high": 400.0}, "10 days (4 days to 17 days)"),
    ],
)
def test_time_left_is_told_as_far_as_it_is_known(left: dict[str, float], says: str) -> None:
    change = soak().changes[0].model_copy(update={"hours_left": None, "hours_low": None, "hours_high": None})
    (row,) = soak_shown.soak_rows(Soak(changes=(change.model_copy(update=left),)))
    assert row.left == says


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (Soak(because="there is no steady phase"), "There is no steady phase."),
        (Soak(hours=1.0, looked_at=14), "14 series were looked at over 60 min of steady load; none climbs."),
        (soak(), "14 series were looked at over 60 min of steady load."),
        (Soak(), ""),
    ],
)
def test_what_was_looked_at_is_one_line(made: Soak, says: str) -> None:
    assert soak_shown.quiet_words(made) == says


def test_what_falls_keeps_its_sign() -> None:
    change = SlowChange(
        kind="exhaustion", component="host", metric="disk_free_bytes", unit="bytes", per_hour=-2.0 * 1024**3,
        low_per_hour=-3.0 * 1024**3, high_per_hour=-1.0 * 1024**3, first=1e11, last=9e10, limit=0.0,
        hours_left=42.0,
    )  # fmt: skip
    told = soak_shown.told(change)
    assert told.startswith("free space of the disk of host: -2.00 GiB an hour (-3.00 GiB to -1.00 GiB)")
    assert told.endswith("at its limit of 0 B in 42 h")
