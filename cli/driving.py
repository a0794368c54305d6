"""Drives one run from the command: shows it, passes signals on, asks for approval, ends with its summary."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from perfpilot.cli.approval import ask, envelope_lines, on_a_terminal
from perfpilot.cli.live.lines import LiveLines
from perfpilot.cli.stop_signals import StopSignals
from perfpilot.cli.words import Words
from perfpilot.domain.outcome import ExitCode
from perfpilot.domain.result import Result
from perfpilot.reporting.summary import summary_lines

if TYPE_CHECKING:
    from perfpilot.cli.live.screen import LiveScreen

REPORTS = ("report.html", "report.md", "junit.xml", "endpoints.csv", "result.json")
"""Files that a run may leave for people, in the order in which they are told."""

Approve = Callable[[dict[str, Any]], Awaitable[bool]]


Made = TypeVar("Made", covariant=True)


class Work(Protocol[Made]):
    """`session.run`, `session.resume` or `repeat` with everything bound but these."""

    def __call__(
        self, *, watch: Callable[[dict[str, Any]], None], stop: asyncio.Event, approve: Approve | None
    ) -> Coroutine[Any, Any, Made]: ...


def drive(work: Work[Made], *, title: str, json: bool = False, yes: bool = False) -> Made | None:
    """Run it to its end and return what it made, or None where a second signal killed it.

    Progress goes to stdout, with `json` to stderr; `yes` approves what the policy wants a person to approve.
    Raises what the run raises.
    """
    words = Words(sys.stderr if json else sys.stdout)
    screen = _screen(words, title) if _watched(words) else None
    return asyncio.run(_drive(work, words, screen, yes))


def finish(result: Result | None, runs_dir: Path, *, json: bool = False) -> int:
    """Tell how the run ended and where its reports are; the exit code that its outcome earns."""
    if result is None:
        mend = f"perfpilot resume last --runs {runs_dir}"
        Words(sys.stderr).line(f"perfpilot: killed; {mend} reports what there is")
        return int(ExitCode.STOPPED)
    words = Words(sys.stderr if json else sys.stdout)
    for line in ["", *summary_lines(result), "", *report_lines(runs_dir / result.run.id)]:
        words.line(line)
    if json:
        from perfpilot.reporting.json_result import result_json

        Words(sys.stdout).exactly(result_json(result))
    return int(result.outcome.exit_code())


def report_lines(run_dir: Path, names: Sequence[str] = REPORTS) -> list[str]:
    """Where the reports are, as paths that a terminal lets one click."""
    found = [run_dir / name for name in names if (run_dir / name).is_file()]
    return ["REPORTS", *(f"  {path}" for path in found or [run_dir])]


def _watched(words: Words) -> bool:
    """Whether the stream is a terminal that can redraw; FORCE_COLOR and the like don't make it one."""
    return words.stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def _screen(words: Words, title: str) -> LiveScreen:
    # What it draws with takes a tenth of a second to import, and a pipe does without.
    from perfpilot.cli.live.screen import LiveScreen

    return LiveScreen(words.stream, title)


async def _drive(work: Work[Made], words: Words, screen: LiveScreen | None, yes: bool) -> Made | None:
    def say(text: str) -> None:
        if screen:
            screen.progress.stopping = True
            screen.say(text)
        else:
            words.line(text)

    async def approve(question: dict[str, Any]) -> bool:
        with screen.paused() if screen else contextlib.nullcontext():
            if yes:
                for line in (*envelope_lines(question), "approved by --yes or --approve"):
                    words.line(line)
                return True
            return await ask(question, words, signals.event)

    signals = StopSignals(say)
    asked = approve if yes or on_a_terminal() else None
    with screen or contextlib.nullcontext():
        task = asyncio.ensure_future(
            work(watch=screen or LiveLines(words), stop=signals.event, approve=asked)
        )
        with signals.listening(task):
            try:
                return await task
            except asyncio.CancelledError:
                if signals.killed:
                    return None
                raise
