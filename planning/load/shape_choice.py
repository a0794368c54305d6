"""A curve for every pattern that has only a level of interest: the shape of the test type, well sized."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from perfpilot.domain.base import Frozen
from perfpilot.domain.load_pattern import Constant, SearchLoad, Soak, Spike
from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Remark
from perfpilot.domain.spec import Spec, TestType
from perfpilot.domain.units import format_duration
from perfpilot.planning.guard.envelope import PROBES
from perfpilot.planning.load.curves import curve
from perfpilot.planning.load.demand import demand
from perfpilot.planning.load.durations import LEAST_S, LONGEST_OF_OTHERS_S, LONGEST_S, need
from perfpilot.planning.load.flows import Flow, flow_at
from perfpilot.planning.load.placement import whole_duration_s
from perfpilot.planning.load.sketches import BEYOND, HOLD_PER_RAMP, Shape, Sketch, sketch
from perfpilot.planning.load.warm_up import MOST_S
from perfpilot.planning.plan import EXPECTED_RESPONSE_S

_ROUND_S = 5  # holds are multiples of it: nobody measures a test in odd seconds

_NO_DURATION = "where a pattern has no duration"

Numbers = Sequence[int]  # of patterns, from 0


class _Hold(Frozen):
    """How long the levels of one pattern are held."""

    seconds: float
    because: str
    cut: str = ""  # by what, where more was wanted


def drawn(spec: Spec, policy: Policy | None = None) -> tuple[Spec, tuple[Remark, ...]]:
    """The description with a curve for every pattern, and a remark for each that was drawn here.

    The shape follows from `test_type`. Its levels are held until the strictest threshold has its samples,
    and no longer than the pattern's `duration`, `limits` and the policy allow. All patterns that are drawn
    hold equally long, as they make up one load together.
    """
    numbers = [number for number, pattern in enumerate(spec.load_patterns) if not pattern.shape]
    if not numbers:
        return spec, ()
    beyond, no_further = _beyond(spec, policy, numbers)
    sketches = _sketches(spec, numbers, beyond)
    holds = _holds(spec, policy, sketches)
    shapes = {n: s.draw(holds[n].seconds) for n, s in sketches.items()}
    effective = _with(spec, {n: (s.key, shapes[n]) for n, s in sketches.items()})
    remarks = tuple(
        Remark(
            severity="info",
            place=f"load_patterns.{n}.{s.key}",
            text=_sentence(s.words + no_further, shapes[n], holds[n]),
            source="planner",
        )
        for n, s in sketches.items()
    )
    return effective, remarks


def _sketches(spec: Spec, numbers: Numbers, beyond: float) -> dict[int, Sketch]:
    smoke = spec.test_type is TestType.SMOKE  # no other asks how many scenarios there are
    alone = len(spec.load_patterns) == 1 and spec.load_patterns[0].begins <= 0 and not spec.cases.share
    return {
        n: sketch(
            spec.test_type,
            spec.load_patterns[n],
            beyond,
            flow_at(spec, {n: 1.0}).scenarios if smoke else 1,
            alone=alone,
        )
        for n in numbers
    }


def _with(spec: Spec, shapes: Mapping[int, tuple[str, Shape]], *, steered: bool = False) -> Spec:
    patterns = list(spec.load_patterns)
    for number, (key, shape) in shapes.items():
        drop: dict[str, object] = {"rate_per_s": None, "users": None, "duration": None, key: shape}
        if steered or key == "search":
            drop["steered"] = True
        patterns[number] = patterns[number].model_copy(update=drop)
    return spec.model_copy(update={"load_patterns": tuple(patterns)})


def _sentence(words: str, shape: Shape, hold: _Hold) -> str:
    if isinstance(shape, SearchLoad):
        cut = hold.cut.partition(", ")[2]  # what would be right is told of holds
        return f"{words}; for {_told_s(shape.longest)} at most" + (f", {cut}" if cut else "")
    each = "" if isinstance(shape, Constant | Soak) else "each "
    jumps = isinstance(shape, Spike) or not shape.ramp
    ramp = "" if jumps else f", after a ramp of {_told_s(shape.ramp)} so that it does not jump"
    cut = f"; {hold.cut}" if hold.cut else ""
    return f"{words}; {each}held {_told_s(hold.seconds)}{ramp}: {hold.because}{cut}"


def _beyond(spec: Spec, policy: Policy | None, numbers: Numbers) -> tuple[float, str]:
    """The highest multiple of the level that limits and policy allow, and a word where that is not all."""
    multiples = BEYOND.get(spec.test_type, ())
    stopped = ""
    for multiple in multiples:
        sketches = _sketches(spec, numbers, multiple)
        search = any(each.key == "search" for each in sketches.values())
        peaks: dict[int, tuple[str, Shape]] = {n: ("constant", _peak(s)) for n, s in sketches.items()}
        asked = demand(_with(spec, peaks, steered=search))
        over = [
            name
            for value, (most, name) in (
                (asked.peak_rate_per_s or 0.0, _bound("rate_per_s", spec, policy)),
                (asked.least_users, _bound("users", spec, policy)),
            )
            if value > most * (1 + 1e-9)
        ]
        if not over:
            return multiple, stopped
        stopped = f" and no further because of {over[0]}"
    return 1.0, stopped  # what is more than allowed even so, the envelope refuses in its own words


def _peak(what: Sketch) -> Constant:
    """The highest level of a sketch, for a second."""
    return Constant(level=what.highest, duration=1.0)


def _holds(spec: Spec, policy: Policy | None, sketches: Mapping[int, Sketch]) -> dict[int, _Hold]:
    flow = flow_at(spec, {n: what.lowest for n, what in sketches.items()})
    least_s = max(LEAST_S[spec.test_type], *(HOLD_PER_RAMP * what.climb_s for what in sketches.values()))
    wish = _wish(spec, flow, least_s, [spec.load_patterns[n].model for n in sketches])
    holds = {n: _within_its_duration(spec, n, what, wish) for n, what in sketches.items()}
    for key, asked in (("duration", whole_duration_s), ("requests", _requests)):
        holds = _within_limit(spec, sketches, holds, _bound(key, spec, policy), asked)
    return holds


def _wish(spec: Spec, flow: Flow, least_s: float, models: Sequence[str]) -> _Hold:
    """The hold that the thresholds, the type and the data want."""
    kind = spec.test_type
    wanted = need(spec.thresholds, flow.samples_per_s, sharp=kind is not TestType.SMOKE)
    at = f" at {EXPECTED_RESPONSE_S * 1000:g} ms a response" if "closed" in models else ""
    samples = f"{wanted.line!r} wants {wanted.samples} samples, which come in {_told_s(wanted.seconds)}{at}"
    window = f" and {_told_s(wanted.window_s)} a window" if wanted.window_s else ""
    seconds = wanted.seconds + MOST_S + wanted.window_s if wanted.line else 0.0
    because = f"{samples}; up to {_told_s(MOST_S)} are warm-up{window}"
    if seconds < least_s:
        seconds = least_s
        because = f"the least for a {kind.value} test" + (f" ({samples})" if wanted.line else "")
    rows = max((len(values) for values in spec.test_data.values.values()), default=0)
    if kind is TestType.VOLUME and flow.iterations_per_s and rows / flow.iterations_per_s > seconds:
        seconds = rows / flow.iterations_per_s
        because = f"so long it takes until each of {rows} rows of test_data was used{at}"
    return _Hold(seconds=math.ceil(round(seconds / _ROUND_S, 6)) * float(_ROUND_S), because=because)


def _within_its_duration(spec: Spec, number: int, what: Sketch, wish: _Hold) -> _Hold:
    pattern, kind = spec.load_patterns[number], spec.test_type
    own_s = pattern.duration
    most_s = own_s or LONGEST_S.get(kind, LONGEST_OF_OTHERS_S)
    all_of_it = kind is TestType.SOAK and bool(own_s) and most_s > wish.seconds  # the longer the better
    if all_of_it:
        wish = _Hold(seconds=most_s, because="the duration that it was given, its ramp included")

    def fits(hold_s: float) -> bool:
        shaped = _with(spec, {number: (what.key, what.draw(hold_s))}).load_patterns[number]
        return curve(shaped).duration_s - pattern.begins <= most_s * (1 + 1e-9)

    held_s = _longest(wish.seconds, fits)
    if all_of_it or held_s == wish.seconds:
        return wish.model_copy(update={"seconds": held_s})
    return _shorter(
        wish, held_s, "its duration" if own_s else f"the bound of {_told_s(most_s)} {_NO_DURATION}"
    )


def _within_limit(
    spec: Spec,
    sketches: Mapping[int, Sketch],
    holds: Mapping[int, _Hold],
    bound: tuple[float, str],
    asked: Callable[[Spec], float],
) -> dict[int, _Hold]:
    most, name = bound

    def fits(hold_s: float) -> bool:
        shapes = {n: (s.key, s.draw(min(hold_s, holds[n].seconds))) for n, s in sketches.items()}
        return asked(_with(spec, shapes)) <= most * (1 + 1e-9)

    longest_s = _longest(max(hold.seconds for hold in holds.values()), fits)
    return {
        n: _shorter(hold, longest_s, name) if hold.seconds > longest_s else hold for n, hold in holds.items()
    }


def _shorter(hold: _Hold, seconds: float, by: str) -> _Hold:
    before = hold.cut or f"{_told_s(hold.seconds)} would be right, cut because of"
    return hold.model_copy(
        update={"seconds": seconds, "cut": f"{before}{' and of' if hold.cut else ''} {by}"}
    )


def _longest(most_s: float, fits: Callable[[float], bool]) -> float:
    """The longest hold up to `most_s` that fits: whole seconds, below one second milliseconds."""
    if fits(most_s):
        return most_s
    low, high = 0, math.ceil(most_s * 1000)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle / 1000) else (low, middle)
    return float(low // 1000) if low >= 1000 else max(low, 1) / 1000


def _requests(spec: Spec) -> float:
    """Requests of one attempt with all around it. Nobody knows them for users: the limit ends their load."""
    asked = demand(spec)
    return 0.0 if asked.requests is None else asked.requests + asked.one_pass + PROBES


def _bound(key: str, spec: Spec, policy: Policy | None) -> tuple[float, str]:
    """The lower of the description's limit and the policy's, and its name."""
    own = getattr(spec.limits, key)
    operators = math.inf if policy is None else float(getattr(policy, f"max_{key}"))
    if own is not None and own <= operators:
        return float(own), f"limits.{key}"
    return operators, f"the policy's max_{key}"


def _told_s(seconds: float) -> str:
    return format_duration(round(seconds, 3) if seconds < 1 else math.ceil(round(seconds, 6)))
