"""What another start changes where JMeter failed before its first sample."""

from __future__ import annotations

import pytest

from perfpilot.tools.jmeter.running.log import LogReading
from perfpilot.tools.jmeter.running.start_again import start_again


def _log(words: str = "", uncontrollable: bool = False) -> LogReading:
    return LogReading(
        test_started_ms=0,
        groups_started_ms=0,
        ended=False,
        problems=(),
        last_words=words,
        uncontrollable=uncontrollable,
    )


@pytest.mark.parametrize(
    ("words", "code", "heap_mb"),
    [
        ("Error occurred during initialization of VM\nCould not reserve enough space for heap", 1, 512),
        ("OpenJDK Server VM warning: os::commit_memory(0x1, 2, 0) failed; error='Not enough space'", 1, 512),
        ("Terminating due to java.lang.OutOfMemoryError: Java heap space", 3, 2048),
        ("", 3, 2048),
        ("no such option", 1, 0),
        ("", -9, 0),
    ],
)  # fmt: skip
def test_the_heap_is_fitted_where_memory_was_the_matter(words: str, code: int, heap_mb: int) -> None:
    assert start_again(_log(words), code, 1024).heap_mb == heap_mb


def test_a_control_port_that_was_taken_is_another_one_next_time() -> None:
    assert "another control port" in start_again(_log(uncontrollable=True), None, 1024).changed
