"""Whether a description can be written as a JMeter plan at all: told while it is read, not after set-up."""

from __future__ import annotations

from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.guard.hosts import target_hosts
from perfpilot.planning.plan import make_plan
from perfpilot.tools.jmeter.jmx.guard import check_functions
from perfpilot.tools.jmeter.jmx.write import write_jmx

_ROOM = 10**12  # whether the load is allowed is another question, asked elsewhere


def require_writable(spec: Spec) -> None:
    """Plan and write the description, load and smoke pass, and throw both away. Sends nothing.

    Raises SpecError, naming the place, for a text that JMeter would alter or evaluate or that no address,
    header or body can carry. `spec`: with its defaults, so that every load pattern is drawn.
    """
    room = Envelope(
        hosts=target_hosts(spec),
        addresses=(),
        peak_rate_per_s=_ROOM,
        users=_ROOM,
        requests=_ROOM,
        wall_time_s=_ROOM,
        needs_approval=False,
        why="",
    )
    plan = make_plan(spec, 1, envelope=room)
    for smoke in (False, True):
        check_functions(write_jmx(spec, plan, smoke=smoke).xml)
