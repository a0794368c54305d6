"""Signals and the question of approval, with real signals and a real terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys

import pytest

from perfpilot.cli.stop_signals import FIRST, SECOND, StopSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_asks_and_the_second_cancels(number: signal.Signals) -> None:
    said: list[str] = []
    stop = StopSignals(said.append)
    task = asyncio.ensure_future(asyncio.sleep(60))
    with stop.listening(task):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.event.wait(), 10)
        assert (said, stop.killed, task.done()) == ([FIRST], False, False)
        os.kill(os.getpid(), number)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(task), 10)
    assert said == [FIRST, SECOND]
    assert stop.killed


async def test_a_closed_terminal_asks_once_and_never_kills() -> None:
    said: list[str] = []
    stop = StopSignals(said.append)
    task = asyncio.ensure_future(asyncio.sleep(60))
    with stop.listening(task):
        for _ in range(2):  # one from the kernel, one from the shell
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.1)
        assert (said, stop.event.is_set(), stop.killed, task.done()) == ([FIRST], True, False, False)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(task), 10)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


async def test_under_nohup_a_closed_terminal_changes_nothing() -> None:
    stop = StopSignals(lambda text: None)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop.listening(asyncio.ensure_future(asyncio.sleep(0))):
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.1)
        assert not stop.event.is_set()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_after_the_block_the_process_has_its_own_behaviour_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with StopSignals(lambda text: None).listening(asyncio.ensure_future(asyncio.sleep(0))):
        pass
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL == before[1]


ASKING = """
import asyncio, sys
from perfpilot.cli.approval import StoppedAtQuestion, ask
from perfpilot.cli.stop_signals import StopSignals
from perfpilot.cli.words import Words
question = {"why": "Load on 10.0.0.5 \\x1b[31m", "hosts": ["10.0.0.5:80"], "peak_rate_per_s": 154.0,
            "users": 770, "requests": 23100, "wall_time_s": 880.0}
async def main():
    words = Words(sys.stdout)
    signals = StopSignals(words.line)
    task = asyncio.ensure_future(ask(question, words, signals.event))
    with signals.listening(task):
        try:
            print("ANSWER", await task)
        except StoppedAtQuestion as error:
            print("ANSWER stopped", int(error.exit_code))
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", "True"),
        ("YES\n", "True"),
        ("n\n", "False"),
        ("\n", "False"),
        ("\x04", "False"),
        ("\x03", "stopped 130"),
    ],
    ids=["y", "YES", "n", "enter", "end of input", "ctrl-c"],
)
def test_a_person_answers_on_the_terminal(typed: str, answer: str) -> None:
    text = at_a_terminal(ASKING, "[y/N] ", typed)
    for part in ("10.0.0.5:80", "154 requests per second", "770 at once", "23,100 in total", "14 min 40 s"):
        assert part in text
    assert f"ANSWER {answer}" in text
    assert "\x1b[31m" not in text


def at_a_terminal(script: str, prompt: str, typed: str) -> str:
    """Run a script on a terminal of its own, type once the prompt is there, and return all it showed."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=its, stdout=its, stderr=its, start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )  # fmt: skip
    os.close(its)
    shown = b""
    sent = False
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux tells the end of the last program on a terminal by EIO
            break
        if not part:
            break
        shown += part
        if not sent and prompt.encode() in shown:
            os.write(ours, typed.encode())
            sent = True
    process.wait(30)
    os.close(ours)
    return shown.decode(errors="replace")
