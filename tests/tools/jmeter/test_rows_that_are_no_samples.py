"""Rows of whole journeys and of cases on their way from JMeter's files to the figures of an attempt."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended, LoadOutcome, Met, SmokeOutcome
from perfpilot.domain.plan import Kind, Plan, PlannedStep
from perfpilot.domain.spec import Expect
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.measure import close_attempt
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.smoke import smoke
from perfpilot.tools.jmeter.running.watch import Watch
from perfpilot.tools.jmeter.spent import spent
from perfpilot.tools.monitoring.sampler import Monitor
from tests.analysis.result_files import START_MS, file, line
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

ROWS = [
    *(line(1000 * second, 10, "page") for second in range(20)),
    *(line(1000 * second, 900, "journey: buy", code="") for second in range(20)),
    *(line(1000 * second, 5, "case: odd", code="500", success=False) for second in range(5)),
]


async def _attempt(run: RunDirectory, rows: list[str]) -> Prepared:
    prepared = await prepared_attempt(run)
    (Path(prepared.directory) / "results.jtl").write_bytes(file(rows))
    ended = LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS)
    run.write("attempts/1/outcome.json", ended)
    return prepared


async def test_thresholds_series_and_requests_of_an_attempt_count_only_what_a_journey_asked(
    tmp_path: Path,
) -> None:
    run = made_run(tmp_path, thresholds=["error_rate < 1%", "max < 100ms"])
    await _attempt(run, ROWS)
    closed = close_attempt(run, 1)
    whole = closed.attempt.phase("all")
    assert whole is not None
    assert (whole.pooled.count, whole.pooled.errors, whole.pooled.max_ms) == (20, 0, 10)
    assert sum(closed.charts.series.samples) == 20
    assert [(stats.label, stats.count) for stats in whole.transactions] == [("buy", 20)]
    assert [(stats.label, stats.count, stats.errors) for stats in whole.cases] == [("odd", 5, 5)]
    assert all(result.value == {"max < 100ms": 10}.get(result.text, 0) for result in closed.thresholds)
    assert (closed.attempt.files.rows, closed.attempt.files.journeys) == (45, 20)
    assert spent(run)[0] == 25  # a journey as a whole was never sent


async def test_the_eyes_on_a_load_count_requests_against_the_limit_and_nothing_else(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    prepared = await _attempt(run, ROWS)
    watch = Watch(run, prepared.model_copy(update={"requests_left": 26}), Monitor())
    watch.absorb()
    assert watch.samples == 25
    assert watch.reason_to_stop(overdue=False) is None
    reached = Watch(run, prepared.model_copy(update={"requests_left": 25}), Monitor())
    reached.absorb()
    reason = reached.reason_to_stop(overdue=False)
    assert reason is not None and reason.ended is Ended.LIMIT_REACHED


async def test_a_load_falls_short_by_what_is_certain_and_not_by_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the pages are missing; items, which nobody can count ahead, make up for them in number."""
    found = {"name": "id", "json_path": "$.id", "optional": True}
    run = made_run(
        tmp_path,
        endpoints=[{"name": "page", "path": "/", "extract": [found]}, {"name": "item", "path": "/item"}],
        journeys=[{"name": "buy", "steps": ["page", {"endpoint": "item", "only_if": "id"}]}],
        load_patterns=[{"stages": [{"rate_per_s": 4, "duration": "60s"}], "steered": True}],
    )
    prepared = await _attempt(run, [line(250 * n, 1, "item" if n % 2 else "page") for n in range(120)])
    results = Path(prepared.directory) / "results.jtl"
    header, *rows = results.read_bytes().splitlines(keepends=True)
    results.write_bytes(header)
    watch = Watch(run, prepared, Monitor())
    begun: list[str] = []
    for second in range(1, 31):
        monkeypatch.setattr(
            "perfpilot.tools.jmeter.running.watch._now_ms", lambda at=second: START_MS + 1000 * at
        )
        with results.open("ab") as growing:
            growing.writelines(rows[4 * (second - 1) : 4 * second])
        watch.absorb()
        told = watch.told()
        assert told is not None
        assert told.figures.generator.behind in (None, 0.5)
        begun += [alert.text for alert in told.alerts.begun]
    assert begun == ["load falls short: 50% of the load asked for is missing"]


def _with_case(plan: Plan, prepared: Prepared) -> Plan:
    """The plan with a case before the load; its label is what the fake JMeter writes."""
    request = prepared.spec.endpoint("page").model_copy(
        update={"expect": Expect(status=("2xx", "4xx", "3xx"))}
    )
    step = PlannedStep(endpoint="page", label="case: odd", request=request)
    case = plan.scenarios[0].model_copy(
        update={"name": "odd", "kind": Kind.EDGE, "steps": (step,), "why": "it must be served in order"}
    )
    return plan.model_copy(update={"before": (case,)})


async def test_a_smoke_pass_tells_what_became_of_cases_and_goes_on(tmp_path: Path) -> None:
    """The JMeter is a fake: what a case meets does not depend on the target here."""
    behaviour = 'begin()\nsample()\nsample(label="case: odd", elapsed=7, code=500, success="false")\nend()'
    run = made_run(tmp_path, behaviour)
    prepared = await prepared_attempt(run)
    prepared = prepared.model_copy(update={"plan": _with_case(prepared.plan, prepared)})
    outcome = await smoke(run, prepared)
    assert outcome.ok and outcome.trouble is None
    assert outcome.detail == "1 of 1 samples succeeded; 0 of 1 cases went as expected"
    assert list(outcome.unloaded_ms) == ["page"]
    (case,) = outcome.cases
    assert (case.met, case.code, case.elapsed_ms) == (Met.SERVER_ERROR, "500", 7)
    assert case.detail == "500 where an orderly answer was expected"

    run.write("attempts/1/smoke.json", outcome)
    (Path(prepared.directory) / "results.jtl").write_bytes(file(ROWS))
    run.write("attempts/1/outcome.json", LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=START_MS))
    assert close_attempt(run, 1).cases == (case,)
    assert run.read("attempts/1/smoke.json", SmokeOutcome) == outcome
