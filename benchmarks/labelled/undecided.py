"""What the runs have in common whose data can't tell: which verdicts are right, and how a load is cut off.

A threshold of theirs may truly be met or broken; what was measured does not say, or says the contrary. Where
the target answered with errors of its own, or a goal is broken by far on rows that are good, NO_GO is right.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.labelled.kinds import NO_GO, OPEN
from benchmarks.labelled.processes import Samples
from benchmarks.labelled.run_files import START_MS
from perfpilot.domain.load_outcome import Ended, LoadOutcome
from perfpilot.domain.outcome import Verdict

UNDECIDED: frozenset[Verdict | None] = frozenset({OPEN})
STOPPED: frozenset[Verdict | None] = frozenset({None})
FORMS = ("p95 < {}ms", "p99 < {}ms", "mean < {}ms", "p90(search) < {}ms")


def no_go_if(broken: bool) -> frozenset[Verdict | None]:
    """INCONCLUSIVE, or NO_GO where the target deserves it."""
    return frozenset({OPEN, NO_GO}) if broken else UNDECIDED


def ended_as(ended: Ended, detail: str) -> LoadOutcome:
    """An attempt that ended in that way."""
    return LoadOutcome(attempt=1, ended=ended, detail=detail, started_ms=START_MS)


def until(seconds: float) -> Callable[[Samples], Samples]:
    """Leaves out what had not ended by then."""

    def cut(samples: Samples) -> Samples:
        return samples.pick(samples.start_ms + samples.elapsed_ms < 1000 * seconds)

    return cut
