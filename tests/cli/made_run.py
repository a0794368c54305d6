"""A run made up for tests: the command's way of showing and ending one, as a process of its own.

`python made_run.py DIRECTORY [ask] [json] [yes]` sends the messages of a run for at most 20 s and ends with
a NO_GO result. It goes on after the first signal until it has reported, and says when it is cancelled.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from perfpilot.cli.driving import drive, finish
from perfpilot.domain.errors import ApprovalRequired
from perfpilot.domain.result import Result
from tests.cli.made_figures import live, node
from tests.reporting.sample_results import no_go_result

QUESTION = {
    "why": "Load on 10.0.0.5 (private)", "hosts": ["10.0.0.5:80"], "peak_rate_per_s": 154.0,
    "users": 770, "requests": 23100, "wall_time_s": 880.0,
}  # fmt: skip


async def work(
    *,
    watch: Callable[[dict[str, Any]], None],
    stop: asyncio.Event,
    approve: Callable[[dict[str, Any]], Awaitable[bool]] | None,
) -> Result:
    watch(node("approve", "begins"))
    if "ask" in sys.argv:
        if approve is None:
            raise ApprovalRequired("the run waits", run_id="x", mend="perfpilot resume x --approve")
        watch({"kind": "note", "text": f"answered {await approve(QUESTION)}"})
    watch(node("approve", "ended", 0.1))
    watch(node("execute", "begins"))
    try:
        for tick in range(1, 201 if "long" in sys.argv else 3):
            watch(live(t_s=float(tick), remaining_s=200.0 - tick))
            if stop.is_set() and "stubborn" not in sys.argv:
                watch({"kind": "note", "text": "the load ended: stopped"})
                break
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        print("JMeter killed", file=sys.stderr)
        raise
    return no_go_result()


if __name__ == "__main__":
    as_json = "json" in sys.argv
    try:
        result = drive(work, title="made up", json=as_json, yes="yes" in sys.argv)
    except ApprovalRequired as error:
        raise SystemExit(int(error.exit_code)) from None
    raise SystemExit(finish(result, Path(sys.argv[1]), json=as_json))
