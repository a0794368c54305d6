"""What a run has used of its envelope so far: requests sent and seconds under load, over all attempts."""

from __future__ import annotations

from pathlib import Path

from perfpilot.domain.load_outcome import LoadOutcome
from perfpilot.domain.result import ClosedAttempt
from perfpilot.tools.history.run_directory import RunDirectory


def spent(run: RunDirectory) -> tuple[float, float]:
    """Requests, smoke passes included, and seconds."""
    requests = seconds = 0.0
    for number in run.attempts():
        requests += _lines(run.attempt(number) / "smoke.jtl")
        closed = run.read_or_none(f"attempts/{number}/closed.json", ClosedAttempt)
        if closed is None:
            results = run.attempt(number) / "results.jtl"
            requests += _lines(results)
            seconds += _seconds(run, number, results)
        else:
            requests += closed.attempt.files.rows - closed.attempt.files.journeys
            whole = closed.attempt.phase("all")
            seconds += whole.to_s - whole.from_s if whole else 0.0
    return requests, seconds


def _seconds(run: RunDirectory, number: int, results: Path) -> float:
    """From the begin of a load that nobody measured yet to its last sample."""
    outcome = run.read_or_none(f"attempts/{number}/outcome.json", LoadOutcome)
    if outcome is None or not outcome.started_ms or not results.is_file():
        return 0.0
    return max(0.0, results.stat().st_mtime - outcome.started_ms / 1000)


def _lines(path: Path) -> int:
    """Lines of a result file, its header aside: close enough to its samples for a limit."""
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
