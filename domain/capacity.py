"""How much load the target carries: the answer, its interval, and what follows from it."""

from __future__ import annotations

from perfpilot.domain.base import Frozen


class LevelThreshold(Frozen):
    """One threshold at one level: its figure there, and how far chance may have moved it.

    `best` and `worst` are what another stretch of the same length at the same level could show. Times in
    ms, shares as shares, rates per second. None: too few samples to say.
    """

    text: str
    limit: float
    unit: str = ""  # ms, %, /s or nothing; the figures of a share are shares all the same
    met: bool | None = None
    sure: bool = False  # neither the best nor the worst would be decided otherwise
    value: float | None = None
    best: float | None = None
    worst: float | None = None
    reason: str = ""  # why it is undecided


class CapacityLevel(Frozen):
    """A load that was held for a while, and what it showed."""

    rate_per_s: float  # arrivals asked for
    reached_per_s: float | None = None  # arrivals that came
    completed_per_s: float | None = None  # samples that succeeded
    completed_error_per_s: float | None = None  # standard error of it, from blocks of time
    samples_per_arrival: float = 1.0
    in_flight: float | None = None  # requests under way at a time, by Little's law
    p50_ms: float | None = None
    p95_ms: float | None = None
    error_rate: float | None = None
    cpu_share: float | None = None  # of the cores that the target may use; None: it was not watched
    from_s: float = 0.0  # since the load began; the samples that began from here on were looked at
    seconds: float = 0.0  # of the hold, as far as it was looked at
    chance: float = 0.0  # share by which the work asked of the target may have been more or less, by chance
    met: bool | None = None  # every threshold met, any broken, or undecided
    sure: bool = False  # beyond what chance within the hold could have done
    saturated: bool = False  # less was completed than came: more load would bring no more
    why: str = ""  # the threshold that was broken, or why nothing was decided
    thresholds: tuple[LevelThreshold, ...] = ()

    @property
    def carried_per_s(self) -> float | None:
        """Arrivals per second that were answered with success."""
        return None if self.completed_per_s is None else self.completed_per_s / self.samples_per_arrival


class Scalability(Frozen):
    """The Universal Scalability Law X(N) = a N / (1 + s (N - 1) + k N (N - 1)), where levels were enough."""

    fitted: bool
    because: str = ""  # why it was not fitted, or why its peak is not given
    one_per_s: float | None = None  # a: throughput of one request at a time
    contention: float | None = None  # s: share of the work that queues
    coherency: float | None = None  # k: cost of each pair that must agree
    peak_in_flight: float | None = None  # where throughput is highest; None: not reached by the levels
    peak_per_s: float | None = None
    peak_low_per_s: float | None = None
    peak_high_per_s: float | None = None


class HeadRoom(Frozen):
    """The capacity against the load that is expected."""

    expected_per_s: float
    share: float  # capacity / expected - 1; negative: the expected load is not carried
    low: float | None = None  # the same at the ends of the capacity's interval
    high: float | None = None


class ScalingStep(Frozen):
    """What a load would take, if instances share it evenly."""

    rate_per_s: float
    instances: int
    cost_per_hour: float | None = None
    instances_if_contended: int | None = None  # if the fitted contention is between them; None: never enough


class Scaling(Frozen):
    """A projection from one measured environment to other loads: an estimate, with what it assumes."""

    instances: int  # that were measured
    cost_per_hour: float | None = None  # of all of them
    currency: str = ""
    cost_per_million: float | None = None  # requests, at the capacity
    steps: tuple[ScalingStep, ...] = ()
    assumptions: tuple[str, ...] = ()


class Capacity(Frozen):
    """The highest arrival rate that meets the thresholds, or why it was not estimated.

    A search of the closed model counts users in its place. `low_per_s` and `high_per_s` are the interval of
    an estimate (95 %), or the bounds that were seen where there is none.
    """

    estimated: bool
    rate_per_s: float | None = None
    low_per_s: float | None = None
    high_per_s: float | None = None
    users_kept: int | None = None  # the most users that met the thresholds
    users_lost: int | None = None  # the fewest that did not
    because: str = ""
    levels: tuple[CapacityLevel, ...] = ()
    bound_per_s: float | None = None  # no load above can be carried: the asymptotic bound
    bound_because: str = ""  # which resource or which throughput gives it, or why there is no bound
    bound_in_flight: float | None = None  # requests under way from which they must wait: (R + Z) / D
    scalability: Scalability = Scalability(fitted=False, because="not analysed")
    head_room: HeadRoom | None = None  # None: the description says no expected load, or nothing was estimated
    scaling: Scaling | None = None
