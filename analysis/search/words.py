"""What a search is doing, in one line for the live view."""

from __future__ import annotations

from perfpilot.analysis.search.bracket import Bracket
from perfpilot.domain.search import SearchPhase, SearchStep

_VERBS = {
    SearchPhase.CLIMB: "climbing, now at",
    SearchPhase.RECOVER: "letting the target recover at",
    SearchPhase.PROBE: "probing",
    SearchPhase.CONFIRM: "confirming",
}


def words(bracket: Bracket, now: SearchStep | None, *, over: bool) -> str:
    """The present step and what is known: `probing 47.2/s: kept 45/s, lost 52/s`."""
    known = ", ".join(
        f"{how} {bracket.named(level)}"
        for how, level in (("kept", bracket.kept), ("lost", bracket.lost))
        if level is not None
    )
    if over:
        return f"search over: {known or 'nothing known'}"
    if now is None:
        return "the search has not begun"
    doing = f"{_VERBS[now.phase]} {bracket.named(now.level)}"
    return f"{doing}: {known}" if known else doing
