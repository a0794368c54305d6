"""Facts of the capacity: where it lies, what bounds it, and what follows for other loads."""

from __future__ import annotations

from perfpilot.analysis.capacity.estimate import ENOUGH_LEVELS
from perfpilot.analysis.facts.book import fact_name
from perfpilot.analysis.facts.row import Row
from perfpilot.domain.capacity import Capacity, CapacityLevel, LevelThreshold, Scaling
from perfpilot.domain.thresholds import parse_threshold

WANTED = 0.3
"""Head room over the expected load that is wanted, so that bursts and the loss of an instance find room: used
to three quarters at its peak, as `projection.SAFE_SHARE` has it, a target has a third left."""

_WHICH = ("first", "next", "third", "fourth")
"""Loads that the capacity is carried on to, as many as are spoken of."""


def capacity_rows(capacity: Capacity, expected_per_s: float | None = None) -> list[Row]:
    """Facts of a capacity, its levels in sum only. `expected_per_s`: the peak that production brings."""
    return [
        *_ends(capacity),
        *_levels(capacity),
        *_bound(capacity),
        *_law(capacity),
        *_head_room(capacity, expected_per_s),
        *(_scaling(capacity.scaling) if capacity.scaling else []),
    ]


def highest_kept(capacity: Capacity) -> CapacityLevel | None:
    """The highest level that met the thresholds below the first that was lost."""
    lost = first_lost(capacity)
    kept = [
        level
        for level in capacity.levels
        if level.met and (lost is None or level.rate_per_s < lost.rate_per_s)
    ]
    return max(kept, key=lambda level: level.rate_per_s, default=None)


def first_lost(capacity: Capacity) -> CapacityLevel | None:
    """The lowest level that did not meet the thresholds."""
    lost = [level for level in capacity.levels if level.met is False]
    return min(lost, key=lambda level: level.rate_per_s, default=None)


def first_broken(level: CapacityLevel) -> LevelThreshold | None:
    """The threshold that was broken at a level, the first that is known with its figure."""
    broken = [line for line in level.thresholds if line.met is False and line.value is not None]
    return next((line for line in broken if _known(line.text)), None)


def _known(text: str) -> bool:
    try:
        parse_threshold(text)
    except ValueError:
        return False
    return True


def _given(*rows: tuple[str, float | None, str, str]) -> list[Row]:
    return [Row(name, value, unit, words) for name, value, unit, words in rows if value is not None]


def _ends(capacity: Capacity) -> list[Row]:
    whole = capacity.estimated
    low = "lower end of the capacity" if whole else "capacity that was shown at least"
    high = "upper end of the capacity" if whole else "capacity that was shown at most"
    return _given(
        ("capacity.rate_per_s", capacity.rate_per_s, "/s", "capacity, highest arrival rate that held"),
        ("capacity.low_per_s", capacity.low_per_s, "/s", low),
        ("capacity.high_per_s", capacity.high_per_s, "/s", high),
        ("capacity.users_kept", capacity.users_kept, "users", "most users that met the thresholds"),
        (
            "capacity.users_lost",
            capacity.users_lost,
            "users",
            "fewest users that did not meet the thresholds",
        ),
    )


def _levels(capacity: Capacity) -> list[Row]:
    if not capacity.levels:
        return []
    kept, lost = highest_kept(capacity), first_lost(capacity)
    rates = [level.rate_per_s for level in capacity.levels]
    rows = _given(
        ("capacity.levels", len(set(rates)), "", "load levels that were held"),
        ("capacity.levels_needed", ENOUGH_LEVELS, "", "load levels that an estimate needs"),
        ("capacity.lowest_per_s", min(rates), "/s", "lowest level of load that was held"),
        ("capacity.highest_per_s", max(rates), "/s", "highest level of load that was held"),
        (
            "capacity.kept_per_s",
            kept.rate_per_s if kept else None,
            "/s",
            "highest level that met the thresholds",
        ),
        ("capacity.lost_per_s", lost.rate_per_s if lost else None, "/s", "lowest level that was lost"),
    )
    broken = first_broken(lost) if lost else None
    if broken and broken.value is not None:
        scale = 100.0 if broken.unit == "%" else 1.0
        words = f"the threshold {broken.text} at the lowest level that was lost"
        name = fact_name("capacity.lost_value", broken.text)
        rows.append(Row(name, broken.value * scale, broken.unit, f"value of {words}"))
    return rows


