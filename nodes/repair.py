"""The way back from execution: repair what a probe can prove, never towards an unsafe method; else report."""

from __future__ import annotations

import asyncio
from pathlib import Path

from perfpilot.domain.events import EventKind
from perfpilot.domain.loops import LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Repair, Review
from perfpilot.graph.state import State, Update
from perfpilot.planning.repair import Candidate, repair_candidates, why_not_repaired
from perfpilot.tools.face import call
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import measure_attempt
from perfpilot.tools.probes.prove import Proof, prove_repair
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.spec.write import comments_of, dump_spec


async def repair(state: State, trouble: Trouble) -> Update:
    """Try the candidates in order; the first that a probe proves becomes the effective description."""
    run = RunDirectory(Path(state.run_dir))
    spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
    tried = {loop.change_key for loop in state.passes}
    for candidate in repair_candidates(trouble, spec):
        if _key(candidate) in tried:
            continue
        proof: Proof = (
            await call(
                prove_repair,
                run_dir=state.run_dir,
                method=candidate.method,
                path=candidate.path,
                with_token=candidate.with_token,
            )
        ).artifact
        if proof.proven:
            return await _repaired(run, state, trouble, candidate, proof)
    why = why_not_repaired(trouble.reason)
    said = f"{trouble.seen}; {why}"
    outcome = await asyncio.to_thread(given_up, run, said, trouble.reason)
    await asyncio.to_thread(append_event, run.path, EventKind.LOOP, said, reason=trouble.reason.value)
    for number in await asyncio.to_thread(_loads, run):
        # No load follows, and nobody else closes these: the report shows what they had measured by then.
        await call(measure_attempt, run_dir=state.run_dir, attempt=number)
    return {
        "trouble": None,
        "outcome": outcome,
        "passes": [*state.passes, LoopPass.after(trouble, state.attempt, effect=why)],
    }


def given_up(run: RunDirectory, said: str, reason: Reason | None = None) -> Outcome:
    """Nothing is left to repair. Before any load the description is refused, or where the reason lies in
    the target or the generator, the environment is not ready; after a load nothing is decided.

    A smoke pass goes before every load: what it did not show is no plain fault of the description.
    """
    if _loads(run):
        return Outcome(status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE, reasons=(said,))
    status = Status.NOT_READY if reason and reason.of_environment else Status.REFUSED
    return Outcome(status=status, reasons=(said,))


def _loads(run: RunDirectory) -> tuple[int, ...]:
    """Attempts whose load began and is over."""
    return tuple(number for number in run.attempts() if run.has(f"attempts/{number}/outcome.json"))


async def _repaired(
    run: RunDirectory, state: State, trouble: Trouble, candidate: Candidate, proof: Proof
) -> Update:
    fixed = Repair(
        place=candidate.place, before=candidate.before, after=candidate.after, proof=proof.sentence
    )
    changed = f"{fixed.place}: {fixed.after} instead of {fixed.before} ({fixed.proof})"
    review = await asyncio.to_thread(run.read_or_none, "review.json", Review) or Review()
    comments = comments_of(review.remarks, (*state.repairs, fixed))
    await asyncio.to_thread(run.write_text, "spec.effective.yaml", dump_spec(candidate.spec, comments))
    await asyncio.to_thread(append_event, run.path, EventKind.LOOP, changed, reason=trouble.reason.value)
    return {
        "trouble": None,
        "repairs": [*state.repairs, fixed],
        "passes": [
            *state.passes,
            LoopPass.after(trouble, state.attempt, changed=changed, key=_key(candidate)),
        ],
    }


def _key(candidate: Candidate) -> str:
    return f"{candidate.place}={candidate.after}"
