from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Properties, Skipped, TestCase

from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Result
from perfpilot.reporting.junit import RUN_CASE, render_junit
from tests.reporting.hostile_results import hostile_result
from tests.reporting.sample_results import (
    EVERY_RESULT,
    go_result,
    never_started_result,
    no_go_result,
)


def read(folder: Path, result: Result) -> tuple[JUnitXml, dict[str, TestCase]]:
    path = folder / "junit.xml"
    path.write_text(render_junit(result), encoding="utf-8")
    suites = JUnitXml.fromfile(str(path))
    return suites, {case.name: case for suite in suites for case in suite}


def test_broken_is_a_failure_undecided_is_skipped_and_met_passes(tmp_path: Path) -> None:
    suites, cases = read(tmp_path, no_go_result())
    assert (suites.tests, suites.failures, suites.skipped, suites.errors) == (5, 1, 1, 0)
    (failure,) = cases["p95(checkout) < 300ms"].result
    assert isinstance(failure, Failure) and failure.message == "346 ms against a limit of 300 ms"
    (skipped,) = cases["p99.9(search) < 2s"].result
    assert isinstance(skipped, Skipped) and "takes 10,000" in skipped.message
    assert cases["error_rate < 1%"].is_passed
    assert RUN_CASE not in cases


def test_figures_stand_in_properties(tmp_path: Path) -> None:
    suites, cases = read(tmp_path, no_go_result())
    suite = next(iter(suites))
    assert {p.name: p.value for p in suite.properties()}["samples"] == "14371"
    properties = {p.name: p.value for p in cases["error_rate < 1%"].child(Properties)}
    assert properties == {
        "limit": "1", "unit": "%", "samples": "14371", "value": "0.264", "marginal": "false",
    }  # fmt: skip


def test_what_was_found_beside_the_thresholds_stands_in_properties(tmp_path: Path) -> None:
    suites, _ = read(tmp_path, no_go_result())
    properties = {p.name: p.value for p in next(iter(suites)).properties()}
    assert {name: properties[name] for name in (
        "capacity_per_s", "capacity_low_per_s", "capacity_high_per_s", "head_room", "comparison.regression",
        "trend.regression", "trend.shifted", "slow_changes",
    )} == {
        "capacity_per_s": "341.2", "capacity_low_per_s": "318", "capacity_high_per_s": "366",
        "head_room": "0.312", "comparison.regression": "4", "trend.regression": "1", "trend.shifted": "1",
        "slow_changes": "2",
    }  # fmt: skip
    suites, _ = read(tmp_path, go_result())
    assert not {p.name for p in next(iter(suites)).properties()} & set(properties) - {
        "run", "status", "verdict", "perfpilot", "base_url", "spec_sha256", "samples", "errors", "rate_per_s",
        "p50_ms", "p95_ms", "p99_ms",
    }  # fmt: skip


@pytest.mark.parametrize("status", [Status.REFUSED, Status.NOT_READY, Status.FAILED])
def test_a_run_that_could_not_be_measured_is_an_error(tmp_path: Path, status: Status) -> None:
    suites, cases = read(tmp_path, never_started_result(status))
    (error,) = cases[RUN_CASE].result
    assert isinstance(error, Error) and error.message
    assert (suites.tests, suites.errors) == (1, 1)


@pytest.mark.parametrize(
    "outcome",
    [Outcome(status=status, verdict=verdict) for status in Status for verdict in (None, *Verdict)],
    ids=str,
)
@pytest.mark.parametrize("thresholds", [(), go_result().thresholds], ids=["none", "all met"])
def test_only_a_completed_go_is_all_green(tmp_path: Path, outcome: Outcome, thresholds: tuple) -> None:
    suites, _ = read(tmp_path, go_result(outcome=outcome, thresholds=thresholds))
    green = suites.failures + suites.errors + suites.skipped == 0
    assert green == (outcome.status is Status.COMPLETED and outcome.verdict is Verdict.GO)
    assert suites.tests >= 1


@pytest.mark.parametrize("result", [*EVERY_RESULT.values(), hostile_result()])
def test_counts_agree_with_the_cases(tmp_path: Path, result: Result) -> None:
    suites, _ = read(tmp_path, result)
    stated = (suites.tests, suites.failures, suites.errors, suites.skipped)
    suites.update_statistics()
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == stated
