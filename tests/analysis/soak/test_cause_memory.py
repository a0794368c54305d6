"""A leak of memory is named with its figures; the load generator's own and a healthy run are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from perfpilot.analysis.causes.causes import find_causes
from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.domain.judgement import Finding, FindingKind, Severity
from perfpilot.domain.soak import SlowChange, Soak
from tests.analysis.observed import Run, observe

LEAK = SlowChange(
    kind="leak",
    component="target",
    metric="rss_bytes",
    unit="bytes",
    per_hour=30e6,
    low_per_hour=22e6,
    high_per_hour=38e6,
    first=500e6,
    last=530e6,
    limit=900e6,
    hours_left=12.3,
    hours_low=9.7,
    hours_high=16.8,
)
SLOWER = SlowChange(
    kind="degradation", component="", metric="p95", unit="ms", per_hour=50, low_per_hour=20, high_per_hour=80,
    first=200, last=250,
)  # fmt: skip


def found(soak: Soak, run: Run | None = None) -> tuple[tuple[Finding, ...], FactBook]:
    seen = replace(observe(run or Run()), soak=soak)
    facts = fact_table(seen)
    return find_causes(seen, facts), FactBook(facts)


def leak(**changes: Any) -> Soak:
    return Soak(hours=1.0, looked_at=5, changes=(LEAK.model_copy(update=changes),))


def test_a_leak_is_named_with_the_facts_that_show_it() -> None:
    (finding,), book = found(leak())
    assert (finding.kind, finding.component) == (FindingKind.MEMORY_LEAK, "target")
    assert finding.severity is Severity.HIGH
    names = {fact.id: fact for fact in book.facts}
    texts = [names[fact].text for fact in finding.evidence_for]
    assert texts[0] == "change of the resident memory of target in each hour of steady load: 28.6 MiB"
    assert texts[-1] == "estimated hours until the resident memory of target meets its limit: 12.3 h"
    assert finding.explanation.startswith("The resident memory of target climbs") and finding.recommendations


def test_a_leak_that_leaves_days_is_of_medium_severity() -> None:
    for far in (leak(hours_left=100.0), leak(hours_left=None, hours_low=None, hours_high=None, limit=None)):
        ((finding,), _) = found(far)
        assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    "soak",
    [
        Soak(hours=1.0, looked_at=9),
        Soak(because="too short to tell"),
        leak(component="jmeter"),
        leak(component="perfpilot"),
        leak(kind="exhaustion", metric="memory_available_bytes", component="host"),
        Soak(hours=1.0, changes=(SLOWER,)),
    ],
    ids=["healthy", "short", "jmeter", "perfpilot", "host", "slower answers alone"],
)
def test_what_is_no_leak_of_the_target_is_not_named(soak: Soak) -> None:
    assert found(soak)[0] == ()


def test_slower_answers_in_the_same_time_make_it_more_certain() -> None:
    alone = found(leak())[0][0]
    both, book = found(Soak(hours=1.0, changes=(LEAK, SLOWER)))
    assert both[0].confidence > alone.confidence
    slower = book.get("soak.p95.per_hour", "pooled")
    assert slower and slower.id in both[0].evidence_for
    assert "grew worse" in both[0].explanation


def test_a_short_run_and_a_limited_generator_make_it_less_certain() -> None:
    sure = found(leak())[0][0].confidence
    short = found(leak().model_copy(update={"hours": 0.2}))[0][0]
    limited = next(
        finding
        for finding in found(leak(), Run(limited=True, achieved=0.9))[0]
        if finding.kind is FindingKind.MEMORY_LEAK
    )
    assert short.confidence < sure and limited.confidence < sure


def test_a_run_without_a_soak_has_no_facts_of_one() -> None:
    assert not [fact for fact in fact_table(observe()) if fact.name.startswith("soak.")]
