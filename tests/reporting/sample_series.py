"""Series of runs: two sides in turns, one side with nothing to compare with, one that broke off, hostile."""

from __future__ import annotations

from perfpilot.domain.comparison import Comparison
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.repeated import Repeated, Repetition
from tests.reporting.hostile_results import HOSTILE, hostile_result
from tests.reporting.sample_outlook import comparison

MET = Outcome(status=Status.COMPLETED, verdict=Verdict.GO, reasons=("every threshold was met",))
BROKEN = Outcome(
    status=Status.COMPLETED,
    verdict=Verdict.NO_GO,
    reasons=("p95(checkout) < 300ms was broken: 346 ms", "error_rate < 1% was broken: 2.23 %"),
)
IDS = tuple(f"20261122-15{minute}36-shop-00aa{minute}" for minute in (10, 20, 30, 40, 50))
ALONE = Comparison(against="run", because="there is no earlier run of this test to compare with")


def _run(number: int, outcome: Outcome, before: bool = False) -> Repetition:
    return Repetition(run_id=IDS[number], side="before" if before else "after", outcome=outcome)


def two_sides() -> Repeated:
    """Old and new in turns; the new one is slower, and one of its runs broke a threshold by itself."""
    found = comparison().model_copy(
        update={
            "against": "runs",
            "baseline_run": IDS[3],
            "baseline_runs": (IDS[3], IDS[0]),
            "runs": (IDS[2], IDS[1]),
            "because": "several runs against several runs",
            "method": "a prediction interval on the logarithms of the runs' figures, 90 % intervals; "
            "the run is the unit of replication",
        }
    )
    return Repeated(
        test_name="shop under 300 a second",
        repetitions=(_run(0, MET, before=True), _run(1, MET), _run(2, BROKEN), _run(3, MET, before=True)),
        outcome=Outcome(
            status=Status.COMPLETED,
            verdict=Verdict.NO_GO,
            reasons=(
                "change(p95(checkout), baseline) <= 10%: broken, +20 % (+15 % to +25.5 %)",
                f"run {IDS[2]}: p95(checkout) < 300ms was broken: 346 ms",
            ),
        ),
        comparison=found,
    )


def against_history() -> Repeated:
    """Runs of one description, compared with earlier ones of the same test."""
    found = comparison().model_copy(update={"baseline_runs": ("20261121-021500-shop-11aa11",)})
    return two_sides().model_copy(
        update={"repetitions": (_run(0, MET), _run(1, MET), _run(2, BROKEN)), "comparison": found}
    )


def alone() -> Repeated:
    """Runs of one description, and nothing to compare them with."""
    outcome = MET.model_copy(update={"reasons": tuple(f"run {IDS[n]}: {MET.reasons[0]}" for n in range(3))})
    repetitions = tuple(_run(n, MET) for n in range(3))
    return Repeated(test_name="shop", repetitions=repetitions, outcome=outcome, comparison=ALONE)


def broken_off(status: Status = Status.STOPPED) -> Repeated:
    """The third run did not complete; one before it was a NO_GO."""
    ended = Outcome(status=status, verdict=None, reasons=("the operator asked for it",))
    reasons = (f"run {IDS[3]} ended the series: {status}", f"run {IDS[1]}: {BROKEN.reasons[0]}")
    outcome = Outcome(status=status, verdict=Verdict.NO_GO, reasons=(*reasons, *ended.reasons))
    return Repeated(
        test_name="shop",
        repetitions=(_run(0, MET, before=True), _run(1, BROKEN), _run(2, MET), _run(3, ended, before=True)),
        outcome=outcome,
        comparison=Comparison(because="the series broke off"),
    )


def undecided() -> Repeated:
    """Stopped between two runs, before any of the judged side was made."""
    outcome = Outcome(status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE, reasons=("no run was made",))
    return Repeated(test_name="shop", repetitions=(_run(0, MET, before=True),), outcome=outcome)


def hostile_series() -> Repeated:
    """Outside text with scripts, escape sequences and hidden marks in every place that takes text."""
    bad = Outcome(status=Status.COMPLETED, verdict=Verdict.NO_GO, reasons=(HOSTILE, "=1+1"))
    sides = (
        Repetition(run_id=HOSTILE, side="before", outcome=bad),
        Repetition(run_id="../../evil.example", side="after", outcome=bad),
    )
    found = hostile_result().comparison.model_copy(update={"baseline_runs": (HOSTILE, "//evil.example/")})
    return Repeated(
        test_name=HOSTILE, repetitions=sides, outcome=bad, comparison=found, degradations=(HOSTILE,)
    )


EVERY_SERIES = {
    "two_sides": two_sides(),
    "against_history": against_history(),
    "alone": alone(),
    "broken_off": broken_off(),
    "undecided": undecided(),
    "empty": Repeated(test_name="", outcome=Outcome(status=Status.FAILED)),
    "hostile": hostile_series(),
}
