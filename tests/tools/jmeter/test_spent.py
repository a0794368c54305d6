"""What counts against the envelope: every request of the load and of smoke passes, every second of load."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.loops import Loop
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.planning.change import Change
from perfpilot.planning.guard.envelope import AROUND_S, required_envelope
from perfpilot.tools.jmeter.plan_tool import propose_change as propose
from perfpilot.tools.jmeter.plan_tool import record_change, write_plan
from perfpilot.tools.jmeter.spent import spent
from perfpilot.tools.spec.read import load_spec
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt


async def test_a_smoke_pass_and_a_load_that_nobody_measured_yet_are_counted(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    assert run.claim_attempt(1, "task")
    (run.attempt(1) / "smoke.jtl").write_text("header\nrow\n")
    results = run.attempt(1) / "results.jtl"
    results.write_text("header\n" + "row\n" * 5)
    started_s = results.stat().st_mtime - 12
    outcome = LoadOutcome(attempt=1, ended=Ended.EARLY_FAILURE, started_ms=int(started_s * 1000))
    run.write("attempts/1/outcome.json", outcome)
    requests, seconds = spent(run)
    assert requests == 6
    assert seconds == pytest.approx(12, abs=0.01)


async def test_a_load_may_send_what_the_smoke_pass_leaves(tmp_path: Path) -> None:
    assert (await prepared_attempt(made_run(tmp_path))).requests_left == 999


async def test_the_time_around_the_load_is_none_for_load(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    granted = run.read("envelope.json", Envelope)
    # 40 s of load in up to six attempts; without the difference, 700 s could have been planned.
    around_s = 6 * AROUND_S
    time = {"wall_time_s": 40 + around_s, "around_s": around_s}
    run.write("envelope.json", granted.model_copy(update=time))
    call = {"type": "tool_call", "id": "1", "name": "write_plan", "args": {"run_dir": str(run.path)}}
    assert (await write_plan.ainvoke(call)).artifact.duration_s == 30
    record_change(run, Change(kind="duration_s", value=41.0, sentence="longer"))
    with pytest.raises(PolicyError, match="seconds"):
        await write_plan.ainvoke(call)


async def test_fewer_passes_take_no_time_from_the_load(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    spec = load_spec(run.path / "spec.effective.yaml")
    none = {loop: 0 for loop in Loop}
    run.write("envelope.json", required_envelope(spec, {"127.0.0.1": ("127.0.0.1",)}, Policy(), budget=none))
    call = {"type": "tool_call", "id": "1", "name": "write_plan", "args": {"run_dir": str(run.path)}}
    assert (await write_plan.ainvoke(call)).artifact.duration_s == 30


async def test_a_change_is_proposed_from_the_plan_that_ran_however_often_it_is_asked(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    await prepared_attempt(run)
    run.write("envelope.json", run.read("envelope.json", Envelope).model_copy(update={"wall_time_s": 9000}))
    args = {"run_dir": str(run.path), "reason": "too_few_samples", "value": 2.0, "tried": []}
    call = {"type": "tool_call", "id": "1", "name": "propose_change", "args": args}
    first = (await propose.ainvoke(call)).artifact
    assert first is not None
    # Killed after the next plan was written, before LangGraph had noted it.
    plan = run.read("plan.json", Plan)
    run.write("plan.json", plan.model_copy(update={"duration_s": first.value}))
    assert (await propose.ainvoke(call)).artifact == first
