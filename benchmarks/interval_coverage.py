"""How often the intervals of percentiles and thresholds cover the truth, by simulation.

    python -m benchmarks.interval_coverage [--runs 4000] [--only NAME]

Response times whose neighbours are alike (`dependent_times`), at several rates and over several lengths. A
cell is one process, length, rate and percentile. `cover`: the runs whose interval contains the true
percentile of the process, out of those that have an interval (`given`). `width`: of the median interval, by
the truth. `needed`: that width by the one that 95 % of the measured percentiles themselves lie in: an
interval that knew the truth would have 1. `reach`: the runs in which a threshold whose limit is the truth is
told to be marginal, as it should be.

The aim is 90 % or more in each cell for intervals of nominally 95 %, of percentiles and of thresholds. Exits
1 where a cell misses it; one with fewer than 20 intervals of the percentile has no coverage. A cell of 91 %
falls below 90 % by chance once in 70 times with 4,000 runs, and once in seven with 1,000.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.dependent_times import Ints, Process, processes
from perfpilot.analysis.counting.exact import Counter
from perfpilot.analysis.counting.histogram import PRECISION, Histogram, bucket_of
from perfpilot.analysis.counting.time_blocks import LABEL_BLOCKS, TimeBlock
from perfpilot.analysis.counting.time_blocks import PRECISION as BLOCK_PRECISION
from perfpilot.analysis.rows import IntColumn
from perfpilot.analysis.statistics.percentile_intervals import percentile_intervals
from perfpilot.analysis.thresholds.marginal import reach
from perfpilot.domain.thresholds import Threshold, parse_threshold

AIM = 0.90
LEAST_GIVEN = 20
LENGTHS_S = (300, 600, 3600)
RATES_PER_S = (5, 50, 1000)
PERCENTILES = (50, 90, 95, 99)


@dataclass
class Cell:
    """What was seen of one process, length, rate and percentile."""

    process: str
    length_s: int
    rate_per_s: int
    percentile: int
    truth_ms: int
    runs: int = 0
    covered: int = 0
    widths: list[float] = field(default_factory=list)  # of the intervals given, in ms
    measured_ms: list[float] = field(default_factory=list)
    marginal: int = 0

    @property
    def coverage(self) -> float | None:
        """The share of intervals that contain the truth; None where too few were given."""
        return self.covered / len(self.widths) if len(self.widths) >= LEAST_GIVEN else None

    @property
    def missed(self) -> bool:
        """Whether the cell misses the aim, by its intervals or by its thresholds."""
        few = self.coverage is not None and self.coverage < AIM
        return few or self.reached < AIM

    @property
    def reached(self) -> float:
        """The share of runs whose threshold is told to be marginal."""
        return self.marginal / self.runs

    @property
    def needed(self) -> float | None:
        """The median width by the range of the measured percentiles."""
        low, high = np.percentile(self.measured_ms, [2.5, 97.5])
        return float(np.median(self.widths) / (high - low)) if self.widths and high > low else None


def simulated(process: Process, length_s: int, rates: Sequence[int], runs: int, seed: int) -> list[Cell]:
    """The cells of one process and length, from so many runs each."""
    random = np.random.default_rng(seed)
    cells = [
        Cell(process.name, length_s, rate, percentile, process.percentile_ms(percentile / 100))
        for rate in rates
        for percentile in PERCENTILES
    ]
    buckets, coarse = process.buckets(), _first_of_coarse(process)
    block_s = 1
    while -(-length_s // block_s) > LABEL_BLOCKS:
        block_s *= 2
    below = [process.share_below(cell.percentile / 100) for cell in cells]
    for states in process.draw(random, runs, length_s):
        seconds = _by_block(states, block_s, len(process.weights)) @ buckets
        for rate in rates:
            fine = random.poisson(rate * seconds)
            blocks = [
                TimeBlock(float(n * block_s), float((n + 1) * block_s), Histogram(BLOCK_PRECISION, row))
                for n, row in enumerate(np.add.reduceat(fine, coarse, axis=1))
            ]
            times = Histogram(PRECISION, fine.sum(axis=0))
            found = percentile_intervals(blocks, times, 0.0, float(length_s)).intervals
            whole = random.poisson(rate, length_s)
            for cell, shares in zip(cells, below, strict=True):
                if cell.rate_per_s == rate:
                    part = random.binomial(whole, np.clip(shares[states], 0, 1))
                    cell.marginal += _marginal(cell.percentile, part, whole)
                    cell.runs += 1
                    cell.measured_ms.append(times.quantile(cell.percentile / 100) or 0.0)
                    for interval in found:
                        if interval.percentile == cell.percentile:
                            cell.covered += interval.low_ms <= cell.truth_ms <= interval.high_ms
                            cell.widths.append(interval.high_ms - interval.low_ms)
    return cells


class _Seen(Counter):
    """A counter of a threshold whose limit is the true percentile."""

    def __init__(self, threshold: Threshold, part: IntColumn, whole: IntColumn) -> None:
        super().__init__(threshold, len(part))
        self._seen = part, whole

    def by_second(self, seconds: int) -> tuple[IntColumn, IntColumn]:
        return self._seen


def _marginal(percentile: int, part: IntColumn, whole: IntColumn) -> bool:
    threshold = parse_threshold(f"p{percentile} < 1s")
    return reach(threshold, _Seen(threshold, part, whole), len(part)) > 1


def _by_block(states: Ints, block_s: int, kinds: int) -> Ints:
    """How many seconds each block spent in each state."""
    blocks = -(-len(states) // block_s)
    at = np.arange(len(states)) // block_s * kinds + states
    return np.bincount(at, minlength=blocks * kinds).reshape(blocks, kinds)


def _first_of_coarse(process: Process) -> Ints:
    """For the buckets of a block, the first of the whole run's that each of them holds."""
    fine = np.arange(process.buckets().shape[1])
    octave = np.maximum((fine >> PRECISION) - 1, 0)
    lows = (fine - (octave << PRECISION)) << octave
    return np.flatnonzero(np.diff(bucket_of(lows, BLOCK_PRECISION), prepend=-1))


