"""A test that was run several times: each run's answer, the answer of all, and what changed against what."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.outcome import Outcome


class Repetition(Frozen):
    """One run of the series, in the order of time."""

    run_id: str
    side: Literal["before", "after"]  # `before`: of the description that the other one is held against
    outcome: Outcome


class Repeated(Frozen):
    """The series. The outcome is that of the judged side: its worst run, and its lines on changes."""

    version: int = 1
    test_name: str
    repetitions: tuple[Repetition, ...] = ()
    outcome: Outcome
    comparison: Comparison = Comparison()
    degradations: tuple[str, ...] = ()  # what could not be delivered, as sentences
