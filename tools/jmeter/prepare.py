"""Laying out what an attempt needs on disk: plan, property files, hosts, data and control files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import ExecutionError
from perfpilot.domain.load_outcome import StartAgain
from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Spec
from perfpilot.planning.load.demand import demand
from perfpilot.planning.load.memory import heap_mb
from perfpilot.tools.history.run_directory import RunDirectory, write_atomically
from perfpilot.tools.jmeter import properties
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.http import target
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from perfpilot.tools.jmeter.running.stop import free_udp_port
from perfpilot.tools.jmeter.spent import spent
from perfpilot.tools.probes.endpoint_request import basic_auth_header
from perfpilot.tools.probes.login import log_in
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.spec.secrets import read_secrets
from perfpilot.tools.testdata.uploads import copy_uploads

PRIVATE = "private.properties"
PUBLIC = "perfpilot.properties"
SYSTEM = "system.properties"


class Prepared(Frozen):
    """An attempt that is ready to start."""

    run_id: str
    attempt: int
    directory: str
    plan: Plan
    spec: Spec
    generator: Generator
    udp_port: int
    labels: tuple[str, ...]
    requests_left: float  # of the envelope, for the load: the smoke pass is taken off
    lead_s: float  # before the load, in which JMeter's threads come up
    tail_s: float  # after the load, in which JMeter waits for requests in flight
    heap_mb: int  # that its JMeter should have

    @property
    def marker(self) -> str:
        """`run-id/attempt`, by which its JMeter is known."""
        return f"{self.run_id}/{self.attempt}"


def read_prepared(run: RunDirectory, attempt: int) -> Prepared | None:
    """What an earlier perfpilot prepared for this attempt, or None."""
    return run.read_or_none(f"attempts/{attempt}/prepared.json", Prepared)


async def prepare(run: RunDirectory, attempt: int) -> Prepared:
    """Write everything that JMeter will read; the plan passes the function guard last of all.

    Raises SpecError where the guard refuses, PolicyError for a secret that the policy does not allow.
    """
    spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
    policy = await asyncio.to_thread(run.read, "policy.json", Policy)
    envelope = await asyncio.to_thread(run.read, "envelope.json", Envelope)
    plan = (await asyncio.to_thread(run.read, "plan.json", Plan)).model_copy(update={"attempt": attempt})
    secrets = await _secrets(spec, policy, envelope)
    return await asyncio.to_thread(_lay_out, run, attempt, spec, plan, envelope, secrets, policy.data_roots)


def remove_private(directory: Path) -> None:
    """Delete the secrets of an attempt; they are needed only while JMeter starts."""
    (directory / PRIVATE).unlink(missing_ok=True)


async def _secrets(spec: Spec, policy: Policy, envelope: Envelope) -> dict[str, str]:
    """Every secret that the plan refers to, by the property name that the plan uses."""
    named = await asyncio.to_thread(read_secrets, spec, policy, os.environ)
    values = {f"secret.env.{name}": value for name, value in named.items()}
    if basic := spec.environment.basic_auth:
        basic_auth_header(basic, named)  # refuses what JMeter would send as question marks
    auth = spec.environment.auth
    if auth and auth.scope == "run":
        address = envelope.addresses[0].split()[1] if envelope.addresses else ""
        values["secret.token"] = await log_in(spec, secrets=named, address=address)
    return values


def _lay_out(
    run: RunDirectory,
    attempt: int,
    spec: Spec,
    plan: Plan,
    envelope: Envelope,
    secrets: Mapping[str, str],
    data_roots: tuple[str, ...],
) -> Prepared:
    directory = run.attempt(attempt)
    load = write_jmx(spec, plan)
    smoke = write_jmx(spec, plan, smoke=True)
    port = free_udp_port()
    for name, written in (("plan.jmx", load), ("smoke.jmx", smoke)):
        check_functions(written.xml)
        lint(written.xml, spec)
        write_atomically(directory / name, written.xml)
    for files in (load.control_files, load.data_files, smoke.data_files):
        for name, text in files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(directory / name, text)
    copy_uploads(load.uploads, data_roots, directory)
    literals = {**smoke.properties, **load.properties}
    properties.write_properties(directory / PUBLIC, {**properties.save_properties(udp_port=port), **literals})
    _write_private(directory, (load, smoke), secrets)
    properties.write_hosts(directory / "hosts", envelope.addresses)
    properties.write_properties(directory / SYSTEM, properties.confine(target(spec)[1]))
    prepared = Prepared(
        run_id=run.id,
        attempt=attempt,
        directory=str(directory),
        plan=plan,
        spec=spec,
        generator=run.read("generator.json", Generator),
        udp_port=port,
        labels=load.labels,
        requests_left=envelope.requests - spent(run)[0] - demand(spec).one_pass,
        lead_s=load.lead_s,
        tail_s=load.tail_s,
        heap_mb=_heap_mb(run, plan),
    )
    run.write(f"attempts/{attempt}/plan.json", plan)
    run.write(f"attempts/{attempt}/prepared.json", prepared)
    return prepared


def again_file(attempt: int) -> str:
    """Where an attempt finds what it is to do otherwise than the one whose JMeter did not start."""
    return f"attempts/{attempt}/start_again.json"


def _heap_mb(run: RunDirectory, plan: Plan) -> int:
    again = run.read_or_none(again_file(plan.attempt), StartAgain)
    return (again and again.heap_mb) or heap_mb(plan.scenarios)


def _write_private(directory: Path, plans: tuple[WrittenPlan, ...], secrets: Mapping[str, str]) -> None:
    missing = {name for plan in plans for name in plan.secret_names} - set(secrets)
    if missing:
        raise ExecutionError(f"the plan needs secrets that nobody gave: {', '.join(sorted(missing))}")
    properties.write_properties(directory / PRIVATE, secrets)
