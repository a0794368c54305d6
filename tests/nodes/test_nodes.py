"""Nodes after something went wrong: nothing lost, nothing laundered, no other run's files touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.runtime import Runtime

from perfpilot.domain.errors import HistoryError, SpecError
from perfpilot.domain.events import EventKind
from perfpilot.domain.history import PastRun
from perfpilot.domain.load_outcome import Ended, LoadOutcome, SmokeOutcome
from perfpilot.domain.loops import LOOP_BUDGET, LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Status, Verdict
from perfpilot.domain.result import Analysis, Result
from perfpilot.graph.context import Context
from perfpilot.graph.state import State
from perfpilot.nodes.analyze import make_analyze
from perfpilot.nodes.base import Authority
from perfpilot.nodes.collect import collect
from perfpilot.nodes.execute import execute
from perfpilot.nodes.plan import make_plan
from perfpilot.nodes.repair import given_up
from perfpilot.nodes.report import make_report
from perfpilot.nodes.validate import make_validate
from perfpilot.tools.history.event_log import read_events
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.store import open_history
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

RUNTIME: Runtime[Context] = Runtime(context=Context(use_model=False), stream_writer=lambda _: None)
LOST = Trouble(reason=Reason.ENDPOINT_NOT_FOUND, subject="page", seen="page: all answered 404")
NO_WAY_BACK = {loop.value: 0 for loop in LOOP_BUDGET}
HEADER = "timeStamp,elapsed,label,responseCode,success,allThreads\n"


def _state(run: RunDirectory, **keys: Any) -> State:
    return State(spec=run.read_text("spec.yaml"), run_id=run.id, run_dir=str(run.path), granted=True, **keys)


async def _ended_attempt(run: RunDirectory, success: str = "true", samples: int = 300) -> None:
    """An attempt that completed: its samples are 100 ms apart."""
    prepared = await prepared_attempt(run)
    rows = "".join(f"{1_000_000 + 100 * n},20,page,200,{success},1\n" for n in range(samples))
    (Path(prepared.directory) / "results.jtl").write_text(HEADER + rows)
    run.write("attempts/1/outcome.json", LoadOutcome(attempt=1, ended=Ended.COMPLETED, started_ms=1_000_000))


async def test_a_no_go_is_not_planned_again_for_the_sake_of_another_threshold(tmp_path: Path) -> None:
    run = made_run(tmp_path, thresholds=["error_rate < 1%", "p99 < 1s"])
    await _ended_attempt(run, success="false")
    assert (await collect(_state(run), runtime=RUNTIME))["trouble"] is None
    other = made_run(tmp_path, thresholds=["error_rate < 1%", "p99 < 1s"])
    await _ended_attempt(other)
    trouble = (await collect(_state(other), runtime=RUNTIME))["trouble"]
    assert trouble and trouble.reason is Reason.TOO_FEW_SAMPLES, "without it there would be a way back"


async def test_an_attempt_that_was_only_claimed_does_not_hide_the_others(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    await _ended_attempt(run)
    assert run.claim_attempt(2, "a task that was killed")
    await collect(_state(run), runtime=RUNTIME)
    update = await make_analyze(Authority())(_state(run), runtime=RUNTIME)
    assert update["outcome"] and update["outcome"].verdict is Verdict.GO


async def test_an_attempt_that_never_began_costs_no_comparison(tmp_path: Path) -> None:
    earlier = made_run(tmp_path)
    await _ended_attempt(earlier)
    await collect(_state(earlier), runtime=RUNTIME)
    past = PastRun(run_id=earlier.id, test_name="fake", started_ms=5, status="completed", decided_by=1)
    async with open_history(earlier.path.parent) as history:
        await history.record(past)
    run = made_run(tmp_path)
    await prepared_attempt(run)  # its smoke pass led to a repair: no load, no start
    await collect(_state(run), runtime=RUNTIME)
    await make_analyze(Authority())(_state(run), runtime=RUNTIME)
    assert run.read("analysis.json", Analysis).comparison.baseline_run == earlier.id


async def test_a_history_that_cannot_be_read_or_written_costs_a_sentence(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    await _ended_attempt(run)
    (run.path.parent / "history.sqlite").write_bytes(b"this is no database" * 100)
    async with open_history(run.path.parent) as history:
        with pytest.raises(HistoryError):
            await history.latest()
    await collect(_state(run), runtime=RUNTIME)
    analyzed = await make_analyze(Authority())(_state(run), runtime=RUNTIME)
    assert analyzed["outcome"] and analyzed["outcome"].verdict is Verdict.GO
    await make_report(Authority())(_state(run, outcome=analyzed["outcome"]), runtime=RUNTIME)
    said = " ".join(run.read("result.json", Result).degradations)
    assert "could not be read" in said and "history does not hold" in said


async def test_a_model_that_cannot_even_be_made_costs_its_words_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ALL_PROXY", "nonsense://proxy")
    run = made_run(tmp_path)
    await _ended_attempt(run)
    await collect(_state(run), runtime=RUNTIME)
    with_model: Runtime[Context] = Runtime(context=Context(), stream_writer=lambda _: None)
    update = await make_analyze(Authority())(_state(run), runtime=with_model)
    assert update["outcome"] and update["outcome"].verdict is Verdict.GO
    assert "did not word the insights" in update["degradations"][0]


async def test_a_plan_that_cannot_be_written_is_not_replaced_by_an_older_one(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    broken = run.read_text("spec.effective.yaml").replace("path: /", "path: /${unknown}")
    run.write_text("spec.effective.yaml", broken)
    with pytest.raises(SpecError):
        await make_plan(Authority())(_state(run, budget=NO_WAY_BACK), runtime=RUNTIME)


async def test_trouble_in_the_smoke_pass_is_named_where_no_way_back_is_left(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    assert run.claim_attempt(1, "adhoc")
    run.write("attempts/1/smoke.json", SmokeOutcome(ok=False, detail=LOST.seen, trouble=LOST))
    assert (await execute(_state(run), runtime=RUNTIME))["trouble"] == LOST
    outcome = (await execute(_state(run, budget=NO_WAY_BACK), runtime=RUNTIME))["outcome"]
    assert outcome and outcome.status is Status.REFUSED
    assert "404" in outcome.reasons[0]


def test_after_a_load_the_description_is_not_refused_as_if_nothing_had_been_sent(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    assert given_up(run, "404").exit_code() == 2
    assert run.claim_attempt(1, "task")
    run.write("attempts/1/outcome.json", LoadOutcome(attempt=1, ended=Ended.EARLY_FAILURE))
    assert given_up(run, "404").exit_code() == 3


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.ENDPOINT_NOT_FOUND, Status.REFUSED),
        (Reason.FORBIDDEN, Status.REFUSED),
        (Reason.EXTRACTION_FAILED, Status.REFUSED),
        (Reason.EXPECTATION_FAILED, Status.REFUSED),
        (Reason.CONNECTION_FAILED, Status.NOT_READY),
        (Reason.PROTOCOL_ERROR, Status.NOT_READY),
        (Reason.NO_ANSWER, Status.NOT_READY),
        (Reason.GENERATOR_FAILED, Status.NOT_READY),
    ],
)
async def test_trouble_that_nothing_can_mend_is_handed_back_with_its_reason(
    reason: Reason, status: Status, tmp_path: Path
) -> None:
    seen = "page: all 10 samples failed, 10 of them with status 200, but expected text is missing"
    trouble = Trouble(reason=reason, subject="page" if not reason.of_environment else "", seen=seen)
    run = made_run(tmp_path)
    update = await make_validate(Authority())(_state(run, trouble=trouble), runtime=RUNTIME)
    assert update["trouble"] is None
    assert update["outcome"] and (update["outcome"].status, update["outcome"].verdict) == (status, None)
    assert update["outcome"].reasons[0].startswith(seen)
    (gone,) = update["passes"]
    assert (gone.reason, gone.seen, gone.changed) == (reason, seen, "")
    assert gone.effect and gone.effect in update["outcome"].reasons[0]
    (event,) = read_events(run.path, EventKind.LOOP)
    assert event.data["reason"] == reason.value and seen in event.text


async def test_a_load_that_was_stopped_early_is_reported_with_what_it_measured(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    await _ended_attempt(run, success="false", samples=12)
    trouble = Trouble(reason=Reason.EXPECTATION_FAILED, subject="page", seen="page: all 12 samples failed")
    early = LoadOutcome(attempt=1, ended=Ended.EARLY_FAILURE, started_ms=1_000_000, trouble=trouble)
    run.write("attempts/1/outcome.json", early)
    assert run.claim_attempt(1, "task")
    update = await make_validate(Authority())(_state(run, trouble=trouble, attempt=1), runtime=RUNTIME)
    assert update["outcome"] and update["outcome"].exit_code() == 3
    await make_report(Authority())(_state(run, **update), runtime=RUNTIME)
    result = run.read("result.json", Result)
    assert [(a.ended, a.valid) for a in result.scenarios] == [("early_failure", False)]
    assert result.scenarios[0].phase("all").pooled.errors == 12  # type: ignore[union-attr]
    assert "never repaired" in result.loops[0].effect


async def test_a_broken_off_repair_of_the_threads_last_run_does_not_swallow_a_new_one(tmp_path: Path) -> None:
    old = made_run(tmp_path)
    refused = {"test_name": "new", "no such key": 1}
    state = _state(old, trouble=LOST, passes=[LoopPass.after(LOST, 1)]).model_copy(update={"spec": refused})
    update = await make_validate(Authority(runs_dir=tmp_path / "runs"))(state, runtime=RUNTIME)
    assert update["run_dir"] != str(old.path)
    assert (update["trouble"], update["passes"]) == (None, [])
    assert update["outcome"] and update["outcome"].status is Status.REFUSED


async def test_a_run_without_a_directory_does_not_report_into_the_threads_last_one(tmp_path: Path) -> None:
    old = made_run(tmp_path)
    (tmp_path / "no folder").write_text("")
    state = _state(old)
    update = await make_validate(Authority(runs_dir=tmp_path / "no folder"))(state, runtime=RUNTIME)
    assert update["run_dir"] == ""
    assert update["outcome"] and "no run can be kept" in update["outcome"].reasons[0]
    after = state.model_copy(update=dict(update))
    reported = await make_report(Authority())(after, runtime=RUNTIME)
    assert "no run can be kept" in reported["headline"]
    assert not old.has("result.json")
