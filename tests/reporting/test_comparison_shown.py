from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.reporting import comparison_shown
from tests.reporting.sample_outlook import comparison


def change(value: float, **more: object) -> MetricChange:
    fields: dict[str, object] = {"metric": "p95", "label": "", "before": 100.0, "after": 100 * (1 + value),
                                 "unit": "ms", "change": value}  # fmt: skip
    return MetricChange.model_validate(fields | more)


def test_what_became_worse_comes_first_and_endpoints_without_a_finding_apart() -> None:
    shown = comparison_shown.shown_comparison(comparison())
    assert [row.decision for row in shown.told[:6]] == ["regression"] * 4 + ["improvement"] * 2
    assert {row.label for row in shown.told[6:]} == {""}
    assert all(row.label for row in shown.rest)
    assert len(shown.told) + len(shown.rest) == len(comparison().changes)


def test_each_reason_of_what_is_undecided_is_said_once() -> None:
    questions = comparison_shown.shown_comparison(comparison()).open_questions
    assert len(questions) == 2
    assert questions[0].endswith("and 4 more: it may be chance; about 5 runs on each side would tell")


def test_no_change_lies_in_the_middle_and_the_floor_around_it() -> None:
    made = comparison_shown.shown_comparison(Comparison(changes=(change(0.0, low=-0.02, high=0.02),)))
    (row,), forest = made.told, made.forest
    assert row.place == 50.0 and row.from_place is not None
    assert row.from_place < 50 < row.from_place + row.width
    assert forest.floor_from < row.from_place and row.width < forest.floor_width


def test_a_change_beyond_the_plot_is_held_at_its_edge() -> None:
    wide = change(9.0, metric="error_rate", unit="%", low=4.0, high=19.0)
    shown = comparison_shown.shown_comparison(Comparison(changes=(change(0.02, low=0.0, high=0.04), wide)))
    assert (shown.told[1].place, shown.told[1].from_place, shown.told[1].width) == (100.0, 100.0, 0.0)
    assert shown.told[1].cut and not shown.told[0].cut


def test_a_change_without_an_interval_has_none_in_the_plot() -> None:
    (row,) = comparison_shown.shown_comparison(Comparison(changes=(change(0.4),))).told
    assert (row.from_place, row.interval, row.visible) == (None, "", "–")


@given(
    values=st.lists(st.floats(-1, 1e6), min_size=1, max_size=6),
    width=st.floats(0, 5),
    floor=st.floats(0, 0.9),
)
def test_every_place_lies_on_the_plot(values: list[float], width: float, floor: float) -> None:
    changes = tuple(change(value, low=max(value - width, -1.0), high=value + width) for value in values)
    shown = comparison_shown.shown_comparison(Comparison(changes=changes, floor=floor))
    for row in (*shown.told, *shown.rest):
        assert row.from_place is not None
        assert 0 <= row.from_place <= row.place <= row.from_place + row.width + 0.11 <= 100.2
    assert all(0 <= place <= 100 for place, _ in shown.forest.ticks)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (Comparison(because="there is none"), "Not compared with an earlier run: there is none."),
        (Comparison(against="run", baseline_run="a", baseline_runs=("a",), comparable=True, because="one"),
         "Against run a: one."),
        (Comparison(against="runs", baseline_run="b", baseline_runs=("b", "a"), comparable=True),
         "Against 2 runs, the newest b."),
        (Comparison(against="benchmark", baseline_run="the table", comparable=True), "Against the table."),
        (Comparison(against="run", baseline_run="a", because="the load differs"),
         "Against run a, which can't be compared: the load differs."),
    ],
)  # fmt: skip
def test_what_it_was_compared_with_is_said(made: Comparison, says: str) -> None:
    assert comparison_shown.against_words(made) == says


def test_changes_are_counted_by_what_they_came_to() -> None:
    assert comparison_shown.counted(comparison()) == (
        "4 regressions, 2 improvements, 8 without change, 13 undecided"
    )
    assert comparison_shown.decided(comparison(), ChangeDecision.REGRESSION)[0].metric == "error_rate"
