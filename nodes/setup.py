"""setup: Java and JMeter, probes of the target and its servers, a quiet baseline. Ready, or not and why."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path

from langgraph.runtime import Runtime

from perfpilot.analysis.spoiled import NEIGHBOUR_SHARE, mend_of
from perfpilot.domain.loops import Loop, LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.readiness import Quiet, Readiness
from perfpilot.domain.result import Connectivity
from perfpilot.domain.spec import Server, Spec
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update
from perfpilot.nodes.base import Authority, Node, node, say, stop_requested
from perfpilot.planning.guard.hosts import host_of
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.faces import require_no_other_load
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.installation.home_tool import find_jmeter_tool
from perfpilot.tools.monitoring.baseline import Baseline
from perfpilot.tools.monitoring.faces import sample_host
from perfpilot.tools.probes.faces import probe_server, probe_target
from perfpilot.tools.probes.target import TargetProbe
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.spec.secrets import fill_secrets, read_secrets

BASELINE_S = 3.0
"""Long enough for two looks at the process table, which the share of neighbours needs."""

QUIET_WAIT_S = 90.0
"""How long set-up waits for a neighbour to leave the processor before it gives the run up."""


def make_setup(authority: Authority) -> Node:
    """The node, with what it may do."""

    @node
    async def setup(state: State, runtime: Runtime[Context]) -> Update:
        run = RunDirectory(Path(state.run_dir))
        passes = list(state.passes)
        if state.trouble and state.trouble.reason.loop is Loop.RESETUP:
            again = await _prepare_again(state, state.trouble)
            passes.append(again)
            say(runtime, again.changed or f"set-up could not be mended: {again.seen}")
            if not again.changed:
                return {"passes": passes, "trouble": None}
        spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
        envelope = await asyncio.to_thread(run.read, "envelope.json", Envelope)
        await call(require_no_other_load, run_dir=state.run_dir)
        found = (await call(find_jmeter_tool, jmeter_home=authority.jmeter_home)).artifact
        await asyncio.to_thread(run.write, "generator.json", Generator.model_validate(found))
        readiness = await _ready(run, spec, envelope)
        await asyncio.to_thread(run.write, "readiness.json", readiness)
        failed = [p for p in readiness.connectivity if not p.ok]
        if failed:
            reasons = tuple(f"{p.kind} {p.subject}: {p.detail}" for p in failed)
            return {"passes": passes, "outcome": Outcome(status=Status.NOT_READY, reasons=reasons)}
        return {"passes": passes, "trouble": None, "outcome": None}

    return setup


async def _ready(run: RunDirectory, spec: Spec, envelope: Envelope) -> Readiness:
    """Probe everything, then listen to the quiet host: a baseline taken while probing would not be quiet."""
    policy = await asyncio.to_thread(run.read, "policy.json", Policy)
    secrets = await asyncio.to_thread(read_secrets, spec, policy, os.environ)
    pairs = [pair.split() for pair in reversed(envelope.addresses)]
    pinned = {host: address for host, address in pairs}  # the first address of each host
    base = spec.environment
    target: TargetProbe = (
        await call(
            probe_target,
            base_url=base.base_url,
            health=base.health,
            headers={name: fill_secrets(value, secrets) for name, value in base.headers.items()},
            address=pinned[host_of(envelope.hosts[0])],
            timeout_s=base.timeouts.response,
        )
    ).artifact
    steps = list(target.connectivity)
    for server in base.servers:
        steps.append(await _probe_server(server, pinned, secrets))
    if not all(step.ok for step in steps):
        return Readiness(connectivity=tuple(steps))
    return Readiness(
        connectivity=tuple(steps),
        quiet=await _quiet(BASELINE_S),
        response_s=target.answer.elapsed_ms / 1000 if target.answer else None,
    )


async def _probe_server(
    server: Server, pinned: Mapping[str, str], secrets: Mapping[str, str]
) -> Connectivity:
    message = await call(
        probe_server,
        kind=server.kind,
        host=server.host,
        port=server.port,
        user=server.user,
        password=fill_secrets(server.password, secrets),
        database=server.database,
        address=pinned[server.host],
    )
    step: Connectivity = message.artifact
    return step


async def _quiet(seconds: float) -> Quiet:
    found: Baseline = (await call(sample_host, seconds=seconds)).artifact
    return Quiet(
        seconds=found.seconds,
        cpu_share=found.cpu_share or 0.0,
        neighbours_share=found.neighbours_cpu_share or 0.0,
        busiest=str(found.busiest) if found.busiest else "",
    )


async def _prepare_again(state: State, trouble: Trouble) -> LoopPass:
    """Change the condition that spoiled the evidence, as far as it can be changed from here."""
    if trouble.reason is Reason.MONITOR_DIED:
        changed = "the monitors are started anew"
    else:
        changed = await _wait_until_quiet(state)
    key = f"{trouble.reason.value}-{state.attempt}" if changed else ""
    effect = "" if changed else f"not quiet within {QUIET_WAIT_S:.0f} s: {mend_of(trouble)}"
    return LoopPass.after(trouble, state.attempt, changed=changed, key=key, effect=effect)


async def _wait_until_quiet(state: State) -> str:
    """What was waited for; empty where the neighbour stayed, or somebody asked for the end."""
    begun = time.monotonic()
    while time.monotonic() - begun < QUIET_WAIT_S and not stop_requested(state):
        quiet = await _quiet(BASELINE_S)
        if quiet.neighbours_share < NEIGHBOUR_SHARE / 2:
            waited, share = time.monotonic() - begun, f"{quiet.neighbours_share:.0%}"
            return f"waited {waited:.0f} s until other processes used {share} of the processor"
    return ""
