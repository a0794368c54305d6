"""The workflow: eight nodes over one typed state, three ways back as conditional edges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Command

from perfpilot.domain.loops import Loop, LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Repair
from perfpilot.graph import routing
from perfpilot.graph.context import Context
from perfpilot.graph.state import Input, State
from perfpilot.nodes.analyze import make_analyze
from perfpilot.nodes.approve import approve
from perfpilot.nodes.base import Authority, ended_by
from perfpilot.nodes.collect import collect
from perfpilot.nodes.execute import execute
from perfpilot.nodes.plan import make_plan
from perfpilot.nodes.report import make_report
from perfpilot.nodes.setup import make_setup
from perfpilot.nodes.validate import make_validate

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from perfpilot.domain.policy import Policy

RECURSION_LIMIT = 60
"""A second belt: the loops are bounded by their budgets. LangGraph's own default is 10,007 steps."""

_STATE_TYPES = (Input, Context, Outcome, Status, Verdict, Trouble, Reason, Loop, LoopPass, Repair)


def build_graph(
    *,
    policy: Policy | None = None,
    model: BaseChatModel | None = None,
    runs_dir: str | None = None,
    jmeter_home: str | None = None,
    history: str = "",
    checkpointer: Checkpointer = None,
) -> CompiledStateGraph[State, Context, Input, State]:
    """Assemble the workflow for a host program. What it may do is granted here and nowhere else.

    Args:
        policy: The operator's policy; None reads the file that PERFPILOT_POLICY names when a run starts.
        model: A chat model; None takes the one that the environment configures, or works by rules.
        runs_dir: Where run directories are made; None means PERFPILOT_RUNS or `runs`.
        jmeter_home: A JMeter to use instead of the one that would be found.
        history: Address of a PostgreSQL database that keeps past runs; empty reads PERFPILOT_HISTORY, and
            without that keeps them in SQLite beside the runs.
        checkpointer: The host's saver. The Agent Server brings its own: leave it out there.
    """
    authority = Authority(
        policy=policy,
        model=model,
        runs_dir=Path(runs_dir or os.environ.get("PERFPILOT_RUNS") or "runs"),
        jmeter_home=jmeter_home,
        history=history,
    )
    builder = StateGraph(State, input_schema=Input, context_schema=Context)
    for name, work in (
        ("validate", make_validate(authority)),
        ("approve", approve),
        ("setup", make_setup(authority)),
        ("plan", make_plan(authority)),
        ("execute", execute),
        ("collect", collect),
        ("analyze", make_analyze(authority)),
    ):
        # The stubs know no handler that takes the error; LangGraph injects it by its type.
        builder.add_node(name, work, error_handler=cast(Any, report_the_error))
    builder.add_node("report", make_report(authority))
    builder.add_edge(START, "validate")
    builder.add_conditional_edges("validate", routing.after_validate, ["approve", "report"])
    builder.add_conditional_edges("approve", routing.after_approve, ["setup", "report"])
    builder.add_conditional_edges("setup", routing.after_setup, ["plan", "report"])
    builder.add_conditional_edges("plan", routing.after_plan, ["execute", "validate", "report"])
    builder.add_conditional_edges("execute", routing.after_execute, ["collect", "validate", "report"])
    builder.add_conditional_edges("collect", routing.after_collect, ["analyze", "plan"])
    builder.add_conditional_edges("analyze", routing.after_analyze, ["report", "setup"])
    builder.add_edge("report", END)
    return builder.compile(checkpointer=checkpointer, name="perfpilot")


def report_the_error(state: State, error: NodeError) -> Command[str]:
    """A node that met what it can't repair: every run that started ends with a report."""
    outcome = ended_by(error.error, error.node)
    return Command(update={"outcome": outcome, "trouble": None}, goto="report")


def checkpoint_serde() -> JsonPlusSerializer:
    """A serialiser that revives our state types and nothing else (strict msgpack)."""
    return JsonPlusSerializer(allowed_msgpack_modules=_STATE_TYPES)


graph = build_graph()
"""For `langgraph dev` and Studio: without a checkpointer, the server brings its own."""
