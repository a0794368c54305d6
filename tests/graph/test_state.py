"""The state survives a checkpoint, and what does not belong into it is seen where it is made."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from pydantic import ValidationError

from perfpilot.domain.errors import NotReadyError
from perfpilot.domain.loops import Loop, LoopPass, Reason, Trouble
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.result import Repair
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update
from perfpilot.graph.workflow import build_graph, checkpoint_serde, graph, report_the_error
from perfpilot.nodes.base import node

FULL = State(
    spec={"test_name": "x", "endpoints": [{"path": "/"}]},
    run_id="20261122-150000-x-abcdef",
    run_dir="/somewhere",
    granted=True,
    attempt=2,
    trouble=Trouble(reason=Reason.TOKEN_EXPIRED, subject="cart", seen="401", value=1.5),
    passes=[LoopPass(loop=Loop.REPAIR, reason=Reason.TOKEN_EXPIRED, subject="cart", attempt=1, seen="401")],
    repairs=[Repair(place="a", before="b", after="c", proof="d")],
    degradations=["no model"],
    phase_times_s={"validate": 0.1},
    outcome=Outcome(status=Status.COMPLETED, verdict=Verdict.NO_GO, reasons=("p95",)),
    headline="NO_GO",
)


def test_every_key_survives_a_strict_checkpoint() -> None:
    serde = checkpoint_serde()
    revived = {key: serde.loads_typed(serde.dumps_typed(getattr(FULL, key))) for key in State.model_fields}
    assert State.model_validate(revived) == FULL


def test_every_key_of_an_update_is_a_key_of_the_state() -> None:
    assert set(Update.__annotations__) <= set(State.model_fields)


@pytest.mark.parametrize("update", [{"outcom": None}, {"attempt": "second"}, {"passes": "none"}])
async def test_a_wrong_update_is_an_error_of_the_node_that_made_it(update: dict[str, Any]) -> None:
    @node
    async def careless(state: State, runtime: Runtime[Context]) -> Update:
        return update  # type: ignore[return-value]

    with pytest.raises(ValidationError):
        await careless(State(), runtime=Runtime(context=None, stream_writer=lambda _: None))


def test_the_picture_shows_eight_nodes_and_three_ways_back() -> None:
    picture = build_graph().get_graph()
    edges = {(edge.source, edge.target) for edge in picture.edges}
    assert {("execute", "validate"), ("collect", "plan"), ("analyze", "setup")} <= edges
    nodes = {name for name in picture.nodes if not name.startswith("__")}
    assert nodes == {"validate", "approve", "setup", "plan", "execute", "collect", "analyze", "report"}


def test_the_served_graph_has_no_checkpointer_and_a_form() -> None:
    assert graph.checkpointer is None
    asked = graph.get_input_jsonschema()["properties"]
    assert set(asked) == {"spec", "url", "rate_per_s", "duration"}


def test_a_context_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        Context(max_rat_per_s=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("error", "status"), [(NotReadyError("no Java"), Status.NOT_READY), (OSError("full"), Status.FAILED)]
)
def test_an_error_ends_the_run_and_leaves_the_thread_no_trouble(error: Exception, status: Status) -> None:
    update = report_the_error(FULL, NodeError(node="execute", error=error)).update
    assert isinstance(update, dict)
    assert update["outcome"].status is status
    assert update["trouble"] is None
