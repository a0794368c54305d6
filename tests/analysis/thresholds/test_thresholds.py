"""Thresholds: refused before any load, decided after it by exact counting."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.thresholds.thresholds import Evidence, decide, goals
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison, MetricChange
from perfpilot.domain.judgement import Decision, ThresholdResult
from perfpilot.domain.measure import GeneratorHealth, ResourceSeries
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.thresholds import Threshold, parse_threshold
from tests.analysis.result_files import line, measured, plan

_LIMITED = GeneratorHealth(limited=True, reasons=("JMeter used 96 % of its host",), achieved_load=0.5)
_FINE = GeneratorHealth(limited=False, achieved_load=1.0)
_TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException"


def _evidence(
    measurement: Measurement, of_plan: Plan | None = None, generator: GeneratorHealth = _FINE
) -> Evidence:
    steady = next((p for p in measurement.phases() if p.phase == "steady"), None)
    return Evidence(of_plan or plan(), steady, measurement.counters, generator)


def _decide(text: str, lines: list[str], generator: GeneratorHealth = _FINE) -> ThresholdResult:
    threshold = parse_threshold(text)
    measurement = measured(lines, thresholds=[threshold])
    return decide([threshold], _evidence(measurement, generator=generator))[0]


def _steady(times: list[int], **sample: object) -> list[str]:
    """Samples spread evenly over the steady phase, 10 s to 60 s."""
    step = 50_000 / max(len(times), 1)
    return [line(10_000 + int(n * step), t, **sample) for n, t in enumerate(times)]  # type: ignore[arg-type]


def test_in_a_breakpoint_search_only_capacity_is_a_goal():
    lines = [parse_threshold(t) for t in ("p95 < 1s", "capacity >= 9/s", "abort if error_rate > 5% for 3s")]
    assert [t.text for t in goals(lines)] == ["p95 < 1s", "capacity >= 9/s"]
    assert [t.text for t in goals(lines, breakpoint_search=True)] == ["capacity >= 9/s"]


@pytest.mark.parametrize(
    ("text", "at_limit", "decision"),
    [
        # 1,000 samples: rank 950 is the 50th from above.
        ("p95 < 400ms", 50, Decision.MET),
        ("p95 < 400ms", 51, Decision.BROKEN),
        ("p95 <= 400ms", 51, Decision.MET),
        ("p95 >= 400ms", 50, Decision.BROKEN),
        ("p95 >= 400ms", 51, Decision.MET),
        ("p95 > 400ms", 51, Decision.BROKEN),
        ("p99 < 400ms", 10, Decision.MET),
        ("p99 < 400ms", 11, Decision.BROKEN),
        ("max < 400ms", 0, Decision.MET),
        ("max < 400ms", 1, Decision.BROKEN),
        ("max <= 400ms", 1, Decision.MET),
    ],
)
def test_percentiles_are_decided_by_counting_to_the_very_sample(text: str, at_limit: int, decision: Decision):
    assert _decide(text, _steady([400] * at_limit + [399] * (1000 - at_limit))).decision is decision


@pytest.mark.parametrize(
    ("text", "samples", "decided"),
    [
        ("p50 < 1s", 199, False),
        ("p95 < 1s", 199, False),
        ("p95 < 1s", 200, True),
        ("p99 < 1s", 999, False),
        ("p99 < 1s", 1000, True),
        ("p99.9 < 1s", 9_999, False),
        ("p99.9 < 1s", 10_000, True),
        ("error_rate < 1%", 99, False),
        ("error_rate < 1%", 100, True),
        ("mean < 1s", 99, False),
        ("max < 1s", 99, False),
        ("apdex(0.5s) > 0.5", 99, False),
        ("throughput > 0.1/s", 29, False),
        ("throughput > 0.1/s", 30, True),
    ],
)
def test_below_the_floor_of_its_metric_a_threshold_is_undecided(text: str, samples: int, decided: bool):
    result = _decide(text, _steady([100] * samples))
    assert result.decision is (Decision.MET if decided else Decision.UNDECIDED)
    assert decided or "too few" in result.reason


@pytest.mark.parametrize(
    "text", ["p95 < 1s", "error_rate < 1%", "throughput >= 1/s", "max < 1s", "mean < 1s"]
)
def test_without_a_sample_nothing_is_decided(text: str):
    assert _decide(text, []).decision is Decision.UNDECIDED
    assert _decide(text, [line(500)] * 300).decision is Decision.UNDECIDED  # all in the warm-up


def test_few_samples_are_enough_for_a_breach_that_no_further_sample_can_mend():
    assert _decide("max < 1s", _steady([1000])).decision is Decision.BROKEN
    assert _decide("error_rate < 1%", _steady([9] * 5, success=False)).decision is Decision.BROKEN
    assert _decide("error_rate < 1%", _steady([9] * 4, success=False)).decision is Decision.UNDECIDED


@pytest.mark.parametrize(
    ("text", "value", "decision"),
    [
        ("error_rate < 1%", 1.0, Decision.BROKEN),
        ("error_rate <= 1%", 1.0, Decision.MET),
        ("throughput >= 19.8/s", 19.8, Decision.MET),
        ("throughput > 19.8/s", 19.8, Decision.BROKEN),
        ("mean <= 200ms", 200.0, Decision.MET),
        ("mean < 200ms", 200.0, Decision.BROKEN),
        # 990 samples succeed: 100 ms is satisfied, 300 ms tolerating with T = 0.1 s; failed ones frustrated.
        ("apdex(0.1s) >= 0.74", 0.7425, Decision.MET),
        ("apdex(0.1s) >= 0.75", 0.7425, Decision.BROKEN),
        ("error_rate(home) < 2%", 1.0, Decision.MET),
        ("p95(home) < 1s", 300.0, Decision.MET),
    ],
)
def test_the_value_is_in_the_unit_of_the_limit_and_the_limit_itself_is_compared(
    text: str, value: float, decision: Decision
):
    lines = _steady([100, 300] * 500)
    lines[:10] = [each.replace(",true,", ",false,") for each in lines[:10]]
    result = _decide(text, [*lines, *_steady([5] * 0)])
    assert result.value == pytest.approx(value)
    assert (result.decision, result.samples) == (decision, 1000)


def test_a_label_counts_its_own_samples_only():
    lines = _steady([50] * 500, label="home") + _steady([900] * 500, label="pay")
    assert _decide("p95(home) < 100ms", lines).decision is Decision.MET
    assert _decide("p95(pay) < 100ms", lines).decision is Decision.BROKEN
    assert _decide("p95 < 100ms", lines).decision is Decision.BROKEN


def test_the_value_shown_never_contradicts_the_decision():
    """Above 8 s response times share buckets."""
    times = [20_001] * 100 + [19_999] * 900
    assert (_decide("p90 < 20s", _steady(times)).value or 0) <= 20_000
    assert (_decide("p91 < 20s", _steady(times)).value or 0) >= 20_000


def test_over_asks_every_full_window():
    """A burst of 5 s in a steady phase of 50 s, 20 samples a second."""
    times = [100] * 1000
    times[400:500] = [900] * 100
    assert _decide("p90 < 500ms", _steady(times)).decision is Decision.MET
    result = _decide("p90 < 500ms over 10s", _steady(times))
    assert result.decision is Decision.BROKEN
    assert result.value == pytest.approx(900, rel=0.01)
    # 10 % of a window may be slow: those with two seconds of the burst or more are broken.
    assert result.reason.startswith("12 of 41 windows of 10 s break it")


@pytest.mark.parametrize(
    ("text", "samples", "because"),
    [
        ("p95 < 1s over 60s", 1000, "no full window of 60 s"),
        ("p95 < 1s over 10s", 500, "41 of 41 windows of 10 s have fewer than 200 samples"),
    ],
)
def test_over_without_enough_is_undecided(text: str, samples: int, because: str):
    result = _decide(text, _steady([100] * samples))
    assert result.decision is Decision.UNDECIDED
    assert because in result.reason


def test_an_empty_window_breaks_a_throughput():
    lines = [each for n, each in enumerate(_steady([100] * 1000)) if not 400 <= n < 600]
    result = _decide("throughput >= 5/s over 5s", lines)
    assert (result.decision, result.value) == (Decision.BROKEN, 0.0)


@pytest.mark.parametrize(
    "text", ["p95 < 1s", "max < 1s", "throughput > 1/s", "apdex(1s) > 0.1", "achieved_load >= 95%"]
)
def test_a_limited_generator_decides_no_latency_no_throughput_and_no_load(text: str):
    result = _decide(text, _steady([100] * 1000), _LIMITED)
    assert result.decision is Decision.UNDECIDED
    assert "JMeter used 96 %" in result.reason


def test_a_limited_generator_leaves_errors_that_the_target_answered():
    good = _steady([100] * 900)
    answered = good + _steady([100] * 100, success=False, code="500")
    silent = good + _steady([100] * 100, success=False, code=_TIMEOUT)
    assert _decide("error_rate < 1%", answered, _LIMITED).decision is Decision.BROKEN
    assert _decide("error_rate < 1%", silent, _LIMITED).decision is Decision.UNDECIDED
    assert _decide("error_rate < 1%", good, _LIMITED).decision is Decision.MET


def test_an_attempt_that_is_not_valid_decides_nothing():
    threshold = parse_threshold("error_rate < 1%")
    measurement = measured(_steady([9] * 500, success=False), thresholds=[threshold])
    evidence = replace(_evidence(measurement), valid=False, invalid_because="the clock moved")
    result = decide([threshold], evidence)[0]
    assert (result.decision, result.reason) == (
        Decision.UNDECIDED,
        "the attempt is not valid: the clock moved",
    )


def test_a_threshold_near_its_limit_is_marginal_and_one_far_from_it_is_not():
    noisy = [90 + 20 * (n // 150 % 2) for n in range(1000)]
    assert _decide("mean < 101ms", _steady(noisy)).marginal
    assert not _decide("mean < 300ms", _steady(noisy)).marginal


def _cpu(values: list[float], limited: bool = False) -> Evidence:
    series = ResourceSeries(
        component="target",
        metric="cpu_share",
        t_s=tuple(float(n) for n in range(len(values))),
        values=tuple(values),
    )
    generator = _LIMITED if limited else _FINE
    return replace(_evidence(measured([line(11_000)]), generator=generator), resources=(series,))


@pytest.mark.parametrize(
    ("text", "values", "decision"),
    [
        ("cpu(target) < 50%", [0.9] * 10 + [0.4] * 50, Decision.MET),  # the warm-up does not count
        ("cpu(target) < 50%", [0.4] * 10 + [0.6] * 50, Decision.BROKEN),
        ("cpu(target) < 50% over 10s", [0.1] * 30 + [0.8] * 10 + [0.1] * 20, Decision.BROKEN),
        ("cpu(target) < 50%", [0.1] * 30 + [0.8] * 10 + [0.1] * 20, Decision.MET),
        ("cpu(target) < 50%", [0.1] * 12, Decision.UNDECIDED),
        ("cpu(database) < 50%", [0.1] * 60, Decision.UNDECIDED),
    ],
)
def test_cpu_is_the_mean_share_of_the_steady_phase(text: str, values: list[float], decision: Decision):
    assert decide([parse_threshold(text)], _cpu(values))[0].decision is decision


def test_cpu_counts_the_cores_that_the_component_may_use():
    evidence = replace(_cpu([0.4] * 60), cpu_scale={"target": 2.0})
    result = decide([parse_threshold("cpu(target) < 50%")], evidence)[0]
    assert (result.decision, result.value) == (Decision.BROKEN, pytest.approx(80))


def test_a_quiet_cpu_under_a_load_that_was_not_reached_proves_nothing():
    line_ = [parse_threshold("cpu(target) < 50%")]
    assert decide(line_, _cpu([0.1] * 60, limited=True))[0].decision is Decision.UNDECIDED
    assert decide(line_, _cpu([0.9] * 60, limited=True))[0].decision is Decision.BROKEN


@pytest.mark.parametrize(
    ("achieved", "engine", "decision"),
    [
        (0.96, Engine.STEERED_RATE, Decision.MET),
        (0.94, Engine.STEERED_RATE, Decision.BROKEN),
        (0.90, Engine.OPEN_SCHEDULE, Decision.UNDECIDED),  # 500 random arrivals vary by 13 %
        (0.80, Engine.OPEN_SCHEDULE, Decision.BROKEN),
        (None, Engine.STEERED_RATE, Decision.UNDECIDED),
    ],
)
def test_achieved_load_is_undecided_within_the_chance_of_random_arrivals(
    achieved: float | None, engine: Engine, decision: Decision
):
    health = GeneratorHealth(limited=False, achieved_load=achieved)
    evidence = _evidence(measured([line(11_000)]), plan(engine=engine), health)
    assert decide([parse_threshold("achieved_load >= 95%")], evidence)[0].decision is decision


@pytest.mark.parametrize(
    ("capacity", "decision", "marginal"),
    [
        (None, Decision.UNDECIDED, False),
        (Capacity(estimated=False, because="one level only"), Decision.UNDECIDED, False),
        (Capacity(estimated=True, rate_per_s=320, low_per_s=310, high_per_s=330), Decision.MET, False),
        (Capacity(estimated=True, rate_per_s=310, low_per_s=290, high_per_s=330), Decision.UNDECIDED, True),
        (Capacity(estimated=True, rate_per_s=250, low_per_s=240, high_per_s=260), Decision.BROKEN, False),
    ],
)
def test_capacity_is_taken_from_its_estimate(capacity: Capacity | None, decision: Decision, marginal: bool):
    evidence = replace(_evidence(measured([])), capacity=capacity)
    result = decide([parse_threshold("capacity >= 300/s")], evidence)[0]
    assert (result.decision, result.marginal) == (decision, marginal)


@pytest.mark.parametrize(
    ("comparison", "decision"),
    [
        (None, Decision.UNDECIDED),
        (Comparison(because="the loads differ"), Decision.UNDECIDED),
        (Comparison(comparable=True, baseline_run="r1"), Decision.UNDECIDED),
        ((0.02, 0.05, 0.08), Decision.MET),
        ((0.02, 0.05, 0.12), Decision.UNDECIDED),
        ((0.08, 0.12, 0.2), Decision.UNDECIDED),
        ((0.11, 0.12, 0.2), Decision.BROKEN),
        ((None, 0.05, None), Decision.UNDECIDED),
        ((None, 9.0, None), Decision.UNDECIDED),
    ],
)
def test_change_is_decided_by_its_whole_interval(comparison: object, decision: Decision):
    if isinstance(comparison, tuple):
        low, share, high = comparison
        row = MetricChange(
            metric="p95", label="", before=100, after=100 * (1 + share), unit="ms", change=share,
            low=low, high=high, visible=0.15, because="there is no interval" if low is None else "",
        )  # fmt: skip
        rows = [row.model_copy(update={"label": "home", "low": 9.0, "high": 9.9}), row]
        comparison = Comparison(comparable=True, baseline_run="r1", changes=tuple(rows))
    evidence = replace(_evidence(measured([])), comparison=comparison)
    result = decide([parse_threshold("change(p95) <= 10%")], evidence)[0]
    assert result.decision is decision
    assert result.marginal is ("across the limit; the smallest change" in result.reason)
    assert result.reason or decision is Decision.MET


@pytest.mark.parametrize(
    ("before", "after", "line", "decision"),
    [
        (0.0, 0.0, "change(error_rate) <= 10%", Decision.MET),
        (1.0, 0.0, "change(error_rate) <= 0%", Decision.MET),
        (0.0, 0.0, "change(error_rate) <= -10%", Decision.UNDECIDED),
        (1.0, 0.5, "change(error_rate) <= 10%", Decision.UNDECIDED),
    ],
)
def test_where_no_request_failed_failures_have_not_risen(
    before: float, after: float, line: str, decision: Decision
):
    change = after / before - 1 if before else 0.0
    row = MetricChange(metric="error_rate", label="", before=before, after=after, unit="%", change=change)
    comparison = Comparison(comparable=True, baseline_run="r1", changes=(row,))
    evidence = replace(_evidence(measured([])), comparison=comparison)
    assert decide([parse_threshold(line)], evidence)[0].decision is decision


_ORDER = {Decision.MET: 0, Decision.UNDECIDED: 1, Decision.BROKEN: 2}
_LINES = [
    parse_threshold(text)
    for text in (
        "p50 < 300ms", "p95 <= 300ms", "p95 < 300ms over 20s", "max < 500ms", "mean < 250ms",
        "error_rate < 5%", "error_rate < 5% over 20s", "throughput >= 9/s", "throughput >= 9/s over 5s",
        "apdex(0.2s) >= 0.7", "apdex(0.2s) >= 0.7 over 25s",
    )
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(50, 600), st.integers(0, 19)), min_size=1, max_size=600),
    st.integers(0, 10**6),
    st.sampled_from([_FINE, _LIMITED]),
    st.sampled_from(["500", _TIMEOUT]),
)
def test_worse_data_never_improves_a_decision(
    samples: list[tuple[int, int]], seed: int, generator: GeneratorHealth, code: str
):
    """Worse: the same samples, some of them slower, some of them failed."""
    count = len(samples)
    before = [(t, failed > 0) for t, failed in samples]
    after = [
        (t + (seed * (n + 1) % 97 if n % 3 else 0), good and (seed * (n + 7)) % 11 > 1)
        for n, (t, good) in enumerate(before)
    ]
    found = []
    for data in (before, after):
        lines = [
            line(10_000 + n * 50_000 // count, t, success=good, code="200" if good else code)
            for n, (t, good) in enumerate(data)
        ]
        found.append(decide(_LINES, _evidence(measured(lines, thresholds=_LINES), generator=generator)))
    for first, second in zip(*found, strict=True):
        assert _ORDER[second.decision] >= _ORDER[first.decision], (first, second)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 1000), min_size=200, max_size=400),
    st.sampled_from([1, 50, 90, 94.5, 95]),
    st.integers(0, 1000),
    st.sampled_from(["<", "<=", ">", ">="]),
)
def test_a_percentile_is_decided_as_its_order_statistic_says(
    times: list[int], percentile: float, limit: int, operator: str
):
    threshold = parse_threshold(f"p{percentile} {operator} {limit}ms")
    exact = sorted(times)[math.ceil(round(percentile * len(times) / 100, 9)) - 1]
    result = _decide(threshold.text, _steady(times))
    assert (result.decision is Decision.MET) == threshold.holds(exact)
    assert result.value == exact


def test_abort_lines_are_no_goals():
    threshold: Threshold = parse_threshold("abort if error_rate > 1% for 1s")
    assert decide([threshold], _evidence(measured([], thresholds=[threshold]))) == ()


@pytest.mark.parametrize("text", ["p95 < 1s", "error_rate < 1%", "throughput >= 1/s", "apdex(0.5s) >= 0.5"])
def test_no_sample_at_all_is_undecided_and_never_met(text: str):
    assert _decide(text, []).decision is Decision.UNDECIDED
