"""Blocks of time that merge as a run grows, against the samples themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.histogram import Histogram
from perfpilot.analysis.counting.time_blocks import TimeBlocks

Sample = tuple[int, int, int]  # second, elapsed, label

_SAMPLES = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 90_000), st.integers(0, 4)), min_size=1, max_size=200
)


def _fed(samples: list[Sample], most: int = 16, cuts: tuple[int, ...] = ()) -> TimeBlocks:
    blocks = TimeBlocks(most)
    for part in np.split(np.array(samples, np.int64), sorted(cuts)):
        blocks.add(part[:, 0], part[:, 1], part[:, 2])
    return blocks


def _shown(blocks: TimeBlocks, label: int) -> list[tuple[float, float, list[int]]]:
    return [(b.from_s, b.to_s, np.trim_zeros(b.times.counts, "b").tolist()) for b in blocks.blocks(label)]


@settings(max_examples=150, deadline=None)
@given(_SAMPLES)
def test_each_block_holds_the_samples_of_its_label_and_time(samples: list[Sample]):
    blocks = _fed(samples)
    for label in range(5):
        for from_s, to_s, counts in _shown(blocks, label):
            own = Histogram(6)
            own.add(np.array([t for s, t, of in samples if from_s <= s < to_s and of == label], np.int64))
            assert counts == own.counts.tolist()


@settings(max_examples=150, deadline=None)
@given(_SAMPLES)
def test_blocks_follow_each_other_without_a_gap_and_are_bounded(samples: list[Sample]):
    blocks = _fed(samples, most=16)
    last = max(second for second, _, _ in samples)
    seen = blocks.blocks(samples[0][2])
    assert [b.from_s for b in seen] == [n * blocks.block_s for n in range(len(seen))]
    assert all(b.to_s - b.from_s == blocks.block_s for b in seen)
    assert seen[-1].from_s <= last < seen[-1].to_s
    assert len(seen) <= 16
    assert len(seen) > 8 or blocks.block_s == 1


@settings(max_examples=150, deadline=None)
@given(_SAMPLES, st.randoms(use_true_random=False), st.sets(st.integers(0, 200), max_size=6))
def test_neither_the_order_of_samples_nor_the_pieces_matter(samples: list[Sample], random, cuts: set[int]):
    mixed = random.sample(samples, len(samples))
    one, other = _fed(samples), _fed(mixed, cuts=tuple(cuts))
    assert [_shown(one, label) for label in range(5)] == [_shown(other, label) for label in range(5)]


@pytest.mark.parametrize(
    ("last_s", "block_s", "count"), [(0, 1, 1), (63, 1, 64), (64, 2, 33), (3599, 64, 57), (86_399, 2048, 43)]
)
def test_a_block_is_as_long_as_the_run_makes_it(last_s: int, block_s: int, count: int):
    blocks = _fed([(0, 10, 0), (last_s, 10, 0)], most=64)
    assert (blocks.block_s, len(blocks.blocks())) == (block_s, count)


def test_a_stretch_of_time_has_the_samples_of_the_blocks_that_it_touches():
    blocks = _fed([(second, 10 + second, 0) for second in range(20)], most=16)
    assert blocks.block_s == 2
    assert blocks.times_between(4, 8).size == 4
    assert blocks.times_between(5, 8).size == 4
    assert blocks.times_between(5, 9).size == 6
    assert blocks.times_between(5, 9, label=3).size == 0


def test_without_samples_there_are_no_blocks():
    blocks = TimeBlocks(16)
    blocks.add(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert blocks.blocks() == ()
    assert _fed([(0, 1, 0)]).blocks(label=7) == ()
    assert blocks.times_between(0, 10).size == 0
