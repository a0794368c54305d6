"""A JMeter that fails before its first sample is started once more. The JMeter is a fake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langgraph.graph import END, START, StateGraph

from perfpilot.domain.errors import ExecutionError
from perfpilot.domain.events import EventKind
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.graph.context import Context
from perfpilot.graph.state import State
from perfpilot.nodes.execute import execute
from perfpilot.tools.history.event_log import read_events
from perfpilot.tools.history.run_directory import RunDirectory
from tests.tools.jmeter.fake_jmeter import made_run

WORKS = "begin()\nsample()\nend()"
FAILS = """
load = str(results) == "results.jtl"
times = Path(sys.argv[0]).with_name("times-" + ("load" if load else "smoke"))
times.write_text(times.read_text() + "x" if times.exists() else "x")
"""


def _fails(when: str, words: str, times: int) -> str:
    """A fake that dies with these words the first `times` times: in the smoke pass, or with the load."""
    failing = f"load == {when == 'load'} and len(times.read_text()) <= {times}"
    return f"{FAILS}\nif {failing}:\n    sys.exit({words!r})\n{WORKS}"


async def _execute(run: RunDirectory) -> State:
    builder = StateGraph(State, context_schema=Context)
    builder.add_node("execute", execute)
    builder.add_edge(START, "execute")
    builder.add_edge("execute", END)
    state = State(spec=run.read_text("spec.yaml"), run_id=run.id, run_dir=str(run.path), granted=True)
    found = await builder.compile().ainvoke(state, context=Context(use_model=False))
    return State.model_validate(found)


@pytest.mark.parametrize("when", ["smoke", "load"])
async def test_it_is_started_once_more_as_a_new_attempt_that_says_what_was_changed(
    tmp_path: Path, when: str
) -> None:
    run = made_run(tmp_path, _fails(when, "Could not reserve enough space for object heap", 1))
    assert (await _execute(run)).attempt == 2
    assert run.read("attempts/2/outcome.json", LoadOutcome).ended is Ended.COMPLETED
    heaps = [json.loads(run.read_text(f"attempts/{n}/prepared.json"))["heap_mb"] for n in (1, 2)]
    assert heaps[1] == heaps[0] // 2
    told = [event.text for event in read_events(run.path, EventKind.DEGRADATION)]
    assert "started again with a heap of 128 MB: the host had no room for 256 MB" in " ".join(told)


async def test_a_load_that_does_not_start_twice_is_not_tried_a_third_time(tmp_path: Path) -> None:
    run = made_run(tmp_path, _fails("load", "no such option", 9))
    assert (await _execute(run)).attempt == 2
    assert run.attempts() == (1, 2)
    assert run.read("attempts/2/outcome.json", LoadOutcome).ended is Ended.NOT_STARTED


async def test_a_smoke_pass_that_does_not_start_twice_is_an_error(tmp_path: Path) -> None:
    run = made_run(tmp_path, _fails("smoke", "no such option", 9))
    with pytest.raises(ExecutionError, match="JMeter died in the smoke pass: no such option"):
        await _execute(run)
    assert run.attempts() == (1, 2)
