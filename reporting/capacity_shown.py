"""The capacity for a reader: the answer, its levels, the head room, and what other loads would take."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.domain.capacity import Capacity, CapacityLevel, Scalability, Scaling
from perfpilot.reporting import figures


@dataclass(frozen=True)
class LevelRow:
    """One level, in words for a table."""

    mark: str
    tone: str  # good, bad, unsure: a class of the style sheet
    asked: str
    reached: str
    carried: str
    in_flight: str
    p95: str
    errors: str
    cpu: str
    seconds: str
    why: str


@dataclass(frozen=True)
class ScalingRow:
    """A load and what it would take, in words for a table."""

    rate: str
    instances: str
    contended: str
    cost: str


def short_answer(capacity: Capacity) -> str:
    """`262.5/s (240.0/s to 285.0/s)`, `40 to 45 users`, `at least 300.0/s`; empty where nothing is known."""
    if capacity.estimated and capacity.rate_per_s is not None:
        between = _between(capacity)
        return figures.rate(capacity.rate_per_s) + (f" ({between})" if between else "")
    if capacity.users_kept is not None:
        most = f" to {capacity.users_lost:,}" if capacity.users_lost is not None else " or more"
        return f"{capacity.users_kept:,}{most} users"
    if capacity.low_per_s is not None and capacity.high_per_s is not None:
        return f"between {figures.rate(capacity.low_per_s)} and {figures.rate(capacity.high_per_s)}"
    if capacity.low_per_s is not None:
        return f"at least {figures.rate(capacity.low_per_s)}"
    if capacity.high_per_s is not None:
        return f"less than {figures.rate(capacity.high_per_s)}"
    return ""


def answer(capacity: Capacity) -> str:
    """The answer as sentences, or why there is none."""
    because = capacity.because
    if capacity.estimated and capacity.rate_per_s is not None:
        sure = _between(capacity)
        said = f"{figures.rate(capacity.rate_per_s)} is the highest arrival rate that meets the thresholds"
        said += f"; with 95 % confidence it lies between {sure.replace(' to ', ' and ')}" if sure else ""
        return f"{said}. {because[:1].upper()}{because[1:]}." if because else f"{said}."
    if capacity.users_kept is not None:
        lost = f"; {capacity.users_lost:,} did not" if capacity.users_lost is not None else ""
        return f"{capacity.users_kept:,} users at once met the thresholds{lost}."
    seen = short_answer(capacity)
    reason = f"Not estimated: {because}." if because else "Not estimated."
    return f"{reason} From what was seen it is {seen}." if seen else reason


def level_rows(capacity: Capacity) -> tuple[LevelRow, ...]:
    """The levels from the lowest rate to the highest, those of one rate in the order they were held."""
    return tuple(_level_row(level) for level in sorted(capacity.levels, key=lambda one: one.rate_per_s))


def with_cpu(capacity: Capacity) -> bool:
    """Whether the processor of the target was seen at any level."""
    return any(level.cpu_share is not None for level in capacity.levels)


def head_room_words(capacity: Capacity) -> str:
    """`31 % head room (20 % to 42 %) over the 200.0/s expected`; empty where no load is expected."""
    room = capacity.head_room
    if room is None:
        return ""
    between = ""
    if room.low is not None and room.high is not None:
        between = f" ({figures.change(room.low)} to {figures.change(room.high)})"
    expected = f"the {figures.rate(room.expected_per_s)} that is expected"
    if room.share < 0:
        return f"It is {figures.share(-room.share)} below {expected}{between}."
    unsure = room.low is not None and room.low < 0
    return (
        f"Head room: {figures.share(room.share)} over {expected}{between}"
        f"{'; the low end does not carry it' if unsure else ''}."
    )


def bound_words(capacity: Capacity) -> str:
    """What can't be passed whatever the thresholds allow; empty where no level was looked at."""
    if not capacity.levels:
        return ""
    if capacity.bound_per_s is None:
        because = capacity.bound_because
        return f"{because[:1].upper()}{because[1:]}." if because else ""
    said = f"No more than {figures.rate(capacity.bound_per_s)} can be carried: {capacity.bound_because}."
    if capacity.bound_in_flight is not None:
        said += f" From {figures.digits(capacity.bound_in_flight)} requests under way on they wait."
    return said


