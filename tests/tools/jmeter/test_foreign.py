"""Closing result files that JMeter wrote elsewhere."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from perfpilot.domain.errors import ResultFileError, SpecError
from perfpilot.domain.judgement import Decision
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Spec
from perfpilot.domain.thresholds import parse_threshold
from perfpilot.tools.jmeter.foreign import Asked, ClosedFile, close_file
from perfpilot.tools.spec.read import parse_spec
from tests.analysis.result_files import START_MS, file, line

SUM = "Number of samples in transaction : 2, number of failing samples : 0"


def steady(seconds: int = 120, label: str = "home", every_ms: int = 20, slow_ms: int = 0) -> list[str]:
    """An even load; every tenth answer takes 150 ms instead of 100."""
    times = range(0, seconds * 1000, every_ms)
    return [
        line(at, (150 if number % 10 == 0 else 100) + slow_ms, label, users=4)
        for number, at in enumerate(times)
    ]


def closed(
    directory: Path, lines: Iterable[str] | bytes, *limits: str, spec: Spec | None = None
) -> ClosedFile:
    path = directory / "results.jtl"
    path.write_bytes(lines if isinstance(lines, bytes) else file(lines))
    return close_file(path, Asked(spec=spec, thresholds=tuple(map(parse_threshold, limits))))


def described(duration: str = "2m", endpoint: str = "home", rate: float = 50) -> Spec:
    return parse_spec(
        {
            "version": 1,
            "test_name": "shop",
            "environment": {"base_url": "http://127.0.0.1:1"},
            "endpoints": [{"name": endpoint, "path": "/"}],
            "load_patterns": [{"arrivals": "even", "stages": [{"rate_per_s": rate, "duration": duration}]}],
            "thresholds": ["p95 < 400ms"],
        }
    )


def decisions(found: ClosedFile | ClosedAttempt) -> dict[str, tuple[str, str]]:
    results = (found.closed if isinstance(found, ClosedFile) else found).thresholds
    return {result.text: (result.decision.value, result.reason) for result in results}


def test_limits_are_decided_on_the_steady_state_that_was_found(tmp_path: Path) -> None:
    slow_start = steady(25, slow_ms=900) + [
        text.replace(str(START_MS + at), str(START_MS + 25_000 + at), 1)
        for at, text in zip(range(0, 120_000, 20), steady(), strict=True)
    ]
    found = closed(tmp_path, slow_start, "p95 < 400ms")
    assert decisions(found)["p95 < 400ms"][0] == "met"
    whole, phase = (found.closed.attempt.phase(name) for name in ("all", "steady"))
    assert whole and phase and whole.pooled.max_ms and whole.pooled.max_ms > 1000
    assert phase.from_s >= 30
    assert phase.pooled.max_ms == 150


def test_nothing_is_known_of_the_load_asked_and_nothing_is_made_up(tmp_path: Path) -> None:
    found = closed(tmp_path, steady())
    assert list(decisions(found)) == ["error_rate < 1%", "achieved_load >= 95%"]
    decision, reason = decisions(found)["achieved_load >= 95%"]
    assert decision == "undecided"
    assert "--threshold" in reason and "--spec" in reason
    health = found.closed.attempt.generator
    assert (health.limited, health.achieved_load) == (False, None)
    assert set(found.closed.charts.series.asked_per_s) == {None}
    assert found.spec is None


def test_errors_are_always_judged(tmp_path: Path) -> None:
    failed = [line(at, 100, code="500", success=False) for at in range(0, 60_000, 20)]
    assert decisions(closed(tmp_path, failed, "p95 < 400ms"))["error_rate < 1%"][0] == "broken"


def test_without_a_steady_state_only_errors_are_decided(tmp_path: Path) -> None:
    two = [line(at, 100, users=4) for at in range(0, 60_000, 20)]
    two += [line(at, 100, users=8) for at in range(60_000, 120_000, 10)]
    found = closed(tmp_path, two, "p95 < 400ms", "p95 < 50ms", "throughput > 1/s", "apdex(0.5s) > 0.1")
    told = decisions(found)
    assert told.pop("error_rate < 1%") == ("met", "counted over the whole load, which had no steady state")
    assert {decision for decision, _ in told.values()} == {"undecided"}
    assert all("not one steady state" in reason for _, reason in told.values())
    assert [phase.phase for phase in found.closed.attempt.phases] == ["all"]


def test_a_description_that_fits_tells_what_was_asked(tmp_path: Path) -> None:
    found = closed(tmp_path, steady(), spec=described())
    assert found.file.described
    assert decisions(found)["achieved_load >= 95%"][0] == "met"
    assert found.closed.attempt.generator.achieved_load == pytest.approx(1, abs=0.01)
    short = closed(tmp_path, steady(), spec=described(rate=80))
    assert decisions(short)["achieved_load >= 95%"][0] == "broken"


@pytest.mark.parametrize(
    ("spec", "because"),
    [
        (described(duration="5m"), "lasts 5m, that of the file 2m"),
        (described(endpoint="search"), "no sample of search"),
    ],
)
def test_a_description_of_another_load_tells_nothing(tmp_path: Path, spec: Spec, because: str) -> None:
    found = closed(tmp_path, steady(), spec=spec)
    assert not found.file.described
    decision, reason = decisions(found)["achieved_load >= 95%"]
    assert decision == "undecided"
    assert because in reason
    assert decisions(found)["p95 < 400ms"][0] == "met"


def test_transactions_are_kept_apart_from_samples(tmp_path: Path) -> None:
    lines = [
        text
        for at in range(0, 120_000, 100)
        for text in (line(at, 40, "login"), line(at + 41, 30, "pay"), line(at, 80, "buy", message=SUM))
    ]
    found = closed(tmp_path, lines, "p95 < 60ms")
    phase = found.closed.attempt.phase("steady")
    assert phase and {stats.label for stats in phase.labels} == {"login", "pay"}
    assert [stats.label for stats in phase.transactions] == ["buy"]
    assert decisions(found)["p95 < 60ms"][0] == "met"
    assert found.closed.attempt.files.journeys == 1200
    assert "1,200 rows are transactions (buy)" in found.file.notes[0]
    with pytest.raises(SpecError, match="buy is a transaction"):
        closed(tmp_path, lines, "p95(buy) < 60ms")


def test_a_file_of_transactions_alone_has_them_as_samples(tmp_path: Path) -> None:
    found = closed(
        tmp_path, (line(at, 80, "buy", message=SUM) for at in range(0, 120_000, 50)), "p95(buy) < 90ms"
    )
    assert decisions(found)["p95(buy) < 90ms"][0] == "met"
    assert found.file.notes == ("every row is a transaction: they are counted as the samples",)


def test_parts_of_samples_do_not_count_twice(tmp_path: Path) -> None:
    lines = [
        text
        for at in range(0, 120_000, 100)
        for text in (line(at, 90, "home"), line(at, 40, "home-0"), line(at + 41, 49, "home-1"))
    ]
    found = closed(tmp_path, lines)
    phase = found.closed.attempt.phase("all")
    assert phase and phase.pooled.count == 1200
    assert "2,400 rows are parts of other samples (home-0, home-1)" in found.file.notes[0]


def test_rows_in_any_order_give_the_same_figures(tmp_path: Path) -> None:
    lines = steady(every_ms=5)
    shuffled = [line(-5000, 6000, users=4), *lines[::-1]]
    (tmp_path / "other").mkdir()
    found = closed(tmp_path, [*lines, line(-5000, 6000, users=4)], "p95 < 400ms")
    other = closed(tmp_path / "other", shuffled, "p95 < 400ms")
    assert found.file.first_ms == other.file.first_ms == START_MS - 5000
    steady_state = found.closed.attempt.steady
    assert steady_state and steady_state.from_s == 35  # 30 s behind the first of the others
    phase, again = found.closed.attempt.phase("all"), other.closed.attempt.phase("all")
    assert phase == again


def test_one_sample_and_none_decide_nothing(tmp_path: Path) -> None:
    one = closed(tmp_path, [line()])
    assert one.closed.attempt.steady and not one.closed.attempt.steady.found
    assert {result.decision for result in one.closed.thresholds} == {Decision.UNDECIDED}
    none = closed(tmp_path, [])
    assert (none.closed.attempt.valid, none.closed.attempt.phases) == (False, ())
    assert "no sample" in none.closed.attempt.invalid_because


def test_a_file_that_breaks_off_did_not_come_to_its_end(tmp_path: Path) -> None:
    attempt = closed(tmp_path, file(steady())[:-9]).closed.attempt
    assert attempt.files.torn_tail
    assert attempt.ended == "cut_off"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b'<?xml version="1.0"?>\n<testResults version="1.2">\n', "output_format=csv"),
        (b"label,elapsed\nhome,3\n", "mend"),
        (b"once upon a time\n", "mend"),
    ],
)
def test_what_is_no_csv_of_jmeter_is_refused_with_the_mend(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(ResultFileError, match=told):
        closed(tmp_path, data)


def test_other_delimiters_are_read(tmp_path: Path) -> None:
    data = file(steady()).replace(b",", b";")
    assert decisions(closed(tmp_path, data, "p95(home) < 400ms"))["p95(home) < 400ms"][0] == "met"


def test_the_file_is_identified_by_its_digest(tmp_path: Path) -> None:
    import hashlib

    found = closed(tmp_path, steady())
    data = (tmp_path / "results.jtl").read_bytes()
    assert (found.file.bytes, found.file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (found.file.name, found.file.path) == ("results", str(tmp_path / "results.jtl"))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for every_ms in (5, 1):  # both have more than one piece
        path = tmp_path / f"{every_ms}.jtl"
        path.write_bytes(file(steady(every_ms=every_ms)))
        close_file(path, Asked())  # what is imported and cached by the first pass is not the file's
        tracemalloc.start()
        close_file(path, Asked())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (tmp_path / "1.jtl").stat().st_size > 8_000_000
    assert peaks[1] < 1.5 * peaks[0]
