"""What a label takes where nothing waits."""

from __future__ import annotations

import numpy as np

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.calm import Calm


def rows(*elapsed_ms: int) -> Rows:
    """Samples of the one label."""
    size = len(elapsed_ms)
    zeros = np.zeros(size, np.int64)
    times = np.array(elapsed_ms, np.int64)
    return Rows(zeros, times, zeros, zeros, np.ones(size, np.bool_), zeros, zeros, zeros, zeros)


def test_before_anything_was_calm_the_least_counts_or_what_one_user_alone_met() -> None:
    waiting = rows(590, 600, 610)
    assert Calm(["home"]).usual_ms(waiting).tolist() == [590] * 3
    assert Calm(["home"], {"home": 130.0}).usual_ms(waiting).tolist() == [130] * 3
    cold = Calm(["home"], {"home": 900.0, "other": 1.0})  # a first request meets everything cold
    assert cold.usual_ms(waiting).tolist() == [590] * 3


def test_what_was_learnt_in_calm_stands_before_both() -> None:
    calm = Calm(["home"], {"home": 130.0})
    calm.learn(rows(*[100] * 50))
    assert calm.usual_ms(rows(590, 600)).tolist() == [100, 100]
