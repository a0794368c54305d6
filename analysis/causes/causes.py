"""Names what limited or broke the run, with evidence for and against; a healthy run gets an empty list.

Rules over the fact table, no statistics of correlation: on independent series a lagged correlation finds a
partner in two of three cases (measured, 68 % at p < .01). Each rule needs a symptom that a person would
notice (failures, slow answers, load not reached) and a figure that names the cause. Confidences are
judgements of ours, ordered but not yet calibrated against seeded faults.

Not yet named, for want of evidence: garbage collection, connection pools, queries, caches,
downstream services, network and disk.
"""

from __future__ import annotations

from collections.abc import Callable

from perfpilot.analysis.causes.case import Case
from perfpilot.analysis.causes.cases import cases_taken_badly
from perfpilot.analysis.causes.cpu import cpu_saturation
from perfpilot.analysis.causes.errors import application_errors, rate_limiting, unfit_requests
from perfpilot.analysis.causes.generator import load_generator_limited
from perfpilot.analysis.causes.memory import memory_leak
from perfpilot.analysis.causes.outage import target_down, target_restart
from perfpilot.analysis.causes.waiting import waiting_elsewhere
from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.observations import Observations
from perfpilot.domain.judgement import Fact, Finding, Severity

_RULES: tuple[Callable[[Case], list[Finding]], ...] = (
    target_down,
    target_restart,
    load_generator_limited,
    unfit_requests,
    application_errors,
    rate_limiting,
    cpu_saturation,
    waiting_elsewhere,
    memory_leak,
    cases_taken_badly,
)
_RANK = {severity: rank for rank, severity in enumerate(reversed(Severity))}


def find_causes(seen: Observations, facts: tuple[Fact, ...]) -> tuple[Finding, ...]:
    """Findings, most severe and most certain first. `facts` must be `fact_table(seen, ...)`."""
    case = Case(seen, FactBook(facts))
    findings = [finding for rule in _RULES for finding in rule(case)]
    return tuple(sorted(findings, key=lambda f: (_RANK[f.severity], -f.confidence, f.kind, f.component)))
