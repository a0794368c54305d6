"""The language model of a run, where there is one: granted by the host program, or by the environment."""

from __future__ import annotations

import os

from perfpilot.graph.context import Context
from perfpilot.nodes.base import Authority
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.openai import from_environment


async def gateway_for(authority: Authority, context: Context) -> ModelGateway | None:
    """A gateway to the model, or None: rules do the whole job."""
    if not context.use_model:
        return None
    model = authority.model or await from_environment(os.environ)
    return ModelGateway(model) if model else None
