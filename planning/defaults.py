"""What every test has: the usual thresholds where it gives none, and a curve for every load pattern."""

from __future__ import annotations

from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import Metric, parse_threshold
from perfpilot.planning.load.shape_choice import drawn
from perfpilot.planning.review.remarks import remark

ERROR_RATE = "error_rate < 1%"
ACHIEVED_LOAD = "achieved_load >= 95%"


def with_defaults(spec: Spec, policy: Policy | None = None) -> tuple[Spec, tuple[Remark, ...]]:
    """The description as it is run, and one remark for each addition.

    Missing thresholds stand at its end. Patterns with only a level of interest have a curve, sized by all
    thresholds and, where it is given, within the policy.
    """
    effective, added = _with_thresholds(spec)
    effective, curves = drawn(effective, policy)
    return effective, added + curves


def _with_thresholds(spec: Spec) -> tuple[Spec, tuple[Remark, ...]]:
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
