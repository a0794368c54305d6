"""How many users a load needs, and how long to warm up."""

from __future__ import annotations

import math

from perfpilot.domain.load import LoadCurve

HEAD_ROOM = 1.5
"""Users above what Little's law asks for: response times vary, and a user who is late must not cost load."""

LEAST_USERS = 2


def users_for(rate_per_s: float, requests: int, response_s: float, think_time_s: float) -> int:
    """Users that keep up `rate_per_s` iterations of `requests` requests each.

    Little's law (doi:10.1287/opre.9.3.383): users = arrivals per second x time in the system, with head
    room.
    """
    iteration_s = requests * response_s + think_time_s
    by_little = math.ceil(round(rate_per_s * iteration_s * HEAD_ROOM, 6))
    return max(LEAST_USERS, by_little)


def open_bound(peak_per_s: float, requests: int, response_timeout_s: float, think_time_s: float = 0.0) -> int:
    """Users that an open schedule has at once if every response takes until its time-out.

    JMeter's Open Model Thread Group starts a user for every arrival and has no bound of its own.
    """
    return math.ceil(round(peak_per_s * (requests * response_timeout_s + think_time_s), 6))


def warm_up_s(curve: LoadCurve) -> float:
    """Seconds at the start that say nothing about the target: the first ramp, and a tenth of the rest.

    The tenth lies between 2 s and 30 s. Never more than half of the run.
    """
    ramp_s = 0.0
    for segment in curve.segments:
        if segment.start >= segment.end:
            break
        ramp_s += segment.duration_s
    rest_s = curve.duration_s - ramp_s
    return min(ramp_s + min(max(rest_s / 10, 2.0), 30.0), curve.duration_s / 2)
