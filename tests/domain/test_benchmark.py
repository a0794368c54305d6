"""Lines of a benchmark table: what they mean, and typos are refused with the mend."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from perfpilot.domain.benchmark import Benchmark, parse_benchmark
from perfpilot.domain.spec import Baseline


@pytest.mark.parametrize(
    ("line", "metric", "label", "figure", "in_unit"),
    [
        ("p95(checkout) = 250ms", "p95", "checkout", 250.0, 250.0),
        ("p99.9=1.5s", "p99.9", "", 1500.0, 1500.0),
        ("  mean( all items )  =  80ms ", "mean", "all items", 80.0, 80.0),
        ("throughput = 18000/min", "throughput", "", 300.0, 300.0),
        ("error_rate = 0.5%", "error_rate", "", 0.005, 0.5),
    ],
)
def test_a_line_means(line: str, metric: str, label: str, figure: float, in_unit: float) -> None:
    made = parse_benchmark(line)
    assert (made.metric, made.label, made.figure) == (metric, label, pytest.approx(figure))
    assert made.in_unit == pytest.approx(in_unit)
    assert parse_benchmark(made.text) == made


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("p95 < 250ms", "METRIC = FIGURE"),
        ("p95 == 250ms", "METRIC = FIGURE"),
        ("p95 = 250", "a number with its unit"),
        ("p94 = 250ms", "nearest: p9"),
        ("capacity = 300/s", "no metric 'capacity'"),
        ("p95() = 250ms", "name an endpoint"),
        ("error_rate = 0%", "write a threshold"),
        ("throughput = 3 apples", "is not a rate"),
        (250, "METRIC = FIGURE"),
    ],
)
def test_a_line_that_says_nothing_is_refused(line: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_benchmark(line)


def test_a_typo_is_refused_with_its_place_and_lines_stay_lines() -> None:
    baseline = Baseline.model_validate({"benchmark": ["p95 = 250ms"]})
    assert isinstance(baseline.benchmark[0], Benchmark)
    assert baseline.model_dump(mode="json")["benchmark"] == ["p95 = 250ms"]
    with pytest.raises(ValidationError) as refused:
        Baseline.model_validate({"benchmark": ["p95 = 250ms", "p95(a) = 1"]})
    assert refused.value.errors()[0]["loc"] == ("benchmark", 1)
