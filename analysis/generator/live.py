"""Whether the load is real while it runs: concerns about the load generator, for the live view.

The limits are those of `analysis.generator`, which judges after the run and decides. Here nothing is decided:
a concern says what a person should look at. It is told only where the target does not explain it, stays until
its figure is clearly better, and goes by means over the last seconds, so that it does not come and go.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from perfpilot.analysis.few_users import USERS_BUSY
from perfpilot.analysis.generator.health import BUSY_GENERATOR, BUSY_HOST, ENOUGH, MAIN_PART
from perfpilot.domain.live import LiveFigures, LiveGenerator
from perfpilot.domain.plan import Engine, Plan

FULL_MEMORY = 0.95
"""Share of the host's memory in use from which a JVM may be swapped out, or be killed by the kernel."""

STOLEN = 0.10
"""Share of the processor that a hypervisor gives to other machines: a clock that stands still this often
shows in every response time."""

_CPU_S = 5.0  # processor shares are means over so long
_LOAD_S = 10.0  # the load that was sent is compared over so long
_LEAST_READINGS = 3
_BETTER = 0.05  # a share must fall by so much before its concern ends
_DEVIATIONS = 3.0  # of a Poisson count: random arrivals vary by chance
_AT_WORK = BUSY_GENERATOR / 2  # a JMeter below this waits for something
_FOLLOWS_S = 2.0  # JMeter follows a new rate within this


@dataclass(frozen=True)
class _Look:
    """One tick."""

    t_s: float
    asked_per_s: float
    reached_per_s: float
    users: int
    fast: bool  # the target is known to answer as fast as before
    jmeter: float | None
    host: float | None


