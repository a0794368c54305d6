"""Targets that never reply, or reply with too much or with nonsense: counted as what it is, and in time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from perfpilot.analysis.failures.failure_class import FailureClass, class_of_cause
from perfpilot.domain.load_outcome import Ended
from perfpilot.domain.outcome import ExitCode
from tests.tools.jmeter.faults.real_load import Load, laid_out
from tests.tools.jmeter.faults.targets import HEAD, sends, silence, target, well

MEGABYTE = 1_000_000
HUGE = sends(HEAD + b"Content-Length: 5000000\r\n\r\n" + b"x" * 5 * MEGABYTE)
BAD_GZIP = sends(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
BOTH = [{"name": "page", "path": "/"}, {"name": "bad", "path": "/bad"}]


async def test_requests_that_are_never_answered_are_time_outs_and_the_load_ends_on_time(
    tmp_path: Path,
) -> None:
    with target({"/": well, "/bad": silence}) as port:
        load = await laid_out(tmp_path, port, endpoints=BOTH)
        begun = time.monotonic()
        loaded = await load.run_to_its_end()
        took_s = time.monotonic() - begun
    assert loaded.outcome.ended is Ended.COMPLETED
    assert took_s < 6 + load.prepared.lead_s + load.prepared.tail_s + 10, (
        "the load, and a JVM's start and end"
    )
    whole = loaded.closed.attempt.phase("all")
    assert whole is not None
    bad = next(stats for stats in whole.labels if stats.label == "bad")
    causes = loaded.causes("bad")
    assert {class_of_cause(code) for code in causes} == {FailureClass.TIME_OUT}
    assert sum(causes.values()) == bad.count == pytest.approx(60, abs=2), "half of 20 a second for 6 s"
    assert bad.min_ms is not None and bad.max_ms is not None
    assert bad.min_ms >= 1000 and bad.max_ms < 1500, "each at the limit that the description sets"
    assert loaded.causes("page") == {}
    assert loaded.verdict.exit_code() is ExitCode.NO_GO


@pytest.mark.long
async def test_a_target_that_answers_nothing_at_all_is_given_up_early(tmp_path: Path) -> None:
    with target({"/": silence}) as port:
        load = await laid_out(
            tmp_path, port, load_patterns=[{"stages": [{"rate_per_s": 20, "duration": "60s"}]}]
        )
        begun = time.monotonic()
        loaded = await load.run_to_its_end()
        took_s = time.monotonic() - begun
    assert loaded.outcome.ended is Ended.ABORTED
    assert "no request of the load was answered" in loaded.outcome.detail
    assert took_s < 30
    assert loaded.verdict.exit_code() is ExitCode.NO_GO


async def test_huge_and_damaged_answers_are_held_within_bounds_and_told_apart(tmp_path: Path) -> None:
    endpoints = [*BOTH, {"name": "huge", "path": "/huge"}]
    with target({"/": well, "/bad": BAD_GZIP, "/huge": HUGE}) as port:
        load = await laid_out(
            tmp_path, port, endpoints=endpoints, heap_mb=64,
            load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 30, "duration": "5s"}]}],
        )  # fmt: skip
        own = psutil.Process()
        before = own.memory_info().rss
        with _highest(load) as seen:
            loaded = await load.run_to_its_end()
        grown = own.memory_info().rss - before
    assert loaded.outcome.ended is Ended.COMPLETED, loaded.outcome
    assert loaded.causes("huge") == {}
    whole = loaded.closed.attempt.phase("all")
    assert whole is not None
    huge = next(stats for stats in whole.labels if stats.label == "huge")
    assert huge.count == pytest.approx(50, abs=2)
    assert {class_of_cause(code) for code in loaded.causes("bad")} == {FailureClass.PROTOCOL}
    assert Path(load.prepared.directory, "results.jtl").stat().st_size < 100_000, "no bodies in the results"
    assert grown < 60 * MEGABYTE, "perfpilot reads 250 MB of answers nowhere"
    assert 0 < seen[0] < 450 * MEGABYTE, "a heap of 64 MB holds 1 MiB of each answer"
    assert loaded.verdict.exit_code() is ExitCode.NO_GO


@contextmanager
def _highest(load: Load) -> Iterator[list[int]]:
    """The most memory that the load's JMeter had resident inside the block, bytes."""
    seen, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            for child in psutil.Process(os.getpid()).children():
                try:
                    if f"-Jperfpilot.run={load.prepared.marker}" in child.cmdline():
                        seen[0] = max(seen[0], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    pass

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
