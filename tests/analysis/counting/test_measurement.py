"""What is kept of samples: phases, series, live figures."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.counting.live_measurement import LiveMeasurement
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.judgement import Severity
from perfpilot.domain.live import LiveAlert, LiveGenerator
from perfpilot.domain.measure import PhaseStats
from perfpilot.domain.plan import Kind
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.made_plans import plan as plan_of
from tests.analysis.made_plans import scenario, step
from tests.analysis.result_files import START_MS, file, line, measured, plan

_TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException"


def _phase(measurement: LiveMeasurement, name: str) -> PhaseStats:
    return next(phase for phase in measurement.phases() if phase.phase == name)


def test_a_sample_belongs_to_the_phase_in_which_it_started():
    starts = {"warm_up": (0, 9_999), "steady": (10_000, 59_999), "none": (-1, 60_000)}
    measurement = measured(line(at, 20_000) for pair in starts.values() for at in pair)
    assert _phase(measurement, "warm_up").pooled.count == 2
    assert _phase(measurement, "steady").pooled.count == 2
    assert _phase(measurement, "all").pooled.count == 6


def test_the_rate_of_a_phase_is_the_samples_that_started_in_it_by_its_length():
    measurement = measured(line(10_000 + 100 * n) for n in range(500))
    assert _phase(measurement, "steady").pooled.rate_per_s == 10.0


def test_a_load_that_ended_early_shortens_the_steady_phase_or_never_reaches_it():
    measurement = measured(line(100 * n) for n in range(200))
    steady = measurement.phases(until_s=20)[-1]
    assert (steady.phase, steady.from_s, steady.to_s, steady.pooled.rate_per_s) == ("steady", 10, 20, 10.0)
    assert [phase.phase for phase in measurement.phases(until_s=5)] == ["all", "warm_up"]


def test_figures_of_a_label_are_exact_where_they_are_sums():
    rng = np.random.default_rng(3)
    times = rng.integers(1, 9000, 400).tolist()
    lines = [line(10_000 + n, t, "pay" if n % 2 else "home") for n, t in enumerate(times)]
    pay = next(s for s in _phase(measured(lines), "steady").labels if s.label == "pay")
    own = times[1::2]
    assert (pay.count, pay.min_ms, pay.max_ms) == (200, min(own), max(own))
    assert pay.mean_ms == pytest.approx(sum(own) / 200)
    assert pay.p95_ms == pytest.approx(sorted(own)[189], rel=0.004)
    assert (pay.connect_ms, pay.latency_ms, pay.received_bytes) == (3.0, pay.mean_ms, 200 * 512)


def test_failures_are_counted_by_cause_with_an_example():
    lines = [
        *(line(11_000, success=False, code="503", message="Busy") for _ in range(3)),
        *(line(11_000, success=False, code="200", failure="unexpected status") for _ in range(2)),
        line(11_000, success=False, code=_TIMEOUT, message="Read timed out"),
        line(1_000, success=False, code="500", message="in the warm-up"),
        line(11_000),
    ]
    pooled = _phase(measured(lines), "steady").pooled
    assert [(c.code, c.count, c.example) for c in pooled.causes] == [
        ("503", 3, "Busy"),
        ("assertion", 2, "unexpected status"),
        ("timeout", 1, "Read timed out"),
    ]
    assert pooled.errors == 6


def test_control_rows_are_left_out_everywhere():
    with_control = [text for n in range(30) for text in (line(n * 1000), line(n * 1000, 9, "__ctl"))]
    threshold = parse_threshold("max < 1s")
    measurement = measured(with_control, thresholds=[threshold])
    plain = measured([line(n * 1000) for n in range(30)], thresholds=[threshold])
    assert measurement.phases() == plain.phases()
    assert measurement.series() == plain.series()
    assert measurement.live(START_MS + 30_000).labels == plain.live(START_MS + 30_000).labels
    assert measurement.counters.goals["max < 1s"].tally(1) == plain.counters.goals["max < 1s"].tally(1)


def test_whole_journeys_and_cases_have_figures_of_their_own_and_count_nowhere_else():
    threshold = parse_threshold("max < 1s")
    plain = [line(n * 1000, 100, success=n != 20) for n in range(30)]
    others = [
        *(line(n * 1000, 250 + n, "journey: buy", success=n != 20, code="") for n in range(30)),
        *(line(n * 1000, 40, "case: odd", code="500", success=n < 15) for n in range(10, 30)),
        line(15_000, 5_000, "case: odd / home"),
        line(15_000, 5_000, "__ctl"),
    ]
    mixed = [text for pair in zip_longest(others, plain, fillvalue="") for text in pair]
    with_others = measured(mixed, thresholds=[threshold])
    alone = measured(plain, thresholds=[threshold])
    assert with_others.series() == alone.series()
    assert with_others.live(START_MS + 30_000) == alone.live(START_MS + 30_000)
    assert with_others.counters.goals["max < 1s"].tally(1) == alone.counters.goals["max < 1s"].tally(1)
    for phase, expected in zip(with_others.phases(), alone.phases(), strict=True):
        assert phase.model_copy(update={"transactions": (), "cases": ()}) == expected

    steady = _phase(with_others, "steady")
    (buy,) = steady.transactions
    assert (buy.label, buy.count, buy.errors, buy.min_ms, buy.max_ms) == ("buy", 20, 1, 260, 279)
    assert buy.rate_per_s == 20 / 50
    assert (buy.causes, buy.connect_ms, buy.latency_ms, buy.apdex) == ((), None, None, None)
    odd, before = steady.cases
    assert (odd.label, odd.count, odd.errors, odd.p95_ms) == ("odd", 20, 15, pytest.approx(40, rel=0.004))
    assert [(cause.code, cause.count) for cause in odd.causes] == [("500", 15)]
    assert (before.label, before.count) == ("odd / home", 1)


def test_a_load_asks_by_rate_only_where_a_journey_does():
    rates = scenario("browse", rate=3)
    users = scenario("office", users=5)
    case = scenario("odd", step("case: odd"), rate=1, kind=Kind.EDGE)
    asked = {
        name: measured([line(0)], plan_of(*scenarios)).series().asked_per_s[30]
        for name, scenarios in {
            "rates": (rates,), "both": (rates, users), "users": (users,), "cases": (users, case),
        }.items()
    }  # fmt: skip
    assert asked == {"rates": 3.0, "both": 3.0, "users": None, "cases": None}


def test_columns_that_are_missing_give_no_figures():
    few = ("timeStamp", "elapsed", "label", "success")
    reader = ResultReader()
    measurement = LiveMeasurement(plan(), START_MS, reader.labels, reader.codes)
    measurement.add(reader.feed(file([line(11_000, columns=few)], few)))
    pooled = _phase(measurement, "steady").pooled
    assert (pooled.connect_ms, pooled.latency_ms, pooled.received_bytes) == (None, None, 0)
    assert measurement.series().users[11] is None


def test_series_go_by_the_second_in_which_a_sample_ended():
    series = measured(
        [line(900, 50, users=4), line(900, 200, users=7), line(2_000, 3_000, success=False)]
    ).series()
    assert series.samples[:6] == (1, 1, 0, 0, 0, 1)
    assert series.errors[:6] == (0, 0, 0, 0, 0, 1)
    assert series.users[:6] == (4, 7, None, None, None, 1)
    assert series.p50_ms[0] == pytest.approx(50, rel=0.008)
    assert series.p50_ms[2] is None
    assert series.asked_per_s[:2] == (10.0, 10.0)
    assert len(series.samples) == len(series.p99_ms) == 60


def test_a_run_longer_than_20_minutes_shares_percentiles_but_counts_each_second():
    whole = plan(duration_s=5000, warm_up_s=0)
    measurement = measured((line(1000 * n, 10 if n < 4000 else 500) for n in range(4999)), whole)
    series = measurement.series()
    assert set(series.samples[:4999]) == {1}
    assert series.p50_ms[3990] == 10
    assert series.p50_ms[4990] == pytest.approx(500, rel=0.008)
    assert series.p50_ms[4999] is None


def test_seconds_without_samples_have_no_percentiles_in_a_block_with_others():
    series = measured([line(1000 * n, 10) for n in (0, 1, 4001)], plan(duration_s=5000)).series()
    assert (series.p50_ms[:3], series.p50_ms[4000:4003]) == ((10, 10, None), (None, 10, None))


def test_response_times_of_a_label_are_kept_by_block_of_time():
    whole = plan(duration_s=200, warm_up_s=0)
    lines = [line(1000 * n, 10 + n, "pay" if n % 2 else "home") for n in range(200)]
    measurement = measured([*lines, line(5_000, 7, "journey: buy")], whole)
    blocks = measurement.blocks("pay")
    assert [(b.from_s, b.to_s) for b in blocks] == [(4.0 * n, 4.0 * n + 4) for n in range(50)]
    assert [b.times.size for b in blocks] == [2] * 50
    assert blocks[40].times.quantile(1.0) == pytest.approx(10 + 163, rel=0.008)
    assert measurement.blocks("unknown") == ()


def test_the_steady_phase_alone_has_intervals_pooled_and_by_label():
    whole = plan(duration_s=400, warm_up_s=100)
    times = np.random.default_rng(5).integers(50, 150, 4000).tolist()
    lines = [line(100 * n, t, "pay" if n % 4 == 0 else "home") for n, t in enumerate(times)]
    measurement = measured([*lines, line(150_000, 7, "journey: buy")], whole)
    everything, warm_up, steady = measurement.phases()
    for phase in (everything, warm_up):
        assert all(not s.intervals and not s.no_interval for s in (phase.pooled, *phase.labels))
    for stats, known in ((steady.pooled, 4), (steady.labels[1], 4), (steady.labels[0], 3)):
        assert [i.percentile for i in stats.intervals] == [50, 90, 95, 99][:known]
        figures = (stats.p50_ms, stats.p90_ms, stats.p95_ms, stats.p99_ms)
        for interval, value in zip(stats.intervals, figures, strict=False):
            assert interval.low_ms <= value <= interval.high_ms < interval.low_ms * 1.3
    assert steady.labels[0].label == "pay"
    assert steady.labels[0].no_interval == (
        "too short for an interval: p99 has 750 of 1,000 samples, which take 395 s"
    )
    assert (steady.transactions[0].intervals, steady.transactions[0].no_interval) == ((), "")
    early = measurement.phases(until_s=200)[-1].pooled
    assert early.intervals == ()
    assert early.no_interval == "too short for an interval: 100 s with samples, 300 s are needed"


def test_blocks_of_a_label_are_bounded_however_long_the_run():
    day = plan(duration_s=86_400, warm_up_s=0)
    measurement = measured((line(60_000 * n, 10) for n in range(1440)), day)
    blocks = measurement.blocks("home")
    assert 32 <= len(blocks) <= 64
    assert sum(b.times.size for b in blocks) == 1440


def test_a_time_stamp_far_from_the_load_counts_in_all_and_fills_no_memory():
    measurement = measured([line(11_000), line(900_000_000_000)])
    assert _phase(measurement, "all").pooled.count == 2
    assert len(measurement.series().samples) == 60


def test_live_figures_count_everything_and_rate_the_last_seconds():
    lines = [line(100 * n, 50, "home", users=3) for n in range(200)]
    lines += [line(1000 * n, 400, "pay", success=n > 5) for n in range(20)]
    figures = measured(lines).live(START_MS + 20_500, cpu_shares={"host": 0.5})
    assert (figures.t_s, figures.remaining_s, figures.asked_per_s) == (20.5, 39.5, 10.0)
    assert (figures.count, figures.errors, figures.users) == (220, 6, 3)
    rates = {label.label: label.rate_per_s for label in figures.labels}
    assert rates == {"home": pytest.approx(10.0), "pay": pytest.approx(1.0)}
    assert figures.reached_per_s == pytest.approx(11.0)
    percentiles = {label.label: (label.p50_ms, label.p95_ms, label.p99_ms) for label in figures.labels}
    assert percentiles == {"home": (50, 50, 50), "pay": (400, 400, 400)}


def test_live_figures_pass_on_what_others_found():
    hot = LiveAlert(name="cpu", severity=Severity.HIGH, text="the host is at 97 %", since_s=12.0)
    generator = LiveGenerator(cpu_share=0.9, behind=0.1, concerns=("it is busy",))
    figures = measured([line(0)]).live(
        START_MS + 20_000,
        asked_per_s=47.2,
        alerts=[hot],
        generator=generator,
        steering="probing 47.2/s",
    )
    assert (figures.asked_per_s, figures.alerts, figures.generator, figures.steering) == (
        47.2, (hot,), generator, "probing 47.2/s",
    )  # fmt: skip
    assert measured([]).live(START_MS, asked_per_s=0.0).asked_per_s == 0.0


@given(st.integers(0, 499), st.integers(2_000, 7_000))
def test_a_sample_is_in_the_figures_of_the_next_tick_and_in_the_rates_once_its_second_is_over(
    phase_ms: int, ended_ms: int
):
    """The loop reads and shows every half second: a file that grew is on screen half a second later."""
    reader = ResultReader()
    measurement = LiveMeasurement(plan(), START_MS, reader.labels, reader.codes)
    measurement.add(reader.feed(file([line(0, 10, "home")])))
    written = line(ended_ms - 900, 900, "pay").encode()
    seen_ms = rated_ms = 0
    for tick_ms in range(phase_ms, 12_000, 500):
        if written and tick_ms >= ended_ms:
            measurement.add(reader.feed(written))
            written = b""
        figures = measurement.live(START_MS + tick_ms)
        pay = next((label for label in figures.labels if label.label == "pay"), None)
        if pay and not seen_ms:
            seen_ms = tick_ms
            assert (figures.count, pay.count) == (2, 1)
            assert pay.p95_ms == pytest.approx(900, rel=0.004)
        if pay and pay.rate_per_s and not rated_ms:
            rated_ms = tick_ms
    assert 0 <= seen_ms - ended_ms < 500
    whole_second_ms = (ended_ms // 1000 + 1) * 1000
    assert 1000 <= rated_ms - whole_second_ms < 1500


def test_live_figures_before_the_first_sample_are_empty():
    figures = measured([]).live(START_MS + 100)
    assert (figures.count, figures.users, figures.reached_per_s, figures.labels) == (0, 0, 0, ())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=30))
def test_the_pieces_in_which_a_file_is_read_do_not_matter(sizes: list[int]):
    rng = np.random.default_rng(7)
    lines = [
        line(
            int(at), int(took), f"label {n % 3}", code="503" if n % 5 == 0 else "200", success=bool(n % 5),
            message='two\nlines, "quoted"' if n % 7 == 0 else "OK", users=n % 9,
        )
        for n, (at, took) in enumerate(
            zip(rng.integers(0, 60_000, 240), rng.integers(0, 3000, 240), strict=True)
        )
    ]  # fmt: skip
    data = file(lines)
    ends = np.minimum(np.cumsum(np.resize(sizes, len(data))), len(data))
    results = []
    for cuts in ([len(data)], np.unique(ends).tolist()):
        reader = ResultReader()
        measurement = LiveMeasurement(
            plan(), START_MS, reader.labels, reader.codes, [parse_threshold("p95 < 1s over 10s")]
        )
        begin = 0
        for end in cuts:
            measurement.add(reader.feed(data[begin:end]))
            begin = end
        counter = measurement.counters.goals["p95 < 1s over 10s"]
        figures = [
            (label, [(b.from_s, b.to_s, b.times.quantile(0.5)) for b in measurement.blocks(label)])
            for label in reader.labels
        ]
        results.append(
            (measurement.phases(), measurement.series(), measurement.live(START_MS + 60_000), figures,
             counter.windows(50, 10), counter.window_times(20, 10).quantile(0.95))
        )  # fmt: skip
    assert results[0] == results[1]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_batches_does_not_matter(order: list[int]):
    rng = np.random.default_rng(5)
    lines = [
        line(int(at), int(took), f"label {n % 3}", success=bool(n % 5), users=n % 9)
        for n, (at, took) in enumerate(
            zip(rng.integers(0, 60_000, 240), rng.integers(0, 3000, 240), strict=True)
        )
    ]
    thresholds = [parse_threshold(t) for t in ("p95 < 1s", "error_rate(label 1) < 1%", "apdex(0.5s) > 0.5")]
    reader = ResultReader()
    batches = [reader.feed(file(lines[:40]))] + [
        reader.feed("".join(lines[k : k + 40]).encode()) for k in range(40, 240, 40)
    ]
    results = []
    for sequence in (range(6), order):
        measurement = LiveMeasurement(plan(), START_MS, reader.labels, reader.codes, thresholds)
        for number in sequence:
            measurement.add(batches[number])
        tallies = [counter.tally(50) for counter in measurement.counters.goals.values()]
        results.append(
            (measurement.phases(), measurement.series(), measurement.live(START_MS + 60_000), tallies)
        )
    assert results[0] == results[1]
