"""What the analysis says: facts, decided thresholds, findings, capacity, comparison, words."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from perfpilot.domain.base import Frozen


class Fact(Frozen):
    """A number that may be spoken of. Words refer to facts by id; a numeral that is no fact is dropped."""

    id: str  # F1, F2, ...
    name: str  # `steady.p95_ms(checkout)`
    value: float
    unit: str  # ms, /s, %, samples, users, s, bytes, or nothing
    text: str  # the whole statement: `p95 of checkout in the steady phase: 212 ms`


class Decision(StrEnum):
    """What became of one threshold."""

    MET = "met"
    BROKEN = "broken"
    UNDECIDED = "undecided"


class ThresholdResult(Frozen):
    """One threshold, decided by exact counting on valid steady samples, or undecided with a reason."""

    text: str
    decision: Decision
    value: float | None = None  # in `unit`
    limit: float
    unit: str  # ms, %, /s or nothing; a value of 1 with % is one per cent
    samples: int = 0
    reason: str = ""
    marginal: bool = False  # the interval of the value straddles the limit
    times_longer: float | None = None  # marginal: a run so many times as long would tell; None: unknown


class FindingKind(StrEnum):
    """Root causes that perfpilot can name."""

    CPU_SATURATION = "cpu_saturation"
    MEMORY_LEAK = "memory_leak"
    MEMORY_PRESSURE = "memory_pressure"
    GC_OR_EVENT_LOOP_STALL = "gc_or_event_loop_stall"
    CONNECTION_POOL_EXHAUSTION = "connection_pool_exhaustion"
    LOCK_CONTENTION = "lock_contention"
    SLOW_QUERY = "slow_query"
    N_PLUS_ONE_QUERIES = "n_plus_one_queries"
    CACHE_INEFFICIENCY = "cache_inefficiency"
    DOWNSTREAM_LATENCY = "downstream_latency"
    RATE_LIMITING = "rate_limiting"
    CONCURRENCY_LIMIT = "concurrency_limit"
    APPLICATION_ERRORS = "application_errors"
    NETWORK_LATENCY = "network_latency"
    DISK_IO = "disk_io"
    TARGET_RESTART = "target_restart"
    TARGET_DOWN = "target_down"
    LOAD_GENERATOR_LIMITED = "load_generator_limited"
    TEST_CONFIGURATION = "test_configuration"


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Finding(Frozen):
    """A cause with its evidence. Nothing wrong: no finding."""

    kind: FindingKind
    component: str
    severity: Severity
    confidence: float  # 0..1
    evidence_for: tuple[str, ...] = ()  # fact ids
    evidence_against: tuple[str, ...] = ()
    explanation: str = ""
    recommendations: tuple[str, ...] = ()
    by_case: bool = False  # shown by a case beside the load: it did not limit what was measured


class Insight(Frozen):
    """One statement, the facts it rests on, and who worded it."""

    text: str
    facts: tuple[str, ...] = ()
    source: Literal["rules", "model"] = "rules"
    gain: str = ""  # of an item of the roadmap: what it would bring, an estimate from this run's figures
    assumption: str = ""  # what the gain supposes


class Roadmap(Frozen):
    """Improvements by horizon; an item whose gain the measurements allow to estimate says it."""

    weeks_0_2: tuple[Insight, ...] = ()
    months_1_3: tuple[Insight, ...] = ()
    months_3_plus: tuple[Insight, ...] = ()


class Answer(StrEnum):
    """What the measurements say to a question of readiness."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"  # it was looked at, and the data do not tell
    NOT_TESTED = "not_tested"


class ReadinessItem(Frozen):
    """One question that a release asks, and the answer of this run."""

    question: str
    answer: Answer
    text: str  # why
    facts: tuple[str, ...] = ()


class ProductionReadiness(Frozen):
    """A checklist and its sum. It follows the verdict and decides nothing."""

    summary: str = ""
    items: tuple[ReadinessItem, ...] = ()


class Insights(Frozen):
    """The words over the facts. The recommendation is copied from the verdict, never written anew."""

    executive_summary: tuple[Insight, ...] = ()
    technical_analysis: tuple[Insight, ...] = ()
    risk_assessment: tuple[Insight, ...] = ()
    readiness: ProductionReadiness = ProductionReadiness()
    optimization_roadmap: Roadmap = Roadmap()
    capacity_planning: tuple[Insight, ...] = ()
    comparative_analysis: tuple[Insight, ...] = ()
    recommendation: str = ""
