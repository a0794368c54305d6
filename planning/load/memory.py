"""How much heap the load generator needs for a plan.

Measured with JMeter 5.6.3 on Java 17 (`benchmarks/generator_memory.py`: what a full collection leaves
after every user had made requests):

| users | steps | body | how they run | live MB |
|---|---|---|---|---|
| 50 / 200 / 500 / 1000 | 1 | 100 B | thread group | 19 / 29 / 48 / 80 |
| 200 | 20 | 100 B | thread group | 42 |
| 200 | 1 | 0.1 MB / 1 MB | thread group | 48 / 220 |
| 200 / 500 / 1000 | 1 | 100 B | behind a gate | 30 / 51 / 85 |
| 200 / 500 / 1000 | 1 | 100 B | taking turns | 39 / 72 / 128 |

So 16 MB for JMeter itself, 0.064 MB a user, 0.0035 MB a user and step, 0.048 MB for the script engine of a
user who takes turns, and each user's last response, byte for byte. A sample leaves some 0.2 MB of garbage.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from perfpilot.domain.plan import Engine, Scenario

LEAST_MB, MOST_MB = 256, 4096
RESPONSE_MB = 0.25
"""Responses are not known before a run; JMeter is told to keep 1 MB of one at most."""

_JMETER_MB = 16.0
_USER_MB, _STEP_MB, _TURNS_MB = 0.064, 0.0035, 0.048
_GARBAGE_MB, _MOST_GARBAGE_MB = 0.25, 512.0  # of one sample; room for one second of them
_SPARE = 2.0  # a collector that has as much again as what lives is seldom at work
_RESPONSE_S = 0.1  # what a request takes where nothing else is known


def heap_mb(scenarios: Iterable[Scenario]) -> int:
    """The heap for a load, in mebibytes: twice what will live in it, and room for a second of garbage.

    For an open schedule the users are those of the worst case, in which every response times out: those who
    wait hold no response.
    """
    live, garbage = _JMETER_MB, 0.0
    for scenario in scenarios:
        per_s = _samples_per_s(scenario)
        own = _USER_MB + _STEP_MB * len(scenario.steps)
        if scenario.engine is Engine.STEERED_RATE:
            own += _TURNS_MB
        is_open = scenario.engine is Engine.OPEN_SCHEDULE
        holding = min(scenario.users, math.ceil(per_s)) if is_open else scenario.users
        live += scenario.users * own + holding * RESPONSE_MB
        garbage += per_s * _GARBAGE_MB
    needed = live * _SPARE + min(garbage, _MOST_GARBAGE_MB)
    return min(max(math.ceil(needed / 64) * 64, LEAST_MB), MOST_MB)


def heap_note(scenarios: Iterable[Scenario]) -> str:
    """The heap in a sentence, for people."""
    every = tuple(scenarios)
    users = sum(scenario.users for scenario in every)
    return f"generator: heap {heap_mb(every)} MB for {users} user{'' if users == 1 else 's'}"


def _samples_per_s(scenario: Scenario) -> float:
    if scenario.curve.unit == "rate_per_s":
        return scenario.curve.peak * scenario.requests
    iteration_s = scenario.think_time_s + scenario.requests * _RESPONSE_S
    return scenario.users * scenario.requests / iteration_s if iteration_s else 0.0
