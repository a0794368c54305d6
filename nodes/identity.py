"""Which run this is: command and library mint the id, on a server it follows from thread and task."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from perfpilot.graph.context import Context
from perfpilot.graph.state import State
from perfpilot.nodes.base import Authority, task_of
from perfpilot.tools.history.run_directory import RunDirectory, is_run_id, mint_run_id


async def open_run(authority: Authority, state: State, runtime: Runtime[Context]) -> RunDirectory:
    """Open the run's directory, or make it. A first node that was killed finds the one it had made."""
    info = runtime.execution_info
    thread = (info.thread_id if info else None) or ""
    return await asyncio.to_thread(_open, authority.runs_dir, thread, task_of(runtime), _name(state.spec))


def _open(runs: Path, thread: str, task: str, name: str) -> RunDirectory:
    if is_run_id(thread):
        return RunDirectory.create(runs, thread)
    digest = hashlib.sha256(task.encode()).hexdigest()[:6]
    earlier = sorted(runs.glob(f"*-{digest}")) if runs.is_dir() else []
    if earlier:
        return RunDirectory.create(runs, earlier[-1].name)
    return RunDirectory.create(runs, mint_run_id(name)[:-6] + digest)


def _name(spec: Any) -> str:
    name = spec.get("test_name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) else "run"