def _bound(capacity: Capacity) -> list[Row]:
    busiest = max((level.cpu_share for level in capacity.levels if level.cpu_share is not None), default=None)
    return _given(
        (
            "capacity.cpu_at_most",
            busiest and 100 * busiest,
            "%",
            "CPU share of the target, at its busiest level",
        ),
        (
            "capacity.bound_per_s",
            capacity.bound_per_s,
            "/s",
            "estimated bound, no load can exceed it",
        ),
        (
            "capacity.bound_in_flight",
            capacity.bound_in_flight,
            "",
            "requests in flight from which they must wait for each other",
        ),
    )


def _law(capacity: Capacity) -> list[Row]:
    law = capacity.scalability
    if not law.fitted:
        return []
    words = "by the Universal Scalability Law"
    return _given(
        (
            "capacity.contention",
            None if law.contention is None else 100 * law.contention,
            "%",
            f"contention {words}, share of the work that queues",
        ),
        ("capacity.peak_in_flight", law.peak_in_flight, "", f"requests in flight at the peak {words}"),
        ("capacity.peak_per_s", law.peak_per_s, "/s", f"peak {words}"),
        ("capacity.peak_low_per_s", law.peak_low_per_s, "/s", f"lower end of the peak {words}"),
        ("capacity.peak_high_per_s", law.peak_high_per_s, "/s", f"upper end of the peak {words}"),
    )


def _head_room(capacity: Capacity, expected_per_s: float | None) -> list[Row]:
    room = capacity.head_room
    expected = room.expected_per_s if room else expected_per_s
    if not expected:
        return []
    rows = [
        Row("head_room.expected_per_s", expected, "/s", "expected load, the peak that production brings"),
        Row("head_room.wanted", 100 * WANTED, "%", "head room that is wanted over the expected load"),
    ]
    if room is None:
        if capacity.low_per_s is not None:
            words = "head room over the expected load that was shown at least"
            rows.append(Row("head_room.low", 100 * (capacity.low_per_s / expected - 1), "%", words))
        if capacity.high_per_s is not None:
            words = "head room over the expected load that was shown at most"
            rows.append(Row("head_room.high", 100 * (capacity.high_per_s / expected - 1), "%", words))
        return rows
    return rows + _given(
        ("head_room.share", 100 * room.share, "%", "head room of the capacity over the expected load"),
        ("head_room.low", None if room.low is None else 100 * room.low, "%", "lower end of the head room"),
        ("head_room.high", None if room.high is None else 100 * room.high, "%", "upper end of the head room"),
    )


def _scaling(scaling: Scaling) -> list[Row]:
    rows = _given(
        ("scaling.instances", scaling.instances, "", "instances that were measured"),
        ("scaling.cost_per_hour", scaling.cost_per_hour, scaling.currency, "cost of them in an hour"),
        (
            "scaling.cost_per_million",
            scaling.cost_per_million,
            scaling.currency,
            "cost of a million requests at the capacity",
        ),
    )
    for number, (which, step) in enumerate(zip(_WHICH, scaling.steps, strict=False), start=1):
        at = f"for the {which} larger load"
        rows += _given(
            (f"scaling.load_per_s({number})", step.rate_per_s, "/s", f"the {which} larger load"),
            (f"scaling.needed({number})", step.instances, "", f"estimated instances {at}"),
            (
                f"scaling.contended({number})",
                step.instances_if_contended,
                "",
                f"estimated instances {at}, if they contend for what they share",
            ),
            (
                f"scaling.cost({number})",
                step.cost_per_hour,
                scaling.currency,
                f"estimated cost in an hour {at}",
            ),
        )
    return rows
