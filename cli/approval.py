"""A person's yes or no to the envelope of a run, asked on the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, ClassVar

from perfpilot.cli.words import Words
from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.outcome import ExitCode
from perfpilot.reporting.figures import count, seconds

QUESTION = "Send this load? [y/N] "


class StoppedAtQuestion(PerfpilotError):
    """A signal came instead of an answer. Nothing was sent, and the run still waits."""

    exit_code: ClassVar[ExitCode] = ExitCode.STOPPED


def envelope_lines(question: dict[str, Any]) -> list[str]:
    """What is asked for, in words: `question` is the envelope as the run's interrupt carries it."""
    return [
        str(question.get("why", "")),
        f"  hosts         {', '.join(map(str, question.get('hosts', ()))) or '-'}",
        f"  peak rate     {question.get('peak_rate_per_s', 0):g} requests per second",
        f"  users         at most {count(question.get('users', 0))} at once",
        f"  requests      at most {count(question.get('requests', 0))} in total, over all attempts",
        f"  time          at most {seconds(question.get('wall_time_s', 0))}, over all attempts",
    ]


def on_a_terminal() -> bool:
    """Whether there is a person to ask: both standard input and output are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()


async def ask(question: dict[str, Any], words: Words, stop: asyncio.Event) -> bool:
    """Show the envelope and wait for an answer; anything but yes is no.

    Raises StoppedAtQuestion where `stop` is set first.
    """
    for line in envelope_lines(question):
        words.line(line)
    words.exactly(QUESTION, end="")
    answer = asyncio.ensure_future(_typed_line())
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({answer, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise StoppedAtQuestion("stopped before the run was approved; nothing was sent")
        return answer.result().strip().lower() in ("y", "yes")
    finally:
        answer.cancel()
        stopped.cancel()


async def _typed_line() -> str:
    """A line from the terminal. A reader on the loop, for a thread in `input()` could not be interrupted."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not line.done():
            line.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin, read)
    try:
        return await line
    finally:
        loop.remove_reader(sys.stdin)
