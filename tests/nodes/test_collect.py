"""collect sends the workflow back to planning where that helps, and says why where it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.loops import LOOP_BUDGET, LoopPass, Reason
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.result import Result
from perfpilot.graph.context import Context
from perfpilot.graph.state import State
from perfpilot.nodes.assemble import assemble
from perfpilot.nodes.base import Authority
from perfpilot.nodes.collect import collect
from perfpilot.nodes.plan import make_plan
from perfpilot.tools.history.run_directory import RunDirectory
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

RUNTIME: Runtime[Context] = Runtime(context=Context(use_model=False), stream_writer=lambda _: None)
NO_WAY_BACK = {loop.value: 0 for loop in LOOP_BUDGET}
HEADER = "timeStamp,elapsed,label,responseCode,success,allThreads\n"
BEGAN_MS = 1_000_000
SEARCH: dict[str, Any] = {
    "test_type": "breakpoint",
    "load_patterns": [
        {"steered": True, "stages": [{"rate_per_s": rate, "duration": "5s"} for rate in (5, 10, 15, 20)]}
    ],
    "thresholds": ["capacity >= 15/s", "error_rate < 5%"],
}


def _state(run: RunDirectory, **keys: Any) -> State:
    return State(spec=run.read_text("spec.yaml"), run_id=run.id, run_dir=str(run.path), granted=True, **keys)


async def _ended(run: RunDirectory, number: int, fails: Callable[[float], bool] = lambda rate: False) -> None:
    """An attempt that completed: every second the samples that were asked for, all failed from a rate on."""
    prepared = await prepared_attempt(run, number)
    rows = ""
    for second in range(round(prepared.plan.duration_s)):
        rate = prepared.plan.asked_per_s(second + 0.5) or 10.0
        for sample in range(round(rate)):
            at = BEGAN_MS + second * 1000 + round(900 * sample / rate)
            rows += f"{at},20,page,{500 if fails(rate) else 200},{str(not fails(rate)).lower()},1\n"
    (Path(prepared.directory) / "results.jtl").write_text(HEADER + rows)
    outcome = LoadOutcome(attempt=number, ended=Ended.COMPLETED, started_ms=BEGAN_MS)
    run.write(f"attempts/{number}/outcome.json", outcome)


def _beyond_17(rate: float) -> bool:
    return rate > 17


async def test_a_search_is_planned_again_in_narrower_steps_and_says_what_that_did(tmp_path: Path) -> None:
    run = made_run(tmp_path, **SEARCH)
    await _ended(run, 1, _beyond_17)
    first = await collect(_state(run, attempt=1), runtime=RUNTIME)
    trouble = first["trouble"]
    assert trouble and trouble.reason is Reason.KNEE_BETWEEN and (trouble.value, trouble.high) == (15, 20)
    planned = await make_plan(Authority())(_state(run, attempt=1, trouble=trouble), runtime=RUNTIME)
    (gone,) = planned["passes"]
    assert gone.changed == "6 levels between 15/s and 20/s, 5s each" and not gone.effect
    narrow = run.read("plan.json", Plan)
    assert [s.start for s in narrow.scenarios[0].curve.segments[1:]] == [15, 16, 17, 18, 19, 20]
    await _ended(run, 2, _beyond_17)
    second = await collect(_state(run, attempt=2, passes=[gone]), runtime=RUNTIME)
    assert second["passes"][0].effect.startswith("attempt 2 kept up with 17/s and not with 18/s")
    assert second["trouble"] is None
    ended = second["passes"][1]
    assert (ended.reason, ended.attempt, ended.changed) == (Reason.KNEE_BETWEEN, 2, "")
    assert ended.effect.startswith("outside the envelope: attempt 3 asks for"), "1,000 requests are granted"
    run.write("envelope.json", run.read("envelope.json", Envelope).model_copy(update={"requests": 9000}))
    granted = await collect(_state(run, attempt=2, passes=[gone]), runtime=RUNTIME)
    assert granted["trouble"] and (granted["trouble"].value, granted["trouble"].high) == (17, 18)
    state = _state(run, attempt=2, passes=second["passes"])
    assert assemble(run, state).loops[0].effect == second["passes"][0].effect


async def test_a_search_does_not_go_on_above_a_level_that_was_lost_before(tmp_path: Path) -> None:
    run = made_run(tmp_path, **SEARCH)
    await _ended(run, 1, _beyond_17)
    trouble = (await collect(_state(run, attempt=1), runtime=RUNTIME))["trouble"]
    planned = await make_plan(Authority())(_state(run, attempt=1, trouble=trouble), runtime=RUNTIME)
    await _ended(run, 2)
    update = await collect(_state(run, attempt=2, passes=planned["passes"]), runtime=RUNTIME)
    assert update["trouble"] is None
    assert [gone.effect for gone in update["passes"]] == ["attempt 2 kept up with every level, up to 20/s"]


async def test_a_search_with_nothing_left_to_find_ends_and_says_so(tmp_path: Path) -> None:
    run = made_run(tmp_path, **SEARCH)
    envelope = run.read("envelope.json", Envelope)
    run.write("envelope.json", envelope.model_copy(update={"peak_rate_per_s": 20}))
    await _ended(run, 1)
    update = await collect(_state(run, attempt=1), runtime=RUNTIME)
    assert update["trouble"] is None
    (ended,) = update["passes"]
    assert (ended.reason, ended.attempt, ended.changed) == (Reason.LIMIT_NOT_FOUND, 1, "")
    assert ended.effect.startswith("the envelope has no room above 20/s")
    result: Result = assemble(run, _state(run, attempt=1, passes=update["passes"]))
    assert result.loops == (ended,)


async def test_the_same_levels_in_a_stress_test_are_no_reason_for_others(tmp_path: Path) -> None:
    run = made_run(tmp_path, **{**SEARCH, "test_type": "stress"})
    await _ended(run, 1)
    update = await collect(_state(run, attempt=1), runtime=RUNTIME)
    assert (update["trouble"], update["passes"]) == (None, [])


async def test_a_budget_that_is_used_up_is_said(tmp_path: Path) -> None:
    run = made_run(tmp_path, thresholds=["p99 < 1s"])
    await _ended(run, 1)
    update = await collect(_state(run, attempt=1, budget=NO_WAY_BACK), runtime=RUNTIME)
    assert update["trouble"] is None
    (ended,) = update["passes"]
    assert (ended.reason, ended.effect) == (Reason.TOO_FEW_SAMPLES, "no pass back to planning is left")


async def test_a_longer_run_that_breaks_the_goal_stands_and_is_not_followed_by_another(
    tmp_path: Path,
) -> None:
    run = made_run(tmp_path, thresholds=["p99 < 1s", "error_rate < 1%"])
    await _ended(run, 1)
    first = await collect(_state(run, attempt=1), runtime=RUNTIME)
    assert first["trouble"] and first["trouble"].reason is Reason.TOO_FEW_SAMPLES
    gone = LoopPass.after(first["trouble"], 1, changed="longer", key="duration_s=90")
    await _ended(run, 2, lambda rate: True)
    second = await collect(_state(run, attempt=2, passes=[gone]), runtime=RUNTIME)
    assert second["trouble"] is None
    assert [went.effect for went in second["passes"]] == [
        "attempt 2: p99 < 1s is undecided over 270 samples"
    ], "nothing was longer in this test"


async def test_evidence_that_was_spoiled_from_outside_is_no_ground_to_plan_on(tmp_path: Path) -> None:
    run = made_run(tmp_path, thresholds=["p99 < 1s"])
    await _ended(run, 1)
    assert (await collect(_state(run, attempt=1), runtime=RUNTIME))["trouble"]
    rows = (
        f"{BEGAN_MS + 1000 * second},{component},cpu_share,0.8\n"
        for second in range(31)
        for component in ("neighbours", "host")
    )
    (run.path / "monitor.csv").write_text("time_ms,component,metric,value\n" + "".join(rows))
    update = await collect(_state(run, attempt=1), runtime=RUNTIME)
    assert (update["trouble"], update["passes"]) == (None, [])