def law_words(law: Scalability) -> str:
    """The Universal Scalability Law as it was fitted, or why it was not."""
    if not law.fitted:
        return f"The Universal Scalability Law was not fitted: {law.because}."
    said = (
        f"Universal Scalability Law: {figures.share(law.contention)} of the work queues (contention), "
        f"{figures.share(law.coherency)} is the cost of each pair that must agree (coherency), one request "
        f"at a time is carried {figures.digits(law.one_per_s)} times a second."
    )
    if law.peak_per_s is None or law.peak_in_flight is None:
        return f"{said} Its peak is not given ({law.because})." if law.because else said
    between = ""
    if law.peak_low_per_s is not None and law.peak_high_per_s is not None:
        between = f" ({figures.rate(law.peak_low_per_s)} to {figures.rate(law.peak_high_per_s)})"
    under_way = figures.digits(law.peak_in_flight)
    return f"{said} It peaks at {figures.rate(law.peak_per_s)}{between} with {under_way} requests under way."


def scaling_rows(scaling: Scaling) -> tuple[ScalingRow, ...]:
    """A row for each load. Estimates; `Scaling.assumptions` says on what."""
    law = any(step.instances_if_contended is not None for step in scaling.steps)
    return tuple(
        ScalingRow(
            rate=figures.rate(step.rate_per_s),
            instances=figures.count(step.instances),
            contended=figures.count(step.instances_if_contended)
            if step.instances_if_contended is not None
            else ("no number is enough" if law else ""),
            cost=money(step.cost_per_hour, scaling.currency),
        )
        for step in scaling.steps
    )


def cost_words(scaling: Scaling) -> str:
    """What was measured and what it cost; empty where no cost is known."""
    if scaling.cost_per_hour is None:
        return ""
    many = "1 instance" if scaling.instances == 1 else f"{scaling.instances:,} instances"
    cost = f"{many} at {money(scaling.cost_per_hour, scaling.currency)} an hour"
    million = money(scaling.cost_per_million, scaling.currency)
    return f"{cost}: a million requests cost {million} at the capacity."


def money(value: float | None, currency: str) -> str:
    """An amount with its currency: `1.20 EUR`."""
    if value is None:
        return figures.DASH
    amount = f"{value:,.2f}" if value >= 0.1 or value == 0 else figures.digits(value, 2)
    return f"{amount} {currency}".strip()


def _between(capacity: Capacity) -> str:
    if capacity.low_per_s is None or capacity.high_per_s is None:
        return ""
    return f"{figures.rate(capacity.low_per_s)} to {figures.rate(capacity.high_per_s)}"


def _level_row(level: CapacityLevel) -> LevelRow:
    mark, tone = {True: ("✓", "good"), False: ("✗", "bad"), None: ("?", "unsure")}[level.met]
    near = "" if level.sure or level.met is None else "within what chance could do"
    return LevelRow(
        mark=mark,
        tone=tone,
        asked=figures.rate_number(level.rate_per_s),
        reached=figures.rate_number(level.reached_per_s),
        carried=figures.rate_number(level.carried_per_s),
        in_flight=figures.digits(level.in_flight),
        p95=figures.digits(level.p95_ms),
        errors=figures.share(level.error_rate),
        cpu=figures.share(level.cpu_share),
        seconds=figures.seconds(level.seconds) if level.seconds else figures.DASH,
        why="; ".join(filter(None, (level.why, near, "saturated" if level.saturated else ""))),
    )
