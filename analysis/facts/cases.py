"""Facts about cases: how many were sent, and at which endpoint how many were taken badly."""

from __future__ import annotations

from collections.abc import Iterable

from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.domain.load_outcome import CaseOutcome, Met

_WORDS = {
    Met.SERVER_ERROR: "answered with a server error",
    Met.NO_ANSWER: "left without an answer",
    Met.ACCEPTED: "answered with success where an error was expected",
    Met.LET_IN: "let in without the right credentials",
}
_MOST_NAMED = 3


def case_rows(cases: Iterable[CaseOutcome]) -> list[Row]:
    """Cases sent, those that did not go as expected, and those that were taken badly by endpoint."""
    sent = [case for case in cases if case.met is not Met.NOT_SENT]
    if not sent:
        return []
    unexpected = sum(not case.ok for case in sent)
    rows = [
        Row("cases.sent", len(sent), "", "cases sent before the load"),
        Row("cases.unexpected", unexpected, "", "cases that did not go as expected"),
    ]
    for (endpoint, met), own in taken_badly(sent).items():
        told = ", ".join(case.name for case in own[:_MOST_NAMED])
        more = ", ..." if len(own) > _MOST_NAMED else ""
        words = f"cases at {endpoint} {_WORDS[met]} ({told}{more})"
        rows.append(Row(fact_name(f"cases.{met.value}", endpoint), len(own), "", words))
    return rows


def taken_badly(cases: Iterable[CaseOutcome]) -> dict[tuple[str, Met], list[CaseOutcome]]:
    """Cases that were taken badly by endpoint and by what they met, in the order of the cases."""
    found: dict[tuple[str, Met], list[CaseOutcome]] = {}
    for case in cases:
        if case.met in _WORDS:
            found.setdefault((case.endpoint, case.met), []).append(case)
    return found
