"""Percentiles of whole files against the exact order statistics, sorted by numpy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.measure import LabelStats
from tests.analysis.result_files import START_MS, file, line, plan

_ROWS = 20_000
_QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p999_ms": 0.999}
_MOST_ERROR = 0.004
_BETWEEN_MS = 1000 // 400  # 400 samples a second


def _fast_and_slow(random: np.random.Generator) -> np.ndarray:
    slow = random.random(_ROWS) < 0.05  # p95 lies at the step between the two
    return np.where(slow, random.normal(5000, 400, _ROWS), random.normal(40, 5, _ROWS))


def _drifting(random: np.random.Generator) -> np.ndarray:
    along = np.arange(_ROWS) / _ROWS
    return np.exp(random.normal(5, 0.5, _ROWS)) * (1 + np.maximum(along - 0.7, 0) * 3)


SHAPES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "log-normal": lambda random: np.exp(random.normal(5, 0.8, _ROWS)),
    "fast and slow": _fast_and_slow,
    "drift at the end": _drifting,
    "time-outs": lambda random: np.where(random.random(_ROWS) < 0.003, 30_000, random.normal(200, 20, _ROWS)),
    "a few milliseconds": lambda random: random.integers(0, 4, _ROWS),
    "all alike": lambda random: np.full(_ROWS, 777),
    "hours": lambda random: np.exp(random.normal(14, 1, _ROWS)),
    "heavy tail": lambda random: 20 * (1 + random.pareto(1.1, _ROWS)),
}


def _figures(values: np.ndarray, labels: list[str]) -> list[LabelStats]:
    lines = [line(_BETWEEN_MS * n, value, labels[n % len(labels)]) for n, value in enumerate(values.tolist())]
    data = file(lines)
    reader = ResultReader()
    whole = plan(duration_s=_ROWS * _BETWEEN_MS / 1000, labels=labels)
    measurement = Measurement(whole, START_MS, reader.labels, reader.codes)
    for at in range(0, len(data), 300_000):
        measurement.add(reader.feed(data[at : at + 300_000]))
    phase = measurement.phases()[0]
    return [phase.pooled, *phase.labels]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_percentile_is_within_four_in_a_thousand(shape: Callable[[np.random.Generator], np.ndarray]):
    values = np.clip(np.round(shape(np.random.default_rng(7))), 0, 2**31 - 1).astype(np.int64)
    labels = ["home", "search", "pay"]
    pooled, *of_labels = _figures(values, labels)
    expected = {"": values, **{label: values[n :: len(labels)] for n, label in enumerate(labels)}}
    for figures in (pooled, *of_labels):
        ranked = np.sort(expected[figures.label])
        assert figures.count == len(ranked)
        assert (figures.min_ms, figures.max_ms) == (ranked[0], ranked[-1])
        assert figures.mean_ms == pytest.approx(ranked.mean(), rel=1e-12)
        for name, q in _QUANTILES.items():
            exact = int(ranked[math.ceil(q * len(ranked) - 1e-9) - 1])
            # Up to 511 ms each millisecond has a bucket of its own.
            assert getattr(figures, name) == pytest.approx(exact, rel=_MOST_ERROR if exact > 511 else 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 9))
def test_figures_do_not_depend_on_the_order_or_the_pieces_in_which_samples_come(seed: int, pieces: int):
    random = np.random.default_rng(seed)
    lines = [
        line(
            int(random.integers(-500, 70_000)), int(np.exp(random.normal(5, 1))), f"step {n % 3}",
            success=bool(random.random() < 0.9), users=int(random.integers(1, 20)),
        )
        for n in range(400)
    ]  # fmt: skip
    order = random.permutation(len(lines))
    reader = ResultReader()
    # One reader, so that its numbers of labels and codes are the same.
    rows = reader.feed(file(lines))
    in_order, shuffled = (Measurement(plan(), START_MS, reader.labels, reader.codes) for _ in range(2))
    in_order.add(rows)
    for part in np.array_split(order, pieces):
        shuffled.add(rows.pick(part))
    assert shuffled.phases() == in_order.phases()
    assert shuffled.series() == in_order.series()
    for label in reader.labels:
        for ours, theirs in zip(shuffled.blocks(label), in_order.blocks(label), strict=True):
            assert ours.times.counts.tolist() == theirs.times.counts.tolist()
