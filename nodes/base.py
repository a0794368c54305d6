"""What every node shares: who may do what (`Authority`), and the wrapper that checks what a node returns."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from langgraph.runtime import Runtime
from pydantic import TypeAdapter

from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.outcome import Outcome, Status
from perfpilot.domain.policy import Policy
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update
from perfpilot.tools.history.run_directory import RunDirectory

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_UPDATE = TypeAdapter(Update)

_BEFORE_THE_LOAD = frozenset({"approve", "setup", "plan", "execute"})

STOPPED_EARLY = Outcome(status=Status.STOPPED, reasons=("stopped on request",))


@dataclass(frozen=True)
class Authority:
    """What the host program grants: it comes as arguments of `build_graph`, never from a client.

    `policy` None: the file that `PERFPILOT_POLICY` names, or the built-in defaults.
    `model` None: the one that the environment configures (`OPENAI_API_KEY`, `OPENAI_BASE_URL`), or none.
    `history` empty: the one that `PERFPILOT_HISTORY` names, or SQLite in the directory of the runs.
    """

    policy: Policy | None = None
    model: BaseChatModel | None = None
    runs_dir: Path = Path("runs")
    jmeter_home: str | None = None
    history: str = field(default="", repr=False)  # an address may hold a password


class Node(Protocol):
    """A node as `StateGraph.add_node` takes it."""

    def __call__(self, state: State, *, runtime: Runtime[Context]) -> Awaitable[Update]: ...


def node(work: Callable[[State, Runtime[Context]], Awaitable[Update]]) -> Node:
    """Wrap a node: announce it, time it, and check its update where it is made.

    LangGraph drops unknown keys of an update silently and finds wrong types only in the next node.
    """

    @functools.wraps(work)
    async def wrapper(state: State, runtime: Runtime[Context]) -> Update:
        runtime.stream_writer({"kind": "node", "node": work.__name__, "state": "begins"})
        begun = time.monotonic()
        if work.__name__ in _BEFORE_THE_LOAD and stop_requested(state):
            update: Update = {"outcome": STOPPED_EARLY}
        else:
            update = _UPDATE.validate_python(await work(state, runtime))
        seconds = time.monotonic() - begun
        times = dict(update.get("phase_times_s", state.phase_times_s))
        times[work.__name__] = round(times.get(work.__name__, 0.0) + seconds, 3)
        runtime.stream_writer({"kind": "node", "node": work.__name__, "state": "ended", "seconds": seconds})
        return {**update, "phase_times_s": times}

    return wrapper


def ended_by(error: BaseException, where: str) -> Outcome:
    """How a run ends on an error: in our own words where it is one of ours."""
    if not isinstance(error, PerfpilotError):
        text = f"{type(error).__name__} in {where}: {error}"
        return Outcome(status=Status.FAILED, reasons=(text,))
    name = error.exit_code.name
    status = Status[name] if name in Status.__members__ else Status.FAILED
    return Outcome(status=status, reasons=(str(error),))


def stop_requested(state: State) -> bool:
    """Whether somebody asked for the end of this run."""
    return bool(state.run_dir) and RunDirectory(Path(state.run_dir)).stop_requested()


def say(runtime: Runtime[Context], text: str) -> None:
    """Tell whoever watches the run one sentence."""
    runtime.stream_writer({"kind": "note", "text": text})


def task_of(runtime: Runtime[Any]) -> str:
    """The identity of the running task: the same when a killed run is resumed, another in a fork."""
    info = runtime.execution_info
    return f"{info.thread_id}/{info.task_id}" if info else "adhoc"
