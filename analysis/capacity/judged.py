"""What each level showed: whether it met the thresholds, how sure that is, and whether it was saturated.

A level is lost where a threshold is broken; and, as the bounds of `knee` and of the search have it, where 5 %
of its samples failed, its p95 was five times that of the lowest level, response times climbed while the load
stood still, or less came or was completed than was asked. What a load generator may have caused is undecided.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from perfpilot.analysis.capacity.level_counts import LevelCount
from perfpilot.analysis.capacity.level_thresholds import at_level, cpu_at_level, slowness
from perfpilot.analysis.figures import figure
from perfpilot.analysis.knee import KEPT_UP, MOST_ERRORS, SLOWER, SLOWER_MS
from perfpilot.analysis.search.growth import FloatColumn, Growth, climb
from perfpilot.domain.capacity import CapacityLevel, LevelThreshold
from perfpilot.domain.measure import ResourceSeries
from perfpilot.domain.plan import Engine, Plan
from perfpilot.domain.thresholds import TIME_METRICS, Metric, Threshold

_DEVIATIONS = 3.0
_SATURATED = 2.5  # standard errors by which less was completed than came
_SHORT = 0.015  # a smaller share is never missing
_ELEVATED, _ELEVATED_MS = 1.25, 2.0
_GROWN, _GROWN_MS = 0.1, 12.0
_FEWEST = 10
_STALL_S = 0.25
_CPU_READINGS = 3
_STRETCHES = 10
_DOUBT = 2.0
_IN_BIN = 8  # arrivals at least
_LEAST_CHANCE = 0.01
_OF_QUARTILES = 0.7413 * 1.25  # distance of the quartiles -> standard error of a median of one sample
_TARGET = "target"


@dataclass(frozen=True)
class Around:
    """What is known of an attempt beside the counts of its levels.

    `cpu_scale`: host cores / cores that a component may use. `ended_s`: when the load ended; `aborted`: an
    abort line ended it.
    """

    plan: Plan
    thresholds: Sequence[Threshold] = ()
    resources: Sequence[ResourceSeries] = ()
    cpu_scale: Mapping[str, float] = field(default_factory=dict)
    ended_s: float = math.inf
    aborted: bool = False


def judged(levels: Sequence[LevelCount], around: Around) -> tuple[CapacityLevel, ...]:
    """The levels in order of time, as far as the load came."""
    begun = [level for level in levels if level.span.from_s < around.ended_s]
    calm = min(
        (one for one in begun if one.samples >= _FEWEST), key=lambda one: one.span.rate_per_s, default=None
    )
    usual = _usual(calm, around.plan)
    scatter = _scatter(begun, calm)
    return tuple(_judged(level, calm, usual, scatter, around) for level in begun)


@dataclass(frozen=True)
class _Seen:
    """A level with what follows from its counts."""

    level: LevelCount
    seconds: float
    asked: float
    completed: float | None  # per second
    error: float  # standard error of that
    p50_ms: float | None
    p95_ms: float | None
    calm_p50_ms: float
    calm_p95_ms: float
    growth: Growth | None

    @property
    def elevated(self) -> bool:
        """Whether requests wait for each other."""
        now, calm = self.p50_ms or 0.0, self.calm_p50_ms
        return now > _ELEVATED * calm and now - calm > _ELEVATED_MS

    @property
    def saturated(self) -> bool:
        """Whether less was completed than came or was asked, beyond chance, though requests waited."""
        came = max(self.level.samples, self.asked) / self.seconds
        if self.completed is None or not self.elevated:
            return False
        return came - self.completed > max(_SATURATED * self.error, _SHORT * came)


def _judged(
    level: LevelCount, calm: LevelCount | None, usual: float, scatter: float, around: Around
) -> CapacityLevel:
    span = level.span
    seconds = min(span.to_s, around.ended_s) - span.from_s
    seen = _see(level, calm, seconds, usual)
    lines = _lines(seen, around)
    met, sure, why = _met(seen, lines, around)
    per_arrival = usual * span.asked / (span.rate_per_s * span.seconds)
    n = level.samples
    return CapacityLevel(
        rate_per_s=span.rate_per_s,
        reached_per_s=n / seconds / per_arrival,
        completed_per_s=seen.completed,
        completed_error_per_s=seen.error if seen.completed is not None and seen.error < math.inf else None,
        samples_per_arrival=per_arrival,
        in_flight=level.elapsed_s / seconds if n else None,
        p50_ms=seen.p50_ms,
        p95_ms=seen.p95_ms,
        error_rate=level.errors / n if n else None,
        cpu_share=_cpu_share(span.from_s, span.from_s + seconds, around),
        from_s=span.from_s,
        seconds=seconds,
        chance=_work(scatter, n / per_arrival),
        met=met,
        sure=sure,
        saturated=seen.saturated,
        why=why,
        thresholds=lines,
    )


def _see(level: LevelCount, calm: LevelCount | None, seconds: float, usual: float) -> _Seen:
    calm_p50, calm_p95 = calm.times.quantiles((0.5, 0.95)) if calm else (None, None)
    p50, p95 = level.times.quantiles((0.5, 0.95))
    return _Seen(
        level=level,
        seconds=seconds,
        asked=level.span.asked * usual * seconds / level.span.seconds,
        completed=level.completed_per_s(0.0, seconds),
        error=_error(level, seconds),
        p50_ms=p50,
        p95_ms=p95,
        calm_p50_ms=calm_p50 or 0.0,
        calm_p95_ms=calm_p95 or 0.0,
        growth=_growth(level, seconds),
    )


def _lines(seen: _Seen, around: Around) -> tuple[LevelThreshold, ...]:
    """The thresholds at a level, with the bound on slowness where no line on all response times stands."""
    level = seen.level
    lines = [at_level(level, counted) for counted in level.thresholds]
    begin, end = level.span.from_s, level.span.from_s + seen.seconds
    if step := level.span.step:
        begin = step.from_s  # its holds are short, and a processor follows at once
    for line in around.thresholds:
        if line.metric is Metric.CPU and not line.abort:
            scale = around.cpu_scale.get(line.label, 1.0)
            lines.append(cpu_at_level(line, around.resources, begin, end, scale))
    own = any(line.metric in TIME_METRICS and not line.label for line in around.thresholds if not line.abort)
    if not own and seen.calm_p95_ms:
        slow = slowness(level, max(SLOWER * seen.calm_p95_ms, seen.calm_p95_ms + SLOWER_MS))
        lines += [slow] if slow else []
    return tuple(lines)


def _met(seen: _Seen, lines: Sequence[LevelThreshold], around: Around) -> tuple[bool | None, bool, str]:
    """Met, broken or undecided; whether that is beyond chance; and why."""
    span = seen.level.span
    if around.aborted and around.ended_s <= span.to_s:
        return False, True, "the load was aborted there"
    if span.step is not None:
        return _of_search(seen, lines)
    broken = [line for line in lines if line.met is False]
    if broken:
        sure = seen.saturated or any(line.sure for line in broken)
        return False, sure, f"{broken[0].text} was broken"
    if lost := _lost(seen):
        return False, seen.saturated, lost
    if short := _short(seen, around.plan):
        return (False, seen.saturated, short) if seen.elevated else (None, False, f"{short}, in calm")
    undecided = next((line.reason for line in lines if line.met is None), "")
    if undecided or seen.level.samples < _FEWEST or seen.seconds < span.seconds / 2:
        return None, False, undecided or "it was not held for long enough"
    return True, all(line.sure for line in lines), ""


def _of_search(seen: _Seen, lines: Sequence[LevelThreshold]) -> tuple[bool | None, bool, str]:
    """What the search decided when it could still look on. A processor is judged here alone, and counts."""
    step = seen.level.span.step
    if step is None or step.kept is None:
        return None, False, "the search did not judge it"
    if not step.kept:
        sure = seen.saturated or any(line.met is False and line.sure for line in lines)
        return False, sure, step.lost
    for line in lines:
        if line.unit == "%" and line.text.startswith(Metric.CPU) and not line.met:
            return line.met, line.sure, line.reason or f"{line.text} was broken"
    return True, all(line.met is not None and line.sure for line in lines), ""


def _lost(seen: _Seen) -> str:
    """How a level was lost that no line broke."""
    level = seen.level
    if level.samples >= _FEWEST and level.errors > MOST_ERRORS * level.samples:
        return f"{figure(100 * level.errors / level.samples, '%')} of its samples failed"
    moved = seen.growth
    if moved and moved.beyond(max(_GROWN * seen.calm_p50_ms, _GROWN_MS)):
        return f"response times climbed by {figure(moved.rise_ms, 'ms')} in {figure(seen.seconds, 's')}"
    if seen.saturated:
        return f"{figure(seen.completed or 0.0, '/s')} were completed while more came"
    return ""


def _short(seen: _Seen, plan: Plan) -> str:
    """Load that was asked for and did not come, beyond chance and a short stall."""
    if not seen.asked:
        return ""
    missing = 1 - seen.level.samples / seen.asked
    if missing <= 1 - KEPT_UP or missing <= max(_chance(plan, seen.asked), _STALL_S / seen.seconds):
        return ""
    return f"{figure(100 * (1 - missing), '%')} of the load asked was reached"


def _chance(plan: Plan, asked: float) -> float:
    """Three standard deviations of the load reached where arrivals are random, as a share."""
    open_ones = [s for s in plan.scenarios if s.measured and s.engine is Engine.OPEN_SCHEDULE]
    random = [s.certain_requests for s in open_ones if not s.even_arrivals]
    return _DEVIATIONS * math.sqrt(max(random) / asked) if random else 0.0


def _scatter(levels: Sequence[LevelCount], calm: LevelCount | None) -> float:
    """How much the work of a hold scatters: squared coefficients of variation of arrivals and of work."""
    work = calm.variation if calm and calm.variation is not None else 1.0
    return _unevenness(levels) + work


def _unevenness(levels: Sequence[LevelCount]) -> float:
    """Index of dispersion of the arrivals: 1 at random moments (Poisson), about 0 where they are even.

    From the differences of neighbours, so that a load that falls does not count as scattered.
    """
    squares = counts = 0.0
    for level in levels:
        per_bin = level.samples / max(len(level.began), 1)
        length = max(math.ceil(_IN_BIN / max(per_bin, 1e-9)), 1)
        whole = level.began[: len(level.began) // length * length].reshape(-1, length).sum(axis=1)
        if len(whole) > 1:
            squares += float(np.sum(np.diff(whole) ** 2)) / 2
            counts += float(np.sum(whole[1:]))
    # Even arrivals fall on either side of an edge: a variance of a quarter that is none.
    return max(squares / counts - 1 / (4 * _IN_BIN), 0.0) if counts else 1.0


def _work(scatter: float, arrivals: float) -> float:
    """Share by which the work of so many arrivals is off at most, with 95 %; 0 where that is below 1 %."""
    off = _DOUBT * math.sqrt(scatter / max(arrivals, 1.0))
    return min(off, 1.0) if off >= _LEAST_CHANCE else 0.0


def _usual(calm: LevelCount | None, plan: Plan) -> float:
    """Samples of an arrival, as a multiple of those that are certain: the lowest level says how many the
    steps under a condition make."""
    conditional = any(step.only_if for s in plan.scenarios if s.measured for step in s.steps)
    if calm is None or not conditional or not calm.span.asked:
        return 1.0
    return max(calm.samples / calm.span.asked, 1.0)


def _error(level: LevelCount, seconds: float) -> float:
    """Standard error of what was completed a second, from the differences of neighbouring stretches.

    Neighbours, so that a target that becomes slower does not count as scattered.
    """
    length = max(round(seconds / _STRETCHES * 10), 1)
    bins = level.completed[: math.floor(seconds * 10 / length) * length]
    counts: FloatColumn = bins.reshape(-1, length).sum(axis=1) / (length / 10)
    if len(counts) < 3:
        return math.inf
    return math.sqrt(float(np.sum(np.diff(counts) ** 2)) / (2 * (len(counts) - 1)) / len(counts))


def _growth(level: LevelCount, seconds: float) -> Growth | None:
    blocks = [b for b in level.blocks if b.times.size >= 4 and (b.from_s + b.to_s) / 2 <= seconds]
    quartiles = [block.times.quantiles((0.25, 0.5, 0.75)) for block in blocks]
    middle = np.array([q[1] or 0.0 for q in quartiles])
    scattered = [
        _OF_QUARTILES * ((q[2] or 0.0) - (q[0] or 0.0)) / math.sqrt(block.times.size)
        for q, block in zip(quartiles, blocks, strict=True)
    ]
    at = np.array([(block.from_s + block.to_s) / 2 for block in blocks])
    return climb(at, middle, np.array(scattered))


def _cpu_share(from_s: float, to_s: float, around: Around) -> float | None:
    scale = around.cpu_scale.get(_TARGET, 1.0)
    readings = [
        value * scale
        for series in around.resources
        if series.component == _TARGET and series.metric == "cpu_share"
        for t_s, value in zip(series.t_s, series.values, strict=True)
        if from_s <= t_s < to_s
    ]
    return sum(readings) / len(readings) if len(readings) >= _CPU_READINGS else None
