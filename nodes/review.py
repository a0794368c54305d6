"""The first pass through `validate`: from what was asked to what will be run, within what is allowed."""

from __future__ import annotations

import asyncio
import os

from perfpilot.domain.errors import ModelError
from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Remark, Review
from perfpilot.domain.spec import Spec
from perfpilot.graph.context import Context
from perfpilot.graph.state import State
from perfpilot.nodes.base import Authority
from perfpilot.nodes.models import gateway_for
from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.guard.envelope import required_envelope
from perfpilot.planning.guard.hosts import host_of, target_hosts
from perfpilot.planning.guard.tightening import tighten
from perfpilot.planning.review.review import review as review_spec
from perfpilot.tools.face import call
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.writable import require_writable
from perfpilot.tools.model.review import model_remarks
from perfpilot.tools.probes.faces import resolve_host
from perfpilot.tools.spec.policy import load_policy
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.short_form import short_form
from perfpilot.tools.spec.write import comments_of, dump_spec


async def review(authority: Authority, run: RunDirectory, state: State, context: Context) -> Review:
    """Write `spec.effective.yaml`, `policy.json`, `envelope.json` and `review.json`.

    Nothing is sent to the target: that waits for `approve`. Raises SpecError and PolicyError.
    """
    asked = parse(state)
    policy = tighten(await _policy(authority), context.model_dump(), asked.limits)
    spec, added = with_defaults(asked, policy)
    await asyncio.to_thread(require_writable, spec)
    addresses = {host: await _addresses(host) for host in map(host_of, target_hosts(spec))}
    envelope = required_envelope(spec, addresses, policy, budget=context.budget())
    said, degradations = await _model_remarks(authority, spec, context)
    result = Review(remarks=(*review_spec(spec), *added, *said), degradations=degradations)
    await asyncio.to_thread(run.write_text, "spec.yaml", dump_spec(asked))
    await asyncio.to_thread(run.write_text, "spec.effective.yaml", dump_spec(spec, comments_of(added)))
    await asyncio.to_thread(run.write, "policy.json", policy)
    await asyncio.to_thread(run.write, "envelope.json", envelope)
    await asyncio.to_thread(run.write, "review.json", result)
    return result


def parse(state: State) -> Spec:
    """The description, or the short form of it."""
    if state.spec is not None:
        return parse_spec(state.spec)
    return short_form(state.url, state.rate_per_s, state.duration)


async def _policy(authority: Authority) -> Policy:
    if authority.policy:
        return authority.policy
    return await asyncio.to_thread(load_policy, os.environ.get("PERFPILOT_POLICY"))


async def _addresses(host: str) -> tuple[str, ...]:
    resolution = (await call(resolve_host, host=host)).artifact
    addresses: tuple[str, ...] = resolution.addresses
    return addresses


async def _model_remarks(
    authority: Authority, spec: Spec, context: Context
) -> tuple[tuple[Remark, ...], tuple[str, ...]]:
    """A model's remarks where there is one. It can only speak: its schema holds nothing that could change."""
    try:
        gateway = await gateway_for(authority, context)
        if gateway is None:
            return (), ()
        return await model_remarks(gateway, spec), ()
    except Exception as error:  # a client may raise anything; rules review without it
        why = error.problem if isinstance(error, ModelError) else type(error).__name__
        return (), (f"the model did not review the description: {why}",)
