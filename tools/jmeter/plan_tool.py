"""Planning as LangChain tools: the next plan of a run, and what could be planned better."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langchain_core.tools import tool

from perfpilot.domain.loops import LOOP_BUDGET, Reason, Trouble
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.readiness import Readiness
from perfpilot.domain.spec import Spec
from perfpilot.planning.change import Change
from perfpilot.planning.demand import demand
from perfpilot.planning.envelope import AROUND_S, within
from perfpilot.planning.plan import EXPECTED_RESPONSE_S, make_plan
from perfpilot.planning.replan import replan
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.jmx.guard import check_functions
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.spent import spent
from perfpilot.tools.spec.read import load_spec


@tool(parse_docstring=True, response_format="content_and_artifact")
async def write_plan(run_dir: str) -> tuple[str, Plan]:
    """Plan the next attempt of a run, check that it fits its envelope and can be written as JMX.

    Args:
        run_dir: Directory of the run.
    """
    plan = await asyncio.to_thread(_plan, RunDirectory(Path(run_dir)))
    return f"plan for attempt {plan.attempt}: " + "; ".join(plan.notes), plan


@tool(parse_docstring=True, response_format="content_and_artifact")
async def propose_change(
    run_dir: str, reason: str, value: float | None, tried: list[str]
) -> tuple[str, Change | None]:
    """Say what could be planned better after an attempt that did not answer the question.

    Args:
        run_dir: Directory of the run.
        reason: Reason code, such as load_fell_short.
        value: The figure to compute with: mean response time in seconds, or samples needed over had.
        tried: Keys of the changes that were tried.
    """
    change = await asyncio.to_thread(_change, RunDirectory(Path(run_dir)), Reason(reason), value, tried)
    return change.sentence if change else "nothing can be planned better", change


def recorded_changes(run: RunDirectory) -> tuple[Change, ...]:
    """The changes that earlier passes made, oldest first."""
    numbers = sorted(int(path.stem) for path in (run.path / "changes").glob("*.json"))
    return tuple(run.read(f"changes/{number}.json", Change) for number in numbers)


def record_change(run: RunDirectory, change: Change) -> None:
    """Keep a change for this and all later plans. Values are totals, so a repetition changes nothing."""
    run.write(f"changes/{len(recorded_changes(run)) + 1}.json", change)


def _plan(run: RunDirectory) -> Plan:
    spec = load_spec(run.path / "spec.effective.yaml")
    envelope = run.read("envelope.json", Envelope)
    readiness = run.read_or_none("readiness.json", Readiness)
    numbers = run.attempts()
    plan = make_plan(
        spec,
        (numbers[-1] if numbers else 0) + 1,
        envelope=envelope,
        expected_response_s=(readiness and readiness.response_s) or EXPECTED_RESPONSE_S,
        changes=recorded_changes(run),
    )
    requests, seconds = _not_for_load(run, spec)
    within(envelope, plan, spent_requests=requests, spent_s=seconds)
    check_functions(write_jmx(spec, plan).xml)
    run.write("plan.json", plan)
    return plan


def _change(run: RunDirectory, reason: Reason, value: float | None, tried: list[str]) -> Change | None:
    numbers = run.attempts()
    last = f"attempts/{numbers[-1]}/plan.json" if numbers else "plan.json"
    # The attempt's own plan: a call that is repeated after a crash may find the next one in `plan.json`.
    plan = run.read(last if run.has(last) else "plan.json", Plan)
    envelope = run.read("envelope.json", Envelope)
    requests, seconds = _not_for_load(run, load_spec(run.path / "spec.effective.yaml"))
    trouble = Trouble(reason=reason, value=value)
    return replan(trouble, plan, envelope, frozenset(tried), spent_requests=requests, spent_s=seconds)


def _not_for_load(run: RunDirectory, spec: Spec) -> tuple[float, float]:
    """Requests and seconds of the envelope that the next load can't have: spent, or granted for around it."""
    requests, seconds = spent(run)
    around_s = AROUND_S * (1 + sum(LOOP_BUDGET.values()))
    return requests + demand(spec).one_pass, seconds + around_s
