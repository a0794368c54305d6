"""Decisions from changes with their chance."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfpilot.analysis.comparison.decisions import Shift, decide_rows
from perfpilot.analysis.comparison.metrics import METRICS
from perfpilot.domain.comparison import ChangeDecision as Decided

ORDER = [Decided.IMPROVEMENT, Decided.NO_CHANGE, Decided.UNDECIDED, Decided.REGRESSION]


def shift(
    change: float, error: float | None = 0.01, metric: str = "p95", label: str = "", **more: float
) -> Shift:
    fields = {"of_one_run": (error or 0.0) ** 2 / 2, **more}
    return Shift(METRICS[metric], label, 100.0, 100.0 * (1 + change), error, because="", **fields)


@pytest.mark.parametrize(
    ("change", "error", "metric", "one_run", "repeated"),
    [
        (0.20, 0.01, "p95", Decided.REGRESSION, Decided.REGRESSION),
        (-0.20, 0.01, "p95", Decided.IMPROVEMENT, Decided.IMPROVEMENT),
        (-0.20, 0.01, "throughput", Decided.REGRESSION, Decided.REGRESSION),
        (0.20, 0.01, "throughput", Decided.IMPROVEMENT, Decided.IMPROVEMENT),
        (
            0.06,
            0.01,
            "p95",
            Decided.UNDECIDED,
            Decided.REGRESSION,
        ),  # proven, and the interval spans the floor
        (0.04, 0.001, "p95", Decided.NO_CHANGE, Decided.NO_CHANGE),  # proven, and of no practical matter
        (0.04, 0.01, "p95", Decided.UNDECIDED, Decided.UNDECIDED),
        (0.00, 0.01, "p95", Decided.NO_CHANGE, Decided.NO_CHANGE),
        (0.20, 0.10, "p95", Decided.UNDECIDED, Decided.UNDECIDED),
        (0.20, None, "p95", Decided.UNDECIDED, Decided.UNDECIDED),
    ],
)
def test_a_change_is(
    change: float, error: float | None, metric: str, one_run: Decided, repeated: Decided
) -> None:
    for beyond_floor, expected in ((True, one_run), (False, repeated)):
        [row] = decide_rows([shift(change, error, metric)], 0.05, beyond_floor=beyond_floor)
        assert row.decision is expected
        assert (row.low is None) == (row.high is None) == (row.visible is None) == (error is None)


def test_many_looks_need_more_proof() -> None:
    one = shift(0.13, 0.045)
    assert decide_rows([one], 0.05, beyond_floor=False)[0].decision is Decided.REGRESSION
    many = [one, *(shift(0.0, 0.045, "error_rate") for _ in range(40))]
    crowd = decide_rows(many, 0.05, beyond_floor=False)[0]
    assert crowd.decision is Decided.UNDECIDED
    together = [shift(0.13, 0.045, metric) for metric in ("p50", "p90", "p95", "p99")]
    assert decide_rows(together, 0.05, beyond_floor=False)[0].decision is Decided.REGRESSION


def test_labels_are_a_family_of_their_own() -> None:
    crowd = [shift(0.0, 0.045, label=f"label {n}") for n in range(100)]
    rows = decide_rows([shift(0.13, 0.045), *crowd], 0.05, beyond_floor=False)
    assert rows[0].decision is Decided.REGRESSION


def test_few_degrees_of_freedom_widen() -> None:
    known, few = (
        decide_rows([shift(0.2, 0.03, **more)], 0.05, beyond_floor=True)[0] for more in ({}, {"freedom": 2.0})
    )
    assert known.low == pytest.approx(1.2 * math.exp(-1.645 * 0.03) - 1, abs=1e-4)
    assert few.low == pytest.approx(1.2 * math.exp(-2.920 * 0.03) - 1, abs=1e-4)
    assert known.visible is not None and few.visible is not None and known.visible < few.visible


def test_what_would_tell_grows_with_the_noise() -> None:
    said = [
        decide_rows([shift(0.12, 0.2, of_one_run=deviation**2)], 0.05, beyond_floor=True)[0].because
        for deviation in (0.02, 0.05, 0.4)
    ]
    assert said[0].endswith("about 3 runs on each side would tell")
    assert "would tell" in said[1] and said[0] != said[1]
    assert said[2].endswith("20 runs on each side would hardly tell")


@example(0.0, 0.14614643938526842, 0.0, 1.0, 0.14614643938526842, True, [])  # no noise at all
@given(
    change=st.floats(-0.5, 2.0),
    worse=st.floats(0.0, 2.0),
    error=st.floats(0.0, 0.3),
    freedom=st.floats(1.0, 100.0),
    floor=st.floats(0.0, 0.5),
    beyond_floor=st.booleans(),
    others=st.lists(st.floats(-0.5, 2.0), max_size=4),
)
def test_a_slower_run_is_never_judged_better(
    change: float,
    worse: float,
    error: float,
    freedom: float,
    floor: float,
    beyond_floor: bool,
    others: list[float],
) -> None:
    rest = [shift(other, 0.05, "mean", label="home") for other in others]
    own = shift(change, error, label="home", freedom=freedom)
    slower = replace(own, after=own.after * (1 + worse))
    before, after = (
        decide_rows([each, *rest], floor, beyond_floor=beyond_floor)[0].decision for each in (own, slower)
    )
    if Decided.NO_CHANGE in (before, after) and Decided.UNDECIDED in (before, after):
        # What is not known lies on both sides of no change.
        return
    assert ORDER.index(after) >= ORDER.index(before)
