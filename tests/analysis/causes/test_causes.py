"""Which cause is named for which figures, and that a healthy run stays silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfpilot.analysis.causes.causes import find_causes
from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.observations import Observations
from perfpilot.domain.judgement import Decision, Finding, FindingKind, Severity
from perfpilot.domain.load_outcome import Met
from tests.analysis.observed import NAMED_RUNS, Run, case, observe, threshold

ALL_SLOW = {"checkout": 6.0, "home": 6.0, "search": 6.0}


def found(seen: Observations) -> tuple[Finding, ...]:
    return find_causes(seen, fact_table(seen))


def kinds(seen: Observations) -> list[FindingKind]:
    return [finding.kind for finding in found(seen)]


@pytest.mark.parametrize("seed", range(60))
def test_a_healthy_run_has_no_finding(seed: int) -> None:
    assert found(observe(seed=seed, target_cpu=0.1 + 0.7 * (seed % 10) / 10)) == ()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "healthy",
    [
        Run(smoke=False),
        Run(target_cpu=None),
        Run(target_cpu=0.95),  # a well-used machine that answers fast
        Run(neighbours=0.2),
        Run(medians={"report": 900.0, "ping": 2.0}),  # slow by nature, not by load
        Run(slow={"checkout": 1.5, "home": 1.5, "search": 1.5}),
        Run(target_cpu=0.5, cpu_noise=0.005),  # one core busy, and nobody waits
        Run(rate=600.0),
    ],
    ids=[
        "no smoke",
        "no monitor",
        "busy",
        "neighbours",
        "slow by nature",
        "some queueing",
        "one core",
        "fast",
    ],
)
def test_what_only_looks_bad_has_no_finding(healthy: Run, seed: int) -> None:
    assert kinds(observe(healthy, seed=seed)) == []


NAMED: dict[str, tuple[Run, FindingKind, str]] = {
    "full processor": (
        Run(target_cpu=0.97, cpu_noise=0.02, slow=ALL_SLOW),
        FindingKind.CPU_SATURATION,
        "target",
    ),
    "full processor of one allowed core": (
        Run(target_cpu=0.48, cpu_noise=0.01, target_cores=1.0, slow=ALL_SLOW),
        FindingKind.CPU_SATURATION,
        "target",
    ),
    "one core of several": (
        Run(target_cpu=0.5, cpu_noise=0.01, slow=ALL_SLOW),
        FindingKind.CPU_SATURATION,
        "target",
    ),
    "server errors of a label": (
        Run(errors={"checkout": {"500": 0.08}}),
        FindingKind.APPLICATION_ERRORS,
        "checkout",
    ),
    "failed expectations": (
        Run(errors={"search": {"assertion": 0.03}}),
        FindingKind.APPLICATION_ERRORS,
        "search",
    ),
    "server errors everywhere": (
        Run(errors={label: {"503": 0.2} for label in ALL_SLOW}),
        FindingKind.APPLICATION_ERRORS,
        "target",
    ),
    "too many requests": (Run(errors={"home": {"429": 0.3}}), FindingKind.RATE_LIMITING, "home"),
    "refused to the end": (Run(dead_from_s=40), FindingKind.TARGET_DOWN, "target"),
    "silent to the end": (Run(dead_from_s=40, dead_code="timeout"), FindingKind.TARGET_DOWN, "target"),
    "another process": (Run(restarts=(31.0,)), FindingKind.TARGET_RESTART, "target"),
    "a limited generator": (Run(limited=True, achieved=0.8), FindingKind.LOAD_GENERATOR_LIMITED, "jmeter"),
    "a wrong path": (Run(errors={"search": {"404": 1.0}}), FindingKind.TEST_CONFIGURATION, "search"),
    "a wrong method": (Run(errors={"home": {"405": 1.0}}), FindingKind.TEST_CONFIGURATION, "home"),
    "one label serialised": (
        Run(target_cpu=0.15, slow={"home": 12.0}, rate=60.0, achieved=0.8),
        FindingKind.LOCK_CONTENTION,
        "home",
    ),
    "few slots for all": (
        Run(target_cpu=0.15, slow=ALL_SLOW, achieved=0.8),
        FindingKind.CONCURRENCY_LIMIT,
        "target",
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_the_cause_is_named_first(name: str) -> None:
    run, kind, component = NAMED[name]
    finding = found(observe(run))[0]
    assert (finding.kind, finding.component) == (kind, component)
    assert finding.explanation and finding.recommendations


@pytest.mark.parametrize("name", NAMED)
def test_every_finding_rests_on_facts_that_exist(name: str) -> None:
    seen = observe(NAMED[name][0])
    facts = fact_table(seen)
    ids = {fact.id for fact in facts}
    for finding in find_causes(seen, facts):
        assert finding.evidence_for and set(finding.evidence_for) <= ids
        assert set(finding.evidence_against) <= ids
        assert not set(finding.evidence_for) & set(finding.evidence_against)
        assert 0 < finding.confidence < 1


def test_a_waiting_queue_is_not_named_without_the_processor_of_the_target() -> None:
    assert kinds(observe(target_cpu=None, slow=ALL_SLOW, achieved=0.8)) == []


def test_a_limited_generator_takes_confidence_from_what_it_may_have_caused() -> None:
    full = Run(target_cpu=0.97, cpu_noise=0.02, slow=ALL_SLOW)
    alone = {f.kind: f for f in found(observe(full))}[FindingKind.CPU_SATURATION]
    beside = {f.kind: f for f in found(observe(full, limited=True))}[FindingKind.CPU_SATURATION]
    assert beside.confidence < alone.confidence
    assert len(beside.evidence_against) > len(alone.evidence_against)


def test_time_outs_to_the_end_are_less_certain_than_refusals() -> None:
    refused, silent = (found(observe(dead_from_s=40, dead_code=code))[0] for code in ("connect", "timeout"))
    assert refused.severity is silent.severity is Severity.CRITICAL
    assert silent.confidence < refused.confidence


def test_a_target_that_recovers_is_not_down() -> None:
    seen = observe(errors={label: {"connect": 0.3} for label in ALL_SLOW})
    assert FindingKind.TARGET_DOWN not in kinds(seen)


def test_a_few_errors_count_once_they_broke_a_threshold() -> None:
    few = Run(seed=3, errors={"checkout": {"502": 0.004}})
    broken = threshold("error_rate < 0.1%", Decision.BROKEN, value=0.15, limit=0.1, unit="%")
    assert kinds(observe(few)) == []
    assert kinds(observe(few, thresholds=(broken,))) == [FindingKind.APPLICATION_ERRORS]


def test_a_label_that_sometimes_answers_404_is_no_mistake_of_the_test() -> None:
    assert FindingKind.TEST_CONFIGURATION not in kinds(observe(errors={"search": {"404": 0.5}}))


def test_a_restart_names_its_moment() -> None:
    seen = observe(restarts=(31.0,))
    book = FactBook(fact_table(seen))
    assert book.value("restart.at_s", "1") == 31.0
    assert book.ids("restart.at_s(1)")[0] in found(seen)[0].evidence_for


def test_severity_is_high_once_a_threshold_is_broken() -> None:
    full = Run(target_cpu=0.97, cpu_noise=0.02, slow=ALL_SLOW)
    broken = threshold("p95 < 400ms", Decision.BROKEN, value=800.0)
    assert found(observe(full))[0].severity is Severity.MEDIUM
    assert found(observe(full, thresholds=(broken,)))[0].severity is Severity.HIGH


def test_a_busy_target_is_not_said_to_wait_for_something_else() -> None:
    assert kinds(observe(target_cpu=0.7, slow=ALL_SLOW, achieved=0.8)) == []


def test_cases_that_were_taken_badly_are_findings_by_endpoint_and_none_where_all_is_well() -> None:
    seen = observe(NAMED_RUNS["cases"])
    book = FactBook(fact_table(seen))
    told = [
        (finding.component, finding.severity, [f.text for f in book.facts if f.id in finding.evidence_for])
        for finding in found(seen)
    ]
    assert told == [
        (
            "checkout",
            Severity.HIGH,
            ["cases at checkout let in without the right credentials (checkout no token): 1"],
        ),
        (
            "search",
            Severity.MEDIUM,
            ["cases at search answered with a server error (search longest q, search unusual q): 2"],
        ),
        (
            "search",
            Severity.MEDIUM,
            ["cases at search left without an answer (search far page): 1"],
        ),
        (
            "checkout",
            Severity.LOW,
            [
                "cases at checkout answered with success where an error was expected "
                "(checkout missing fields): 1"
            ],
        ),
    ]
    assert all(
        f.by_case and f.kind is FindingKind.APPLICATION_ERRORS and f.recommendations for f in found(seen)
    )
    assert (book.value("cases.sent"), book.value("cases.unexpected")) == (7, 6)
    assert found(observe(cases=(case("odd", "search"), case("empty", "home", code="404")))) == ()


def test_an_endpoint_that_fails_its_ordinary_requests_too_speaks_against_the_case() -> None:
    bad = (case("odd", "checkout", Met.SERVER_ERROR, "500"), case("bare", "home", Met.LET_IN))
    seen = observe(cases=bad, errors={"checkout": {"500": 0.2}})
    by_case = {finding.component: finding for finding in found(seen) if finding.by_case}
    book = FactBook(fact_table(seen))
    assert by_case["checkout"].evidence_against == book.ids("steady.errors.500(checkout)")
    assert by_case["checkout"].confidence < 0.7
    assert by_case["home"].evidence_against == ()
    calm = next(finding for finding in found(observe(cases=bad)) if finding.component == "checkout")
    assert calm.evidence_against == () and calm.confidence > 0.8


def test_a_login_that_accepts_what_is_wrong_is_told_as_a_login() -> None:
    seen = observe(cases=(case("log in wrong password", "log in", Met.LET_IN),))
    seen = replace(seen, plan=seen.plan.model_copy(update={"login": "log in"}))
    (finding,) = found(seen)
    assert (finding.severity, finding.component) == (Severity.HIGH, "log in")
    assert "login" in finding.explanation
    assert not any("authenticated: false" in text for text in finding.recommendations)
