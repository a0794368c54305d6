"""Each way on and each way back, as a table; budgets end every loop."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.domain.loops import LOOP_BUDGET, Loop, LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.graph import routing
from perfpilot.graph.context import Context
from perfpilot.graph.state import State

ENDED = Outcome(status=Status.NOT_READY)
REPAIR = Trouble(reason=Reason.ENDPOINT_NOT_FOUND)
REPLAN = Trouble(reason=Reason.LOAD_FELL_SHORT)
RESETUP = Trouble(reason=Reason.NEIGHBOUR_CPU)


def _passes(loop: Loop, count: int) -> list[LoopPass]:
    reason = {
        Loop.REPAIR: Reason.ENDPOINT_NOT_FOUND,
        Loop.REPLAN: Reason.LOAD_FELL_SHORT,
        Loop.RESETUP: Reason.NEIGHBOUR_CPU,
    }[loop]
    return [LoopPass(loop=loop, reason=reason, subject="", attempt=1, seen="") for _ in range(count)]


@pytest.mark.parametrize(
    ("router", "state", "following"),
    [
        (routing.after_validate, {}, "approve"),
        (routing.after_validate, {"outcome": ENDED}, "report"),
        (routing.after_approve, {"granted": True}, "setup"),
        (routing.after_approve, {}, "report"),
        (routing.after_setup, {}, "plan"),
        (routing.after_setup, {"outcome": ENDED}, "report"),
    ],
)
def test_the_way_on(router: Any, state: dict[str, Any], following: str) -> None:
    assert router(State(**state)) == following


@pytest.mark.parametrize(
    ("router", "trouble", "back", "on"),
    [
        (routing.after_plan, REPAIR, "validate", "execute"),
        (routing.after_execute, REPAIR, "validate", "collect"),
        (routing.after_collect, REPLAN, "plan", "analyze"),
        (routing.after_analyze, RESETUP, "setup", "report"),
    ],
)
def test_each_way_back_has_its_reasons_and_ends_with_its_budget(
    router: Any, trouble: Trouble, back: str, on: str
) -> None:
    loop = trouble.reason.loop
    assert router(State()) == on
    assert router(State(trouble=trouble)) == back
    spent = State(trouble=trouble, passes=_passes(loop, LOOP_BUDGET[loop]))
    assert router(spent) == on
    for other in (REPAIR, REPLAN, RESETUP):
        if other is not trouble:
            assert router(State(trouble=other)) == on, "a reason opens one loop only"


def test_a_context_can_only_take_passes_away() -> None:
    assert Context(max_replans=0).budget()[Loop.REPLAN.value] == 0
    assert Context(max_replans=99).budget()[Loop.REPLAN.value] == LOOP_BUDGET[Loop.REPLAN]
    state = State(trouble=REPLAN, budget=Context(max_replans=0).budget())
    assert routing.after_collect(state) == "analyze"
