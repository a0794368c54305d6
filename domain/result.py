"""`result.json`: the machine-readable result of a run. Every report shows these figures and no others."""

from __future__ import annotations

from perfpilot.domain.base import Frozen
from perfpilot.domain.capacity import Capacity, CapacityLevel
from perfpilot.domain.comparison import Comparison
from perfpilot.domain.events import Event
from perfpilot.domain.judgement import Fact, Finding, Insights, ThresholdResult
from perfpilot.domain.load_outcome import CaseOutcome
from perfpilot.domain.loops import LoopPass
from perfpilot.domain.measure import Attempt, FileHealth, GeneratorHealth, ResourceSeries, Series
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.plan import Plan
from perfpilot.domain.result_file import ResultFile
from perfpilot.domain.search import SearchOutcome
from perfpilot.domain.soak import Soak
from perfpilot.domain.time_windows import TimeWindows
from perfpilot.domain.trend import Trend


class RunInfo(Frozen):
    """Which run this is."""

    id: str
    test_name: str
    test_type: str
    environment: str
    base_url: str
    started_ms: int
    ended_ms: int
    perfpilot: str  # version
    jmeter: str = ""
    java: str = ""
    host: str = ""  # of the load generator: system, cores, memory
    spec_sha256: str = ""
    phase_times_s: dict[str, float] = {}  # time spent in each node


class Remark(Frozen):
    """A remark of the review on the description: by rule, standard or model."""

    severity: str  # info, warning, error
    place: str  # path in the spec: `endpoints.2.path`
    text: str
    source: str = ""  # rule id, cited standard, or `model`


class Review(Frozen):
    """All remarks on a description, and what could not be done on the way to them."""

    remarks: tuple[Remark, ...] = ()
    degradations: tuple[str, ...] = ()


class Repair(Frozen):
    """A change to the description, with its proof. A GO on a repaired spec says so first."""

    place: str
    before: str
    after: str
    proof: str


class Connectivity(Frozen):
    """One probe: what was tried, whether it worked, how long it took."""

    kind: str  # dns, tcp, tls, http, postgresql, redis
    subject: str
    ok: bool
    duration_ms: float
    detail: str = ""


class Artifact(Frozen):
    """A file of the run directory, by its path in it."""

    path: str
    sha256: str
    bytes: int


class Charts(Frozen):
    """What charts are drawn from; kept beside `result.json` because it is bulky."""

    series: Series
    resources: tuple[ResourceSeries, ...] = ()
    steady_from_s: float = 0.0
    steady_to_s: float = 0.0


class ClosedAttempt(Frozen):
    """An attempt that `collect` has closed, with what the analysis needs beside its figures."""

    attempt: Attempt
    plan: Plan
    thresholds: tuple[ThresholdResult, ...]
    charts: Charts
    restarts_s: tuple[float, ...] = ()
    busiest_neighbour: str = ""  # of the processes that are neither ours nor the target's
    unloaded_ms: dict[str, float] = {}
    host_cores: int = 0  # of the machine that the target was watched on; 0: it was not watched
    target_cores: float = 0.0  # that the target may use there
    cases: tuple[CaseOutcome, ...] = ()  # sent once each, before the load
    search: SearchOutcome | None = None  # of the highest load that meets the thresholds
    windows: TimeWindows | None = None  # of the steady phase: what a later comparison needs
    levels: tuple[CapacityLevel, ...] = ()  # of a stepped load or a search, each judged by itself


class Analysis(Frozen):
    """What `analyze` makes of all attempts; it alone decides the outcome of a run that had a load."""

    outcome: Outcome
    attempts: tuple[Attempt, ...] = ()
    decided_by: int = 0
    thresholds: tuple[ThresholdResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    capacity: Capacity = Capacity(estimated=False, because="not analysed")
    comparison: Comparison = Comparison()
    trend: Trend = Trend()
    soak: Soak = Soak(because="not analysed")
    insights: Insights = Insights()
    facts: tuple[Fact, ...] = ()


class Result(Frozen):
    """The whole result."""

    version: int = 1
    run: RunInfo
    file: ResultFile | None = None  # that was analysed; None: perfpilot sent the load itself
    outcome: Outcome
    thresholds: tuple[ThresholdResult, ...] = ()
    scenarios: tuple[Attempt, ...] = ()  # every attempt; the last valid one decides
    decided_by: int = 0  # number of that attempt; 0: none
    plan: Plan | None = None
    cases: tuple[CaseOutcome, ...] = ()  # of that attempt: sent once each, before the load
    generator: GeneratorHealth = GeneratorHealth(limited=False)
    files: FileHealth = FileHealth(rows=0)
    review: tuple[Remark, ...] = ()
    repairs: tuple[Repair, ...] = ()
    environment: dict[str, str] = {}
    connectivity: tuple[Connectivity, ...] = ()
    findings: tuple[Finding, ...] = ()
    capacity: Capacity = Capacity(estimated=False, because="not analysed")
    comparison: Comparison = Comparison()
    trend: Trend = Trend()
    soak: Soak = Soak(because="not analysed")
    insights: Insights = Insights()
    loops: tuple[LoopPass, ...] = ()
    alerts: tuple[Event, ...] = ()
    steering: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()
    degradations: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = ()

    def deciding_attempt(self) -> Attempt | None:
        """The attempt whose figures decided, if any."""
        return next((a for a in self.scenarios if a.number == self.decided_by), None)
