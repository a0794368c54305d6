"""JUnit XML for a build pipeline: one test case a threshold.

Broken is a failure, undecided is skipped with its reason, a run that could not be measured is an error
(k6 has no such file; Taurus calls a missed limit an error, Gatling a failure: pipelines tell these apart).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perfpilot.domain.comparison import ChangeDecision
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.outcome import Status, Verdict
from perfpilot.domain.result import Result
from perfpilot.reporting import figures, shown
from perfpilot.reporting.headline import headline
from perfpilot.reporting.plain_text import clean

if TYPE_CHECKING:
    from lxml.etree import _Element

RUN_CASE = "the run was measured"
"""Name of the test case that stands for the run itself, where no threshold tells how it ended."""

_NOT_MEASURABLE = frozenset({Status.REFUSED, Status.NOT_READY, Status.FAILED})


def render_junit(result: Result) -> str:
    """A `testsuites` document with one suite. Every case passes only when the run's outcome is GO."""
    from lxml import etree

    duration = f"{max(0, result.run.ended_ms - result.run.started_ms) / 1000:.3f}"
    root = etree.Element("testsuites", name="perfpilot", time=duration)
    name = clean(result.run.test_name) or "perfpilot"
    started = datetime.fromtimestamp(result.run.started_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    suite = etree.SubElement(root, "testsuite", name=name, time=duration, timestamp=started)
    _properties(suite, _run_properties(result))
    for threshold in result.thresholds:
        _threshold_case(suite, result, threshold)
    if _outcome_not_told(result):
        _run_case(suite, result)
    for element in (root, suite):
        _count(element, suite)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text


def _threshold_case(suite: _Element, result: Result, threshold: ThresholdResult) -> None:
    from lxml import etree

    case = _case(suite, result, threshold.text)
    value, limit = shown.threshold_cells(threshold)
    properties = {
        "limit": f"{threshold.limit:.10g}",
        "unit": threshold.unit or "1",
        "samples": threshold.samples,
    }
    if threshold.value is not None:
        properties["value"] = f"{threshold.value:.10g}"
    _properties(case, properties | {"marginal": str(threshold.marginal).lower()})
    reason = clean(threshold.reason)
    if threshold.decision is Decision.BROKEN:
        message = f"{value} against a limit of {limit}"
        element = etree.SubElement(case, "failure", message=message, type="ThresholdBroken")
        element.text = f"{clean(threshold.text)}: {message}. {reason}".strip()
    elif threshold.decision is Decision.UNDECIDED:
        etree.SubElement(case, "skipped", message=f"undecided: {reason or 'no reason was given'}")


def _outcome_not_told(result: Result) -> bool:
    """Whether the threshold cases alone would look better than the outcome, or there are none."""
    decisions = {threshold.decision for threshold in result.thresholds}
    verdict = result.outcome.verdict
    if result.outcome.status is not Status.COMPLETED or not decisions:
        return True
    if verdict is Verdict.GO:
        return False
    return (Decision.BROKEN if verdict is Verdict.NO_GO else Decision.UNDECIDED) not in decisions


def _run_case(suite: _Element, result: Result) -> None:
    from lxml import etree

    case = _case(suite, result, RUN_CASE)
    head = headline(result)
    message = "; ".join(head.reasons) or head.sentence
    status, verdict = result.outcome.status, result.outcome.verdict
    if status in _NOT_MEASURABLE:
        element = etree.SubElement(case, "error", message=message, type=head.word.title().replace(" ", ""))
        element.text = head.sentence
    elif verdict is Verdict.NO_GO:
        element = etree.SubElement(case, "failure", message=message, type="NoGo")
        element.text = head.sentence
    elif status is Status.STOPPED or verdict is not Verdict.GO:
        etree.SubElement(case, "skipped", message=f"{head.word.lower()}: {message}")


def _case(suite: _Element, result: Result, name: str) -> _Element:
    from lxml import etree

    class_name = f"perfpilot.{clean(result.run.test_name).replace('.', '_')}"
    return etree.SubElement(suite, "testcase", classname=class_name, name=clean(name), time="0")


def _run_properties(result: Result) -> dict[str, object]:
    run = result.run
    properties: dict[str, object] = {
        "run": run.id,
        "status": result.outcome.status.value,
        "verdict": result.outcome.verdict.value if result.outcome.verdict else "none",
        "perfpilot": run.perfpilot,
        "base_url": run.base_url,
        "spec_sha256": run.spec_sha256,
    }
    phase = shown.shown_phase(shown.shown_attempt(result))
    if phase is not None:
        pooled = phase.pooled
        numbers = {"samples": pooled.count, "errors": pooled.errors, "rate_per_s": pooled.rate_per_s,
                   "p50_ms": pooled.p50_ms, "p95_ms": pooled.p95_ms, "p99_ms": pooled.p99_ms}  # fmt: skip
        properties |= {name: f"{number:.10g}" for name, number in numbers.items() if number is not None}
    properties |= {name: f"{number:.10g}" for name, number in _outlook(result).items() if number is not None}
    if result.cases:
        unexpected = sum(not case.ok for case in result.cases)
        properties |= {"cases": len(result.cases), "cases.not_as_expected": unexpected}
    return properties | {f"degradation.{n}": text for n, text in enumerate(result.degradations, start=1)}


def _outlook(result: Result) -> dict[str, float | None]:
    """Capacity and head room, and how many figures became worse, shifted or climb; None: not known."""
    capacity, comparison = result.capacity, result.comparison
    numbers: dict[str, float | None] = {
        "capacity_per_s": capacity.rate_per_s if capacity.estimated else None,
        "capacity_low_per_s": capacity.low_per_s,
        "capacity_high_per_s": capacity.high_per_s,
        "capacity_users": capacity.users_kept,
        "head_room": capacity.head_room.share if capacity.head_room else None,
    }
    if comparison.comparable:
        for decision in ChangeDecision:
            count = sum(change.decision is decision for change in comparison.changes)
            numbers[f"comparison.{decision.value}"] = count
    if result.trend.metrics:
        worse = [m for m in result.trend.metrics if m.decision is ChangeDecision.REGRESSION]
        numbers["trend.regression"] = len(worse)
        numbers["trend.shifted"] = sum(bool(metric.shifts) for metric in result.trend.metrics)
    if result.soak.looked_at:
        numbers["slow_changes"] = sum(change.of_target for change in result.soak.changes)
    return numbers


def _properties(parent: _Element, properties: dict[str, object]) -> None:
    from lxml import etree

    element = etree.SubElement(parent, "properties")
    for name, value in properties.items():
        etree.SubElement(element, "property", name=name, value=clean(value) or figures.DASH)


def _count(element: _Element, suite: _Element) -> None:
    element.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
