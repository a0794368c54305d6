"""A JMeter that failed before its first sample: what to change so that it is worth starting once more."""

from __future__ import annotations

from perfpilot.domain.load_outcome import StartAgain
from perfpilot.tools.jmeter.running.log import LogReading

_NO_ROOM = (
    "could not reserve enough space",
    "cannot allocate memory",
    "insufficient memory",
    "os::commit_memory",
)
_TOO_SMALL = ("outofmemoryerror: java heap", "gc overhead limit exceeded", "too small maximum heap")
_OUT_OF_MEMORY_CODE = 3  # of a JVM with ExitOnOutOfMemoryError


def start_again(log: LogReading, exit_code: int | None, heap_mb: int) -> StartAgain:
    """What the next attempt changes. Each new attempt has a fresh control port in any case."""
    said = log.last_words.lower()
    if any(words in said for words in _NO_ROOM):
        return StartAgain(
            changed=f"with a heap of {heap_mb // 2} MB: the host had no room for {heap_mb} MB",
            heap_mb=heap_mb // 2,
        )
    if any(words in said for words in _TOO_SMALL) or exit_code == _OUT_OF_MEMORY_CODE:
        return StartAgain(
            changed=f"with a heap of {heap_mb * 2} MB: {heap_mb} MB were not enough", heap_mb=heap_mb * 2
        )
    if log.uncontrollable:
        return StartAgain(changed="with another control port: the first one was taken")
    return StartAgain(changed="as it was: it died before its first sample")
