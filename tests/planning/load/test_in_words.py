from __future__ import annotations

import pytest

from perfpilot.domain.load import LoadCurve
from perfpilot.planning.load.in_words import in_words
from tests.tools.jmeter.jmx.examples import curve


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (curve((30, 0, 50), (300, 50, 50)), "ramps 0 to 50/s in 30s, holds 50/s for 5m"),
        (curve((10, 0, 0), (1.5, 20 / 3, 0)), "waits 10s, falls 6.66667 to 0/s in 1500ms"),
        (curve((60, 1, 1), (60, 5, 5), unit="users"), "holds 1 user for 1m, holds 5 users for 1m"),
        (curve((0, 1, 1), (60, 5, 5)), "holds 5/s for 1m"),
        (curve(*[(5, 1, 9), (5, 9, 1)] * 8), "moves between 1 and 9/s in 16 straight pieces, 80s in all"),
        (curve(unit="users"), ""),
    ],
)
def test_a_curve_in_words(load: LoadCurve, words: str) -> None:
    assert in_words(load) == words
