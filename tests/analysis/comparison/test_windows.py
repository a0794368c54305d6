"""Blocks of time of a steady phase: what is kept is what was measured, in little space."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from perfpilot.analysis.comparison.windows import label_windows, read_windows, time_windows
from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.rows import Rows
from perfpilot.domain.time_windows import TimeWindows
from tests.analysis.observed import plan

LABELS = [f"label {n}" for n in range(20)]


def measurement(samples: int = 20_000, seconds: int = 70) -> Measurement:
    random = np.random.default_rng(3)
    made = Measurement(plan(labels=("home",)), 0, LABELS, ["200"])
    ended = np.sort(random.integers(0, seconds * 1000, samples))
    elapsed = random.lognormal(5, 0.6, samples).astype(np.int64)
    none = np.zeros(samples, np.int64)
    label = random.integers(0, len(LABELS), samples)
    success = random.random(samples) > 0.02
    for part in np.array_split(np.arange(samples), 7):
        columns = (ended - elapsed, elapsed, label, none, success, none, none, none, none)
        made.add(Rows(*(column[part] for column in columns)))
    return made


def test_a_record_holds_the_samples_and_failures_of_whole_blocks_in_the_steady_phase() -> None:
    made = measurement()
    steady = next(phase for phase in made.phases() if phase.phase == "steady")
    record = time_windows(made, steady)
    assert record is not None
    read = read_windows(TimeWindows.model_validate_json(record.model_dump_json()))
    assert read.from_s >= steady.from_s and read.from_s + read.length_s <= steady.to_s
    for label in LABELS:
        blocks = [b for b in made.blocks(label) if b.from_s >= steady.from_s and b.to_s <= steady.to_s]
        assert read.labels[label].times.sum(axis=1).tolist() == [b.times.size for b in blocks]
        times = Histogram(read.precision, read.labels[label].times.sum(axis=0))
        whole = Histogram(read.precision)
        for block in blocks:
            whole.merge(block.times)
        assert times.quantiles((0.5, 0.95)) == whole.quantiles((0.5, 0.95))
    assert read.labels[""].times.sum() == sum(read.labels[label].times.sum() for label in LABELS)
    failed = sum(stats.errors for stats in steady.labels)
    assert 0.9 * failed <= read.labels[""].errors.sum() <= failed
    assert len(record.model_dump_json()) < 300_000


def test_failures_lie_in_the_block_in_which_they_ended_however_long_blocks_have_become() -> None:
    made = Measurement(plan(), 0, ["home"], ["200"])
    at = np.array([1000, 1500, 2000, 500_000], np.int64)
    none = np.zeros(4, np.int64)
    success = np.array([False, True, False, True])
    made.add(Rows(at, none + 5, none, none, success, none, none, none, none))
    errors = made.block_errors("home")
    assert len(errors) == len(made.blocks("home")) and errors[0] == 2 and errors.sum() == 2
    assert len(made.block_errors("nobody")) == 0


def test_a_steady_phase_without_a_whole_block_has_no_record() -> None:
    made = measurement()
    steady = next(phase for phase in made.phases() if phase.phase == "steady")
    assert time_windows(made, steady.model_copy(update={"to_s": steady.from_s + 0.5})) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"counts": "not base64"},
        {"counts": base64.b64encode(b"not zlib").decode()},
        {"counts": base64.b64encode(zlib.compress(b"\0" * 9)).decode()},
        {"counts": base64.b64encode(zlib.compress(b"\0" * 100_000_000)).decode()},
        {"errors": (1,)},
        {"first_bucket": -1},
        {"buckets": 1 << 30},
    ],
    ids=str,
)
def test_a_damaged_record_is_refused(damage: dict[str, object]) -> None:
    times = np.ones((4, 9), np.int64)
    own = label_windows("home", times, np.zeros(4, np.int64)).model_copy(update=damage)
    with pytest.raises(ValueError, match="damaged"):
        read_windows(TimeWindows(from_s=0, block_s=1, blocks=4, precision=6, labels=(own,)))
