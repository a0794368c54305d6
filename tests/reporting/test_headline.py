from __future__ import annotations

import pytest

from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.reporting.headline import headline, limit_statement
from tests.reporting.sample_results import (
    go_result,
    inconclusive_result,
    never_started_result,
    no_go_result,
    stopped_result,
)


@pytest.mark.parametrize(
    ("status", "verdict", "word", "tone"),
    [
        (Status.COMPLETED, Verdict.GO, "GO", "good"),
        (Status.COMPLETED, Verdict.NO_GO, "NO-GO", "bad"),
        (Status.COMPLETED, Verdict.INCONCLUSIVE, "INCONCLUSIVE", "unsure"),
        (Status.COMPLETED, None, "INCONCLUSIVE", "unsure"),
        (Status.REFUSED, None, "REFUSED", "bad"),
        (Status.NOT_READY, None, "NOT READY", "bad"),
        (Status.FAILED, None, "FAILED", "bad"),
        (Status.FAILED, Verdict.GO, "FAILED", "bad"),
        (Status.STOPPED, Verdict.GO, "STOPPED", "unsure"),
    ],
)
def test_only_a_completed_go_looks_good(
    status: Status, verdict: Verdict | None, word: str, tone: str
) -> None:
    head = headline(go_result(outcome=Outcome(status=status, verdict=verdict)))
    assert (head.word, head.tone) == (word, tone)


def test_a_repair_and_a_degradation_are_said_before_the_reasons() -> None:
    head = headline(no_go_result())
    assert head.caveats[0].startswith("The description was repaired before it was run")
    assert "/chekout became /checkout" in head.caveats[0]
    assert head.caveats[1].startswith("Degraded: the language model")
    assert head.reasons[0] == "p95(checkout) < 300ms was broken: 346 ms"


def test_many_degradations_are_counted_rather_than_piled_up() -> None:
    head = headline(go_result(degradations=tuple(f"thing {n} is missing" for n in range(9))))
    assert len(head.caveats) == 5
    assert head.caveats[-1] == "Degraded in 5 more ways, listed below."


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (go_result(), "Nothing limited the system at this load."),
        (inconclusive_result(), "The load generator was the limit"),
        (no_go_result(findings=()), "no cause could be named"),
        (never_started_result(), "Nothing was measured"),
        (stopped_result(), "Nothing was measured that decides"),
    ],
)
def test_silence_about_limits_is_claimed_only_for_a_healthy_run(result: object, words: str) -> None:
    assert words in limit_statement(result)  # type: ignore[arg-type]
