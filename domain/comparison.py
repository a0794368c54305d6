"""This run against earlier ones or a table of figures, and how small a change would have been seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from perfpilot.domain.base import Frozen

CHANGE_METRICS = ("p50", "p90", "p95", "p99", "mean", "max", "error_rate", "throughput")
"""What is compared between runs, in the order of its rows."""


class ChangeDecision(StrEnum):
    """What the comparison of one metric came to."""

    REGRESSION = "regression"  # a change that chance does not explain, beyond the practical floor, for worse
    IMPROVEMENT = "improvement"  # the same, for better
    NO_CHANGE = "no_change"  # the whole interval lies within the floor; of failures: none on either side
    UNDECIDED = "undecided"  # the data don't tell which, or there is no interval


class MetricChange(Frozen):
    """One metric against the baseline. Shares: 0.1 is a tenth more."""

    metric: str
    label: str
    before: float
    after: float
    unit: str
    change: float  # after / before - 1
    low: float | None = None  # interval of the change, each end with 95 % confidence; None: there is none
    high: float | None = None
    visible: float | None = None  # the smallest change that would have been found nine times in ten
    slower: float | None = None  # chance that a sample of this run took longer than one before; 0.5: equal
    decision: ChangeDecision = ChangeDecision.UNDECIDED
    because: str = ""  # why there is no interval, or what would tell


class Comparison(Frozen):
    """This run against a run, several runs or a benchmark table, or why there is none."""

    against: Literal["run", "runs", "benchmark", ""] = ""
    baseline_run: str = ""  # id of the newest run of the baseline, or the name of the table
    baseline_runs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()  # repetitions on this side; empty: this run alone
    comparable: bool = False
    because: str = ""
    method: str = ""  # what was tested and how, as one sentence
    floor: float = 0.05  # changes within are of no practical matter
    changes: tuple[MetricChange, ...] = ()
