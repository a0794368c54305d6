"""How many users a load needs."""

from __future__ import annotations

import math

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
