"""Figures computed from samples: per label, per phase, per second."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen


class ErrorCause(Frozen):
    """Failed samples of one kind."""

    code: str  # response code as JMeter wrote it, or a class such as `timeout`, `connect`, `assertion`
    count: int
    example: str = ""  # one message, truncated, stripped of control characters


class PercentileInterval(Frozen):
    """Where a percentile lies with 95 % confidence, as far as chance within this run goes."""

    percentile: float  # 95 for p95
    low_ms: float
    high_ms: float


class LabelStats(Frozen):
    """Figures of one label (or of all labels pooled) within one phase. Times are response times in ms.

    Percentiles come from log-bucket histograms and are within 0.4 % of exact. `None`: no samples.
    """

    label: str
    count: int
    errors: int
    rate_per_s: float  # samples that started in the phase, per second of it
    mean_ms: float | None = None
    min_ms: float | None = None
    max_ms: float | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    connect_ms: float | None = None  # mean
    latency_ms: float | None = None  # mean time to first byte
    received_bytes: int = 0
    apdex: float | None = None
    apdex_t_ms: float | None = None
    causes: tuple[ErrorCause, ...] = ()
    intervals: tuple[PercentileInterval, ...] = ()  # p50, p90, p95, p99, as far as there are samples enough
    no_interval: str = ""  # why some or all are missing, such as `too short for an interval`

    @property
    def error_rate(self) -> float | None:
        """Share of samples that failed; None without samples."""
        return self.errors / self.count if self.count else None


class IntendedTimes(Frozen):
    """Response times counted from the moment at which a request should have been sent, in ms.

    Without them a target that stalls hides most of its stall: users who wait send nothing ("coordinated
    omission"). `method`: `schedule`, the moments that the plan gave, or `pace`, an estimate from the usual
    distance between the requests of a user.
    """

    label: str  # empty: all pooled
    method: Literal["schedule", "pace"]
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    late_share: float = 0.0  # samples that started later than they should have, by 10 ms at least
    worst_late_ms: float = 0.0


class PhaseStats(Frozen):
    """Figures of one phase of an attempt. Times are seconds since the load began."""

    phase: str  # `all`, `warm_up`, `steady`
    from_s: float
    to_s: float
    pooled: LabelStats
    labels: tuple[LabelStats, ...]
    transactions: tuple[LabelStats, ...] = ()  # whole iterations by journey: pauses not counted, no samples
    cases: tuple[LabelStats, ...] = ()  # requests of cases that ran beside the load: never measured
    intended: tuple[IntendedTimes, ...] = ()  # closed and throttled loads only; pooled first
    intended_because: str = ""  # why there are none


class Series(Frozen):
    """Per-second series of an attempt, aligned: index 0 is the first second of the load.

    Throughput and percentiles are by the second in which a sample ended. None: nothing to show.
    """

    start_ms: int  # epoch milliseconds of index 0
    asked_per_s: tuple[float | None, ...] = ()
    samples: tuple[int, ...] = ()
    errors: tuple[int, ...] = ()
    users: tuple[int | None, ...] = ()
    p50_ms: tuple[float | None, ...] = ()
    p95_ms: tuple[float | None, ...] = ()
    p99_ms: tuple[float | None, ...] = ()


class ResourceSeries(Frozen):
    """One metric of one component over time, as monitored. `t_s` counts from the start of the load."""

    component: str  # `host`, `target`, `jmeter`, `perfpilot`, `neighbours`, or a server's name
    metric: str  # such as `cpu_share`, `rss_bytes`
    t_s: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


class FileHealth(Frozen):
    """What the result file itself was like."""

    rows: int  # whole, good rows
    journeys: int = 0  # of them, rows of whole journeys, which are no requests
    rejected: int = 0  # rows that could not be read, each located in `rejects`
    rejects: tuple[str, ...] = ()  # `line 17: wrong column count (9 of 17)`, the first few
    torn_tail: bool = False  # bytes after the last whole row, left out
    extra_headers: int = 0


class LoadWindow(Frozen):
    """Little's law in one stretch of the steady phase: users = throughput x (response time + think time)."""

    from_s: float
    to_s: float
    users: float | None = None  # at work, on average
    explained: float | None = None  # by response and think times
    reached: float | None = None  # load reached / load asked
    ok: bool = True


class GeneratorHealth(Frozen):
    """Whether the load was real. A limited generator makes latency and throughput undecided."""

    limited: bool
    reasons: tuple[str, ...] = ()
    achieved_load: float | None = None  # load reached / load asked, steady phase: `analysis.certain_load`
    cpu_share: float | None = None  # mean share of one host's cores that JMeter used
    in_flight_mean: float | None = None  # Little's law: throughput x response time
    windows: tuple[LoadWindow, ...] = ()
    late_p95_ms: float | None = None  # how late requests started, against the schedule
    late_worst_ms: float | None = None
    gc_share: float | None = None  # of the steady phase that JMeter's collector stood still
    gc_longest_ms: float | None = None
    heap_share: float | None = None  # peak of the heap in use after a collection / its maximum
    threads_peak: int | None = None
    sockets_peak: int | None = None
    notes: tuple[str, ...] = ()  # what came near a limit without being one


class SteadyState(Frozen):
    """The stretch in which load and answers were in balance, as found. Seconds since the load began."""

    found: bool
    from_s: float = 0.0
    to_s: float = 0.0
    ramp_s: float = 0.0  # until the load stood
    warm_up_s: float = 0.0  # further, until the answers stood
    tail_s: float = 0.0  # at the end, while the load went down
    because: str = ""


class Attempt(Frozen):
    """What `collect` makes of one JMeter start."""

    number: int
    started_ms: int
    ended: str  # `completed`, `stopped`, `aborted`, `early_failure`, `generator_died`, `not_started`
    detail: str = ""  # a sentence on how it ended
    phases: tuple[PhaseStats, ...] = ()
    generator: GeneratorHealth = GeneratorHealth(limited=False)
    steady: SteadyState | None = None  # as found; `phases` go by it where the plan says no warm-up of its own
    files: FileHealth = FileHealth(rows=0)
    clock_step_s: float = 0.0  # largest jump of the wall clock against the monotonic one
    valid: bool = True  # false: spec repaired or evidence spoiled; its figures decide nothing
    invalid_because: str = ""
    spoiled: bool = False  # something outside the system under test spoiled the evidence

    def phase(self, name: str) -> PhaseStats | None:
        """The phase of that name, if the attempt reached it."""
        return next((phase for phase in self.phases if phase.phase == name), None)
