"""Why a JMeter ended before its plan did, in words that name the mend where there is one."""

from __future__ import annotations

from perfpilot.tools.jmeter.running.log import LogReading

_OUT_OF_MEMORY_CODE = 3  # of a JVM with ExitOnOutOfMemoryError
_HEAP_WORDS = "OutOfMemoryError"


def cause_of_death(log: LogReading, exit_code: int | None) -> str:
    """From what it wrote and how it ended. `exit_code` is None where only another parent learns it."""
    if log.results_lost:
        return "JMeter could not write all samples to results.jtl: is the disk full?"
    if exit_code == _OUT_OF_MEMORY_CODE or any(_HEAP_WORDS in line for line in log.problems):
        return "the load generator ran out of memory: fewer users or a larger heap"
    if log.problems:
        return log.problems[0]
    if exit_code is not None and exit_code < 0:
        return f"the load generator was killed by signal {-exit_code} before its plan ended"
    return "the load generator ended before its plan did"
