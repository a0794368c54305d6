"""What follows from a capacity: the head room over the expected load, and what other loads would take.

A projection from one measured environment is an estimate. What it assumes is said with it.
"""

from __future__ import annotations

import math

from perfpilot.domain.capacity import Capacity, HeadRoom, Scalability, Scaling, ScalingStep

SAFE_SHARE = 0.75
"""Of the capacity, to be used at the peak: the middle of the usual 70 to 80 %, so that bursts and the loss of
an instance find room."""

MULTIPLES = (1.5, 2.0, 3.0, 5.0)
_SECONDS_AN_HOUR = 3600
_MILLION = 1e6
_MOST_INSTANCES = 100_000


def head_room(capacity: Capacity, expected_per_s: float | None) -> HeadRoom | None:
    """The capacity against the expected load; None without either."""
    if not expected_per_s or not capacity.estimated or capacity.rate_per_s is None:
        return None
    low, high = capacity.low_per_s, capacity.high_per_s
    return HeadRoom(
        expected_per_s=expected_per_s,
        share=capacity.rate_per_s / expected_per_s - 1,
        low=None if low is None else low / expected_per_s - 1,
        high=None if high is None else high / expected_per_s - 1,
    )


def scaling(
    capacity: Capacity,
    *,
    instances: int = 1,
    cost_per_hour: float | None = None,
    currency: str = "",
    expected_per_s: float | None = None,
    samples_per_arrival: float = 1.0,
) -> Scaling | None:
    """Instances and cost for 1.5, 2, 3 and 5 times the expected load, or the capacity where none is given.

    Sized by the low end of the capacity's interval. None where nothing was estimated.
    """
    sized = capacity.low_per_s if capacity.low_per_s is not None else capacity.rate_per_s
    if not capacity.estimated or capacity.rate_per_s is None or not sized:
        return None
    base = expected_per_s or capacity.rate_per_s
    steps = []
    for times in MULTIPLES:
        rate = times * base
        relative = rate / (SAFE_SHARE * sized)
        count = max(math.ceil(instances * relative - 1e-9), 1)
        cost = None if cost_per_hour is None else cost_per_hour * count / instances
        contended = _contended(relative, instances, capacity.scalability)
        steps.append(
            ScalingStep(
                rate_per_s=rate, instances=count, cost_per_hour=cost, instances_if_contended=contended
            )
        )
    per_hour = capacity.rate_per_s * samples_per_arrival * _SECONDS_AN_HOUR
    return Scaling(
        instances=instances,
        cost_per_hour=cost_per_hour,
        currency=currency,
        cost_per_million=None if cost_per_hour is None else cost_per_hour / per_hour * _MILLION,
        steps=tuple(steps),
        assumptions=_assumptions(capacity.scalability, expected_per_s is not None),
    )


def _contended(relative: float, instances: int, law: Scalability) -> int | None:
    """Instances where k times as many carry k / (1 + s (k - 1)) times the load; None: no number does."""
    contention = law.contention if law.fitted else None
    if contention is None:
        return None
    if relative <= 1:
        return max(math.ceil(instances * relative - 1e-9), 1)
    left = 1 - contention * relative
    times = relative * (1 - contention) / left if left > 0 else math.inf
    count = instances * times
    return math.ceil(count - 1e-9) if count <= _MOST_INSTANCES else None


def _assumptions(law: Scalability, expected: bool) -> tuple[str, ...]:
    said = [
        "instances share the load evenly, and each carries as much as those that were measured",
        f"at the peak {100 * SAFE_SHARE:.0f} % of the capacity is used, sized by the low end of its interval",
        "nothing that they share (a database, a network) is the limit before",
        "cost grows with the number of instances",
    ]
    if law.fitted and law.contention:
        said.append(
            f"the contention that was fitted, {law.contention:.2g}, is within what was measured; the second "
            "number of instances holds if it lies in something that all instances share"
        )
    if not expected:
        said.append("no expected load was given: loads are multiples of the capacity")
    return tuple(said)