class GeneratorWatch:
    """Fed at each tick of one attempt."""

    def __init__(self, plan: Plan) -> None:
        paced = [s for s in plan.scenarios if s.engine is Engine.STEERED_RATE]
        self._paced_users = sum(scenario.users for scenario in paced)
        pauses: dict[str, list[float]] = {}
        for scenario in paced:
            for step in scenario.steps:
                pauses.setdefault(step.label, []).extend([step.think_time_s] * step.repeat)
        self._pause_s = {label: sum(found) / len(found) for label, found in pauses.items()}
        self._looks: deque[_Look] = deque()
        self._on: set[str] = set()

    def feed(
        self,
        figures: LiveFigures,
        *,
        asked_per_s: float,
        reached_per_s: float,
        response_high: bool | None,
        readings: Mapping[str, float] | None = None,
    ) -> LiveGenerator:
        """The health now.

        `asked_per_s` and `reached_per_s`: means over the same last whole seconds, of the load that can be
        counted ahead (see `certain_load`); under a steered load what was applied, not what the plan drew.
        0 asked: only users are given. `response_high`: whether the target answers slower than before, None
        where that is not known; unless it is False nothing that was not sent is held against the generator.
        `readings`: newest values by `metric(component)`; `memory_share(host)` and `steal_share(host)`, both
        0..1, are looked at.
        """
        shares = figures.cpu_shares
        self._looks.append(
            _Look(
                t_s=figures.t_s,
                asked_per_s=asked_per_s,
                reached_per_s=reached_per_s,
                users=figures.users,
                fast=response_high is False,
                jmeter=shares.get("jmeter"),
                host=shares.get("host"),
            )
        )
        while self._looks[0].t_s < figures.t_s - _LOAD_S - 2 * _FOLLOWS_S:
            self._looks.popleft()
        jmeter, host = self._mean("jmeter"), self._mean("host")
        behind = self._behind()
        concerns = [
            *self._processor(jmeter, host, behind),
            *self._unsent(figures, behind),
            *self._machine(readings or {}),
        ]
        return LiveGenerator(cpu_share=jmeter, behind=behind, concerns=tuple(concerns))

    def _mean(self, component: str) -> float | None:
        since = self._looks[-1].t_s - _CPU_S
        values = [getattr(look, component) for look in self._looks if look.t_s >= since]
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if len(known) >= _LEAST_READINGS else None

    def _lately(self) -> list[_Look]:
        """The looks over which the load is compared. Those before them tell whether the rate just changed."""
        return [look for look in self._looks if look.t_s >= self._looks[-1].t_s - _LOAD_S]

    def _asked(self) -> float:
        """Samples asked lately."""
        looks = self._lately()
        return sum(look.asked_per_s for look in looks) / len(looks) * _LOAD_S

    def _behind(self) -> float | None:
        """Not sent / asked. A request under way was sent: an open schedule has one more user for each."""
        asked, looks = self._asked(), self._lately()
        if looks[-1].t_s - looks[0].t_s < _LOAD_S * 0.8 or asked <= 0:
            return None
        answered = sum(look.reached_per_s for look in looks) / len(looks) * _LOAD_S
        under_way = max(looks[-1].users - looks[0].users, 0)
        return min(max(1 - (answered + under_way) / asked, 0.0), 1.0)

    def _processor(self, jmeter: float | None, host: float | None, behind: float | None) -> list[str]:
        """JMeter at its limit; or a busy host of which JMeter is a main part, and a load that is short.

        As after the run, a busy host on which the whole load is sent is no trouble.
        """
        if jmeter is None:
            return []
        if self._at("jmeter", jmeter, BUSY_GENERATOR):
            return [f"JMeter uses {_percent(jmeter)} of the host's processor"]
        enough = ENOUGH + 0.02 if "host" in self._on else ENOUGH
        short = behind is None or behind > 1 - enough
        main = host is not None and jmeter >= MAIN_PART * host
        if self._at("host", host if short and main else 0.0, BUSY_HOST) and host is not None:
            return [f"the host's processor is {_percent(host)} busy, JMeter uses {_percent(jmeter)}"]
        return []

    def _unsent(self, figures: LiveFigures, behind: float | None) -> list[str]:
        """The load that was not sent although the target answers as fast as before and users were free."""
        sure = 0.5 if "unsent" in self._on else 1.0
        telling = (
            behind is not None
            and behind * self._asked() > sure * self._explained(figures)
            and all(look.fast for look in self._lately())
            and not self._users_bound(figures)
        )
        if not self._at("unsent", behind if telling else 0.0, 1 - ENOUGH, better=0.02) or behind is None:
            return []
        answers = "although the target answers as fast as before"
        return [f"{_percent(behind)} of the load asked was not sent, {answers}"]

    def _explained(self, figures: LiveFigures) -> float:
        """Samples that may be missing by chance, that are under way, or of a rate that just changed."""
        chance = _DEVIATIONS * math.sqrt(self._asked())
        under_way = sum(row.rate_per_s * (row.p95_ms or 0.0) / 1000 for row in figures.labels)
        asked = [look.asked_per_s for look in self._looks]
        return chance + under_way + (max(asked) - min(asked)) * _FOLLOWS_S

    def _users_bound(self, figures: LiveFigures) -> bool:
        """Whether users who share a rate may have been the limit: too few of them, or in requests that hang.

        A request that hangs leaves no figure before its time-out. But a JMeter whose users wait is idle.
        """
        if not self._paced_users:
            return False
        busy = sum(
            row.rate_per_s * ((row.p95_ms or 0.0) / 1000 + self._pause_s[row.label])
            for row in figures.labels
            if row.label in self._pause_s
        )
        return busy >= USERS_BUSY * self._paced_users or (self._mean("jmeter") or 0.0) < _AT_WORK

    def _machine(self, readings: Mapping[str, float]) -> list[str]:
        found = []
        memory, stolen = readings.get("memory_share(host)"), readings.get("steal_share(host)")
        if self._at("memory", memory, FULL_MEMORY, better=0.02) and memory is not None:
            found.append(f"the host's memory is {_percent(memory)} full: JMeter may be slowed or killed")
        if self._at("stolen", stolen, STOLEN) and stolen is not None:
            found.append(f"the hypervisor gives {_percent(stolen)} of the host's processor to other machines")
        return found

    def _at(self, name: str, value: float | None, limit: float, better: float = _BETTER) -> bool:
        """Whether a value is at its limit, or was and is not clearly better yet."""
        if value is not None and value >= (limit - better if name in self._on else limit):
            self._on.add(name)
            return True
        self._on.discard(name)
        return False


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
