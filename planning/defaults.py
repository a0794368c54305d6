"""Thresholds that every test has, added where the description gives none of the kind."""

from __future__ import annotations

from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Metric, parse_threshold
from perfpilot.planning.remarks import remark

ERROR_RATE = "error_rate < 1%"
ACHIEVED_LOAD = "achieved_load >= 95%"


def with_defaults(spec: Spec) -> tuple[Spec, tuple[Remark, ...]]:
    """The description with the missing thresholds at its end, and one remark for each that was added."""
    given = {threshold.metric for threshold in spec.thresholds if not threshold.abort}
    wanted = (
        (Metric.ERROR_RATE, ERROR_RATE, "a run whose requests fail is never a GO"),
        (Metric.ACHIEVED_LOAD, ACHIEVED_LOAD, "a load that was not reached proves nothing"),
    )
    missing = [entry for entry in wanted if entry[0] not in given]
    first = len(spec.thresholds)
    remarks = tuple(
        remark("info", f"thresholds.{first + index}", "default-threshold", f"added {line}: {why}")
        for index, (_, line, why) in enumerate(missing)
    )
    added = tuple(parse_threshold(line) for _, line, _ in missing)
    return spec.model_copy(update={"thresholds": spec.thresholds + added}), remarks