def lines_of(cells: Sequence[Cell]) -> Iterator[str]:
    """The table, one line a process, length and rate."""
    for first in range(0, len(cells), len(PERCENTILES)):
        row = cells[first : first + len(PERCENTILES)]
        texts = [f"{row[0].process:26}{row[0].length_s:5} s{row[0].rate_per_s:6}/s"]
        for cell in row:
            width = f"{np.median(cell.widths) / cell.truth_ms:.1%}" if cell.widths else "-"
            cover = "-" if cell.coverage is None else f"{cell.coverage:.0%}"
            needed = "-" if cell.needed is None else f"{cell.needed:.1f}"
            mark = "!" if cell.missed else " "
            given = f"{len(cell.widths) / cell.runs:.0%}"
            texts.append(f"{given:>6}{cover:>6}{width:>8}{needed:>7}{cell.reached:6.0%}{mark}")
        yield " | ".join(texts)


def _main(given: argparse.Namespace) -> int:
    begun = time.process_time()
    names = " given cover   width needed reach "
    print(" | ".join([" " * 41, *(f"p{percentile:<33}" for percentile in PERCENTILES)]))
    print(" | ".join([" " * 41, *(names for _ in PERCENTILES)]))
    cells: list[Cell] = []
    for number, process in enumerate(processes()):
        if given.only not in process.name:
            continue
        for length_s in given.length or LENGTHS_S:
            fresh = simulated(process, length_s, RATES_PER_S, given.runs, seed=1000 * number + length_s)
            for text in lines_of(fresh):
                print(text, flush=True)
            cells += fresh
    shown = [cell for cell in cells if cell.coverage is not None]
    missed = [cell for cell in cells if cell.missed]
    if not shown:
        print(f"no cell has {LEAST_GIVEN} intervals: nothing was measured")
        return 1
    worst = min(cell.coverage or 0.0 for cell in shown)
    print(
        f"{len(shown)} of {len(cells)} cells have {LEAST_GIVEN} intervals or more, of {given.runs} runs each"
    )
    reached = min(cell.reached for cell in cells)
    print(f"worst coverage {worst:.1%}, worst reach {reached:.1%}, the aim is {AIM:.0%}")
    print(f"{len(missed)} cells miss it")
    print(f"median width by the width needed: {np.median([c.needed for c in shown if c.needed]):.2f}")
    print(f"{time.process_time() - begun:.0f} s of processor time")
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Coverage of intervals by simulation.")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--only", default="", help="processes whose name contains this")
    parser.add_argument("--length", type=int, action="append", help="seconds; may be given several times")
    sys.exit(_main(parser.parse_args()))
