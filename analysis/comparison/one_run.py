"""One run against an earlier one."""

from __future__ import annotations

from perfpilot.analysis.comparison.compare import compare_runs
from perfpilot.analysis.comparison.measured import Measured as Measured
from perfpilot.domain.comparison import Comparison


def compare(before: Measured, after: Measured, *, baseline_run: str = "") -> Comparison:
    """`compare_runs` of one against one."""
    made = compare_runs([before], [after])
    return made.model_copy(update={"baseline_run": baseline_run, "baseline_runs": (baseline_run,)})
