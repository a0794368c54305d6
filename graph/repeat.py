"""Several runs of one test, alternating with those of another description where there is one.

How much runs differ among themselves can't be seen within one: the run is the unit of replication. Where two
descriptions are compared, their runs alternate as A B, B A, A B: drifts of the machine then touch both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfpilot.domain.outcome import Status
from perfpilot.domain.repeated import Repeated
from perfpilot.domain.result import Result
from perfpilot.domain.spec import Spec
from perfpilot.graph.session import run
from perfpilot.nodes.series import Made, Side, judge_series
from perfpilot.tools.spec.read import load_spec, parse_spec

Description = str | Mapping[str, Any] | Path


async def repeat(
    spec: Description,
    times: int,
    *,
    against: Description | None = None,
    runs_dir: str | Path = "runs",
    stop: asyncio.Event | None = None,
    **options: Any,
) -> Repeated:
    """Run a test so many times and judge all runs together; see `run` for the options.

    `against`: another description (an older build, another setting) that is run as often, in turns. Without
    it the runs are compared with the baseline that the description names. The series ends early where a run
    is stopped, refused, not ready or failed.

    Raises what `run` raises.
    """
    described = await _parsed(spec)
    pair: list[tuple[Side, Description]] = [("after", spec)]
    if against is not None:
        await _parsed(against)  # a mistake in it is told before any load
        pair.insert(0, ("before", against))
    made: list[Made] = []
    for turn in range(times):
        for side, description in pair if turn % 2 == 0 else pair[::-1]:
            result: Result = await run(description, runs_dir=runs_dir, stop=stop, **options)
            made.append(Made(side, result))
            if result.outcome.status is not Status.COMPLETED or (stop and stop.is_set()):
                return await judge_series(described, made, Path(runs_dir))
    return await judge_series(described, made, Path(runs_dir))


def repeat_sync(spec: Description, times: int, **options: Any) -> Repeated:
    """`repeat` for programs without an event loop of their own; same arguments, same errors."""
    return asyncio.run(repeat(spec, times, **options))


async def _parsed(spec: Description) -> Spec:
    return await asyncio.to_thread(load_spec, spec) if isinstance(spec, Path) else parse_spec(spec)
