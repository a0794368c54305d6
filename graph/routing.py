"""Which node is next: pure functions of the state. The three ways back are bounded by their budgets."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.loops import Loop
from perfpilot.graph.state import State, may_go_back


def after_validate(state: State) -> Literal["approve", "report"]:
    """On with a sound description; a refused one goes straight to its report."""
    return "report" if state.outcome else "approve"


def after_approve(state: State) -> Literal["setup", "report"]:
    """On once the envelope is granted."""
    return "setup" if state.granted and not state.outcome else "report"


def after_setup(state: State) -> Literal["plan", "report"]:
    """On in a ready environment."""
    return "report" if state.outcome else "plan"


def after_plan(state: State) -> Literal["execute", "validate", "report"]:
    """On with a plan; back to validation where the description could not be planned."""
    if state.outcome:
        return "report"
    return "validate" if _goes_back(state, Loop.REPAIR) else "execute"


def after_execute(state: State) -> Literal["collect", "validate", "report"]:
    """On with samples; back to validation where execution proved the description wrong."""
    if state.outcome:
        return "report"
    return "validate" if _goes_back(state, Loop.REPAIR) else "collect"


def after_collect(state: State) -> Literal["analyze", "plan"]:
    """On with figures; back to planning where they ask for another load."""
    return "plan" if _goes_back(state, Loop.REPLAN) else "analyze"


def after_analyze(state: State) -> Literal["report", "setup"]:
    """On with a verdict; back to set-up where something outside the target spoiled the evidence."""
    return "setup" if _goes_back(state, Loop.RESETUP) else "report"


def _goes_back(state: State, loop: Loop) -> bool:
    if state.trouble is None or state.trouble.reason.loop is not loop:
        return False
    return may_go_back(state, loop)
