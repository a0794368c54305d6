"""Steering: the control files that a running plan reads its load from follow the curves, or a search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from perfpilot.analysis.rows import Rows
from perfpilot.analysis.search.load_search import LoadSearch
from perfpilot.domain.events import EventKind
from perfpilot.domain.labels import is_measured
from perfpilot.domain.load_outcome import SmokeOutcome
from perfpilot.domain.plan import Scenario
from perfpilot.domain.search import SearchOutcome, SearchStep
from perfpilot.planning.load.searched import levels_of, requests_per_arrival
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.run_directory import RunDirectory, write_atomically
from perfpilot.tools.jmeter.jmx.groups import control_file, control_text
from perfpilot.tools.jmeter.prepare import Prepared

AHEAD_S = 0.5
"""From a number's moment on the curve to its use, on average: half the period in which files are written,
and what JMeter takes to read and to follow them. Numbers are written ahead by so much."""


def search_file(attempt: int) -> str:
    """Where the steps of an attempt's search stand, in the run directory."""
    return f"attempts/{attempt}/search.json"


class Steering:
    """Writes the control file of every steered scenario whenever another level is asked of it.

    A search is recorded step by step before the step takes effect, so that whoever finds the load after a
    crash goes on from what is known.
    """

    def __init__(self, run: RunDirectory, prepared: Prepared) -> None:
        self._run = run
        self._prepared = prepared
        self._plan = prepared.plan
        self._written: dict[str, str] = {}
        self._search: LoadSearch | None = None
        self._level = 0.0
        self._steps: dict[int, SearchStep] = {}
        self._over: SearchOutcome | None = None
        self._news: list[str] = []

    def begin(self, start_ms: int, labels: Sequence[str]) -> None:
        """The load began at that epoch time; a search goes on from the steps that are recorded."""
        search = self._plan.search
        if search is None:
            return
        earlier = self._run.read_or_none(search_file(self._prepared.attempt), SearchOutcome)
        self._steps = {step.number: step for step in earlier.steps} if earlier else {}
        smoked = self._run.read_or_none(f"attempts/{self._prepared.attempt}/smoke.json", SmokeOutcome)
        self._search = LoadSearch(
            search,
            start_ms=start_ms,
            labels=labels,
            measured=is_measured,
            requests_per_arrival=requests_per_arrival(self._plan),
            thresholds=self._prepared.spec.thresholds,
            earlier=tuple(self._steps.values()),
            unloaded_ms=smoked.unloaded_ms if smoked else None,
            iteration_s=max((s.think_time_s for s in self._plan.scenarios if s.searched), default=0.0),
        )

    def add(self, rows: Rows) -> None:
        """Samples as they are read: a search judges its levels by them."""
        if self._search:
            self._search.add(rows)

    def follow(self, t_s: float, *, concerns: Sequence[str] = ()) -> str:
        """Bring the control files to what is asked at this moment; says why a search is over, once it is."""
        if self._search and self._over is None:
            self._look(self._search, t_s, concerns)
        levels = levels_of(self._plan, self._level) if self._search else {}
        for number, scenario in enumerate(self._plan.scenarios, start=1):
            if scenario.engine.steered:
                level = levels.get(scenario.name, scenario.curve.level_at(_ahead(scenario, t_s)))
                self._write(number, scenario, level)
        return self._over.because if self._over else ""

    def floor(self, why: str) -> None:
        """Ask for nothing any more; a search that has no answer yet keeps what it knows."""
        for number, scenario in enumerate(self._plan.scenarios, start=1):
            if scenario.engine.steered:
                self._write(number, scenario, 0.0)
        if self._search and self._over is None:
            self._over = self._search.outcome(why)
            self._run.write(search_file(self._prepared.attempt), self._over)

    @property
    def asked_per_s(self) -> float | None:
        """Samples per second that a search asks for now; None: the plan's curves say."""
        if self._search is None or self._plan.search is None or self._plan.search.unit == "users":
            return None
        return self._level * requests_per_arrival(self._plan)

    @property
    def words(self) -> str:
        """What a search is doing, for people."""
        return self._search.words if self._search else ""

    def take_news(self) -> tuple[str, ...]:
        """Steps since the last call, in words."""
        news, self._news = tuple(self._news), []
        return news

    def _look(self, search: LoadSearch, t_s: float, concerns: Sequence[str]) -> None:
        tick = search.tick(max(t_s, 0.0), generator=concerns)
        changed = [*tick.ended, *([tick.begun] if tick.begun else [])]
        for step in changed:
            self._steps[step.number] = step
        if tick.outcome:
            self._over = tick.outcome
        if changed or tick.outcome:
            known = self._over or search.outcome("it goes on")
            self._run.write(search_file(self._prepared.attempt), known)
        for step in changed:
            text = step_in_words(step, search_unit=self._plan.search.unit if self._plan.search else "")
            self._news.append(text)
            append_event(
                self._run.path,
                EventKind.STEERING,
                text,
                attempt=self._prepared.attempt,
                level=step.level,
                t_s=round(t_s, 3),
                reached=step.reached,
                kept=step.kept,
            )
        self._level = tick.level

    def _write(self, number: int, scenario: Scenario, level: float) -> None:
        name, text = control_file(number, scenario), control_text(scenario, level)
        if self._written.get(name) != text:
            write_atomically(Path(self._prepared.directory) / name, text)
            self._written[name] = text


def step_in_words(step: SearchStep, *, search_unit: str) -> str:
    """One step for people: what was asked and why, or what it showed."""
    level = f"{step.level:.4g}/s" if search_unit == "rate_per_s" else f"{step.level:.0f} users"
    if step.to_s is None:
        return f"{step.phase.value} {level}: {step.why}"
    if step.kept is None:
        return f"{step.phase.value} {level} ended after {step.to_s - step.from_s:.0f} s"
    found = f"{level} was {'kept' if step.kept else 'lost'} in {step.to_s - step.from_s:.0f} s"
    return f"{found}: {step.lost}" if step.lost else found


def _ahead(scenario: Scenario, t_s: float) -> float:
    """The moment of the curve to write now. The plan itself begins and ends the load to the moment."""
    last_s = math.nextafter(scenario.curve.duration_s, 0.0)
    return max(0.0, t_s if t_s > last_s else min(t_s + AHEAD_S, last_s))
