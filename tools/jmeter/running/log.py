"""What JMeter says about itself in `jmeter.log` and on its output. Its exit code means nothing."""

from __future__ import annotations

import re
from calendar import timegm
from pathlib import Path
from time import strptime

from perfpilot.domain.base import Frozen

_GROUPS_STARTED = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) .*All thread groups have been started", re.M
)
_TEST_STARTED = re.compile(r"^Starting standalone test @ .* \((\d{13})\)$", re.M)
_RESULTS_LOST = "Problem detected during use of"
_NO_PORT = "Failed to create UDP port"
_LAST_WORDS = 4000  # characters of each file's end
_TROUBLE = (
    "Uncaught exception",
    "Test failed!",
    "invalid variables in node",
    "Probably an invalid function string",
    _RESULTS_LOST,
    "Could not read open",
    "Error occurred compiling the tree",
    "Error in NonGUIDriver",
    _NO_PORT,
    "OutOfMemoryError",
    "Cannot start.",
    "java.io.FileNotFoundException",
)


class LogReading(Frozen):
    """What the two files told."""

    test_started_ms: int  # epoch ms from which open schedules count; 0: not started
    groups_started_ms: int  # epoch ms when all thread groups had been started; 0: they had not
    ended: bool  # the engine said that the test is over
    problems: tuple[str, ...]  # lines that mean trouble, the first few, as JMeter wrote them
    results_lost: str = ""  # the line that says that samples could not be written, on a full disk for one
    uncontrollable: bool = False  # it got no control port: it heeds signals only
    last_words: str = ""  # the ends of both files


def read_log(directory: Path, *, log: str = "jmeter.log") -> LogReading:
    """Read both files of an attempt. JMeter runs with `user.timezone=UTC`, so its times are UTC."""
    text = _text(directory / log)
    output = _text(directory / "jmeter.out")
    groups = _GROUPS_STARTED.search(text)
    groups_ms = 0
    if groups:
        groups_ms = timegm(strptime(groups[1], "%Y-%m-%d %H:%M:%S")) * 1000 + int(groups[2])
    started = _TEST_STARTED.search(output)
    lines = [line.strip() for line in (text + "\n" + output).splitlines() if any(t in line for t in _TROUBLE)]
    return LogReading(
        test_started_ms=int(started[1]) if started else 0,
        groups_started_ms=groups_ms,
        ended="... end of run" in output or "Notifying test listeners of end of test" in text,
        problems=tuple(dict.fromkeys(line[:300] for line in lines))[:5],
        results_lost=next((line[:300] for line in lines if _RESULTS_LOST in line), ""),
        uncontrollable=_NO_PORT in output or _NO_PORT in text,
        last_words=f"{text[-_LAST_WORDS:]}\n{output[-_LAST_WORDS:]}",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
