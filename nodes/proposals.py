"""What a model adds to the plan, where there is one and the description asks for cases."""

from __future__ import annotations

import asyncio
import hashlib

from perfpilot.domain.errors import ModelError
from perfpilot.graph.context import Context
from perfpilot.nodes.base import Authority
from perfpilot.nodes.models import gateway_for
from perfpilot.planning.cases.case import Proposed
from perfpilot.planning.cases.made import cases
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.plan_tool import PROPOSALS
from perfpilot.tools.model.propose import proposed
from perfpilot.tools.spec.read import parse_spec


async def ask_for_cases(authority: Authority, run: RunDirectory, context: Context) -> tuple[str, ...]:
    """Ask once for each form of the description and keep what passed the guard; returns degradations.

    Nothing is asked where the description sends no cases. A model that fails costs its proposals only.
    """
    text = await asyncio.to_thread(run.read_text, "spec.effective.yaml")
    spec = await asyncio.to_thread(parse_spec, text)
    about = hashlib.sha256(text.encode()).hexdigest()
    known = await asyncio.to_thread(run.read_or_none, PROPOSALS, Proposed)
    if not spec.cases.run or (known and known.about == about):
        return ()
    found = Proposed()
    degradations: tuple[str, ...] = ()
    try:
        gateway = await gateway_for(authority, context)
        if gateway:
            found = await proposed(gateway, spec, await asyncio.to_thread(cases, spec))
    except Exception as error:  # a client may raise anything; rules plan without it
        why = error.problem if isinstance(error, ModelError) else type(error).__name__
        degradations = (f"the model proposed no cases: {why}",)
    await asyncio.to_thread(run.write, PROPOSALS, found.model_copy(update={"about": about}))
    return degradations
