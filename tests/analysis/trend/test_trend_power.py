"""The simulation of `benchmarks/trend_power.py` with few seeds: no aim is missed by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.trend_power import Row, over_runs, within_a_run

CHANCE = 6.0
"""Per cent; twice the standard deviation or more for so few seeds."""


@pytest.mark.parametrize(
    "table", [lambda: over_runs(100), lambda: within_a_run(40)], ids=["over runs", "within a run"]
)
def test_the_aims_are_met(table: Callable[[], Iterator[Row]]) -> None:
    rows = list(table())
    assert [str(row) for row in rows if row.at_most is not None and row.share > row.at_most + CHANCE] == []
    assert [str(row) for row in rows if row.at_least is not None and row.share < row.at_least - CHANCE] == []
