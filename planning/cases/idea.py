"""An idea for one endpoint: a request that differs from the described one in a single respect."""

from __future__ import annotations

from typing import NamedTuple

from perfpilot.domain.spec import Endpoint


class Idea(NamedTuple):
    """What is sent in the place of the endpoint as described. Its success is settled in `request.expect`."""

    name: str  # after the name of the endpoint, the name of the case
    why: str  # one sentence: what it shows
    request: Endpoint
    writes: bool = False  # asks for consent whatever its method is
