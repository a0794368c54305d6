"""Threshold lines: what they mean, and what could never be decided is refused with the mend."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.domain.thresholds import Metric, parse_threshold

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("p95(checkout) < 400ms", {"percentile": 95.0, "label": "checkout", "limit": 400.0}),
    ("p99.9 <= 1.5s", {"percentile": 99.9, "limit": 1500.0, "operator": "<="}),
    ("error_rate < 1%", {"metric": Metric.ERROR_RATE, "limit": 0.01}),
    ("p99 < 1s over 30s", {"over_s": 30.0}),
    ("throughput >= 16800/min", {"limit": 280.0}),
    ("cpu(target) < 85% over 10s", {"metric": Metric.CPU, "label": "target", "limit": 0.85}),
    ("achieved_load >= 95%", {"metric": Metric.ACHIEVED_LOAD, "limit": 0.95}),
    ("capacity >= 300/s", {"metric": Metric.CAPACITY, "limit": 300.0}),
    ("capacity >= 40 users", {"metric": Metric.CAPACITY, "limit": 40.0, "of_users": True}),
    ("change(p95, baseline) <= 10%", {"change_of": "p95", "baseline": "baseline", "limit": 0.1}),
    ("change(throughput) >= -5%", {"change_of": "throughput", "baseline": "baseline", "limit": -0.05}),
    ("change(error_rate) <= 200%", {"change_of": "error_rate", "limit": 2.0}),
    ("apdex(0.5s) >= 0.9", {"apdex_t_ms": 500.0, "limit": 0.9, "label": ""}),
    ("abort if error_rate > 20% for 10s", {"abort": True, "for_s": 10.0, "limit": 0.2}),
]


@pytest.mark.parametrize(("line", "meaning"), GOOD, ids=[line for line, _ in GOOD])
def test_a_line_means(line: str, meaning: dict[str, Any]) -> None:
    threshold = parse_threshold(f"  {line} ")
    assert {key: getattr(threshold, key) for key in meaning} == meaning
    assert threshold.text == line
    assert parse_threshold(threshold.text) == threshold


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("p95 400ms", "write METRIC < LIMIT"),
        ("p95 < 400", "a number with its unit"),
        ("p100 < 1s", "between 0 and 100"),
        ("p0 < 1s", "between 0 and 100"),
        ("error_rat < 1%", "nearest: error_rate"),
        ("error_rate < 120%", "is not a share"),
        ("cpu < 85%", "say whose"),
        ("capacity >= 300/s over 10s", "no sliding window"),
        ("achieved_load(checkout) >= 95%", "is about the whole load"),
        ("abort if cpu(target) > 90% for 5s", "is not known while the load runs"),
        ("p95 < 1s over 500ms", "at least 1s"),
        ("p95 < 1s for 10s", "belongs to 'abort if'"),
        ("change(speed, baseline) < 10%", "unknown metric 'speed'"),
        ("change(p95) < 1s", "is not a share"),
        ("change(p99.9) < 10%", "a change of p99.9 is not known; compare one of p50"),
        ("change(apdex) < 10%", "a change of apdex is not known"),
        ("change < 10%", "a change of nothing is not known"),
        ("change(p95, previous) < 10%", "name the run under baseline.run"),
        ("change(throughput) < 10%", r"such as change\(throughput\) >= -5%"),
        ("change(p95) >= 10%", "a change for the better"),
        (95, "is not a threshold"),
    ],
)
def test_a_line_that_could_never_be_decided_is_refused(line: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_threshold(line)


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_the_limit_itself_counts_as_the_operator_says(
    operator: str, below: bool, equal: bool, above: bool
) -> None:
    threshold = parse_threshold(f"p95 {operator} 100ms")
    assert [threshold.holds(value) for value in (99.9, 100.0, 100.1)] == [below, equal, above]
