"""Planning as LangChain tools: the next plan of a run, and what could be planned better."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langchain_core.tools import tool

from perfpilot.domain.loops import Reason, Trouble
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.readiness import Readiness
from perfpilot.domain.spec import Spec
from perfpilot.planning.cases.case import Proposed
from perfpilot.planning.change import Change, Unchanged
from perfpilot.planning.guard.envelope import within
from perfpilot.planning.load.demand import demand
from perfpilot.planning.plan import EXPECTED_RESPONSE_S, make_plan
from perfpilot.planning.replan import replan
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.jmx.guard import check_functions
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.spent import spent
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.testdata.uploads import find_uploads

PROPOSALS = "proposals.json"
"""What a model proposed for this run, in the run directory; absent without a model."""


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
    run_dir: str, reason: str, tried: list[str], value: float | None = None, high: float | None = None
) -> tuple[str, Change | Unchanged]:
    """Say what could be planned better after an attempt that did not answer the question.

    Args:
        run_dir: Directory of the run.
        reason: Reason code, such as load_fell_short.
        tried: Keys of the changes that were tried.
        value: The figure to compute with, such as mean response time in seconds, or samples needed over had.
        high: The other end, where the figure is the low end of a range.
    """
    trouble = Trouble(reason=Reason(reason), value=value, high=high)
    answer = await asyncio.to_thread(_change, RunDirectory(Path(run_dir)), trouble, tried)
    if isinstance(answer, Change):
        return answer.sentence, answer
    return f"nothing can be planned better: {answer.why}", answer


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
    proposals = run.read_or_none(PROPOSALS, Proposed) or Proposed()
    plan = make_plan(
        spec,
        (numbers[-1] if numbers else 0) + 1,
        envelope=envelope,
        expected_response_s=(readiness and readiness.response_s) or EXPECTED_RESPONSE_S,
        changes=recorded_changes(run),
        proposals=proposals.cases,
    )
    plan = plan.model_copy(update={"left_out": (*plan.left_out, *proposals.refused)})
    requests, seconds = _not_for_load(run, spec, envelope)
    within(envelope, plan, spent_requests=requests, spent_s=seconds)
    written = write_jmx(spec, plan)
    for xml in (written.xml, write_jmx(spec, plan, smoke=True).xml):  # cases stand in the smoke pass
        check_functions(xml)
    find_uploads(written.uploads, run.read("policy.json", Policy).data_roots)
    run.write("plan.json", plan)
    return plan


def _change(run: RunDirectory, trouble: Trouble, tried: list[str]) -> Change | Unchanged:
    numbers = run.attempts()
    last = f"attempts/{numbers[-1]}/plan.json" if numbers else "plan.json"
    # The attempt's own plan: a call that is repeated after a crash may find the next one in `plan.json`.
    plan = run.read(last if run.has(last) else "plan.json", Plan)
    envelope = run.read("envelope.json", Envelope)
    requests, seconds = _not_for_load(run, load_spec(run.path / "spec.effective.yaml"), envelope)
    return replan(trouble, plan, envelope, frozenset(tried), spent_requests=requests, spent_s=seconds)


def _not_for_load(run: RunDirectory, spec: Spec, envelope: Envelope) -> tuple[float, float]:
    """Requests and seconds of the envelope that the next load can't have: spent, or granted for around it."""
    requests, seconds = spent(run)
    return requests + demand(spec).one_pass, seconds + envelope.around_s
